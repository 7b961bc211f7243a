"""The card field and the bank's page, as a customer meets them."""

from playwright.sync_api import FrameLocator, Page

FIELD, BANK = "iframe[title='Secure payment input frame']", "iframe[title='Bank authentication']"
PASS, FAIL = "Complete authentication", "Fail authentication"


def field(page: Page) -> FrameLocator:
    """Stripe's frame with the inputs."""
    return page.frame_locator(FIELD)


def type_card(page: Page, number: str) -> None:
    """Fill in a card that is valid until 2034."""
    field(page).get_by_label("Card number").fill(number)
    field(page).get_by_label("Expiration date").fill("12 / 34")
    field(page).get_by_label("Security code").fill("123")
    field(page).get_by_label("Postal code").fill("BS1 5TY")


def add_card(page: Page, number: str) -> None:
    """From the list of saved cards: open the form, type the card, send it."""
    page.get_by_role("button", name="Add a new card").click()
    type_card(page, number)
    page.get_by_role("button", name="Save card").click()


def at_the_bank(page: Page, answer: str = PASS) -> None:
    """What the customer does when the bank asks over the page."""
    page.frame_locator(BANK).get_by_role("button", name=answer).click()
