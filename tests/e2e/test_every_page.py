"""Every page in every state: axe-core finds nothing, on a light phone and a dark desk; all fits a small phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.demo.seed import seed
from tests.e2e.card_form import BANK, FAIL, add_card, at_the_bank, type_card
from tests.e2e.looks import faults
from tests.e2e.overdue import Overdue
from tests.e2e.sign_in import ask, sign_in, sign_in_link
from tests.e2e.watch import Watch
from tests.shop import CHARGE_FAILS, DECLINED, MASTERCARD, NEEDS_BANK, Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only
ADA, EVE = "ada@mail.example", "eve@mail.example"
LEAVES_THE_PAGE = "4000000000003063"


class Album:
    """The pages looked at, and what is wrong with each."""

    def __init__(self, stack: TestStack) -> None:
        self._stack = stack
        self.faults: dict[str, list[str]] = {}

    def look(self, page: Page, name: str, heading: str = "") -> None:
        """Look at the page as it is; `heading` says that it is the one we mean."""
        if heading:
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        self.faults[name] = faults(page)

    def open(self, page: Page, path: str, heading: str = "") -> None:
        """Load a page by its path, and look at it."""
        page.goto(self._stack.portal_url + path)
        self.look(page, path, heading)

    @property
    def wrong(self) -> dict[str, list[str]]:
        """The pages something is wrong with."""
        return {name: found for name, found in self.faults.items() if found}


@pytest.fixture
def album(stack: TestStack) -> Album:
    """No page looked at yet."""
    return Album(stack)


def test_pages_of_signing_in(
    page: Page, new_browser: Callable[..., Page], stack: TestStack, album: Album, watch: Watch
) -> None:
    watch.expect("(410|422): POST .*/sign-in")
    shop, other = Shop(stack), new_browser()
    for address in (ADA, EVE):
        shop.v1.customers.create({"email": address})
    album.open(page, "/sign-in", "Manage your billing")
    page.locator("form").evaluate("form => form.noValidate = true")
    page.get_by_label("E-mail address").fill("ada")
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    expect(page.get_by_role("alert")).to_contain_text("name@example.com")
    album.look(page, "no address")
    ask(page, stack, ADA)
    album.look(page, "sent", "Check your mail")
    page.get_by_label("6-digit code").fill("000000")
    page.get_by_role("button", name="Sign in with the code").click()
    album.look(page, "over", "doesn’t work any more")
    album.open(page, "/sign-in/link", "Sign in")
    other.goto(sign_in_link(stack, ADA))
    album.look(other, "retype", "One more step")
    other.get_by_label("E-mail address").fill(EVE)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("alert")).to_be_visible()
    album.look(other, "retyped wrong", "One more step")
    ask(page, stack, EVE)
    page.goto(sign_in_link(stack, ADA))
    page.get_by_role("button", name="Sign out", exact=True).wait_for()
    page.goto(sign_in_link(stack, EVE))
    album.look(page, "somebody else’s", "You’re already signed in")
    page.get_by_role("link", name="Stay signed in").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    album.look(page, "signed out", "Manage your billing")
    assert album.wrong == {}


class DemoPeople:
    """The demo people, walking about with the album."""

    def __init__(self, stack: TestStack, album: Album, new_browser: Callable[..., Page]) -> None:
        self.stack, self.album, self._new_browser = stack, album, new_browser
        seed(stack.stripe)
        stack.clock.follow()
        stack.provision()

    def at_home(self, mailbox: str) -> Page:
        """One of them, signed in."""
        page = self._new_browser()
        sign_in(page, self.stack, f"{mailbox}@mail.example")
        self.album.look(page, f"home of {mailbox}")
        return page

    def follow(self, page: Page, link: str, heading: str = "") -> str:
        """Press the first link that says this. Gives the path it leads to."""
        page.get_by_role("link", name=link).first.click()
        page.wait_for_load_state()
        self.album.look(page, f"{link}, page {len(self.album.faults)}", heading)
        return page.url.removeprefix(self.stack.portal_url)


@pytest.fixture
def people(stack: TestStack, album: Album, new_browser: Callable[..., Page]) -> DemoPeople:
    """The demo people with all that happened to them."""
    return DemoPeople(stack, album, new_browser)


def test_pages_of_a_plan_that_stands_still(page: Page, stack: TestStack, album: Album) -> None:
    shop = Shop(stack)
    customer = shop.customer(ADA)
    plans = {}
    for then in ("cancel", "unpaid"):
        stack.stripe.call("POST", "billing", {"after_retries": then})
        plans[then] = shop.plan(customer, f"Masterclass, {then}")
        stack.skip("PT2H")
        shop.v1.subscriptions.update(plans[then], {"default_payment_method": shop.card(customer, CHARGE_FAILS)})
        stack.skip("P31D")
        stack.skip("P31D")
    shop.v1.subscriptions.update(plans["unpaid"], {"default_payment_method": shop.card(customer, MASTERCARD)})
    sign_in(page, stack, ADA)
    album.open(page, f"/items/{plans['cancel']}", "Canceled")
    album.open(page, f"/items/{plans['unpaid']}", "Unpaid")
    page.get_by_role("link", name="Pay $398.00").click()
    album.look(page, "pay a plan", "Pay what is unpaid")
    page.get_by_role("button", name="Pay $398.00 now").click()
    album.look(page, "goes on", "Active")
    album.open(page, f"/items/{plans['cancel']}/card", "Change the card")
    page.get_by_role("button", name="Use this card and pay").click()
    album.look(page, "paid, but ended", "Canceled")
    page.get_by_role("link", name="Go on with this plan").click()
    album.look(page, "new dates", "Go on with")
    page.get_by_role("button", name="Go on with my plan").click()
    album.look(page, "resumed", "Active")
    assert album.wrong == {}


def test_pages_of_paying_an_instalment_early(page: Page, stack: TestStack, album: Album) -> None:
    shop = Shop(stack)
    plan = shop.plan(shop.customer(ADA))
    stack.skip("PT2H")
    sign_in(page, stack, ADA)
    page.goto(f"{stack.portal_url}/items/{plan}")
    page.get_by_role("link", name="Pay the next instalment now").click()
    album.look(page, "the next", "Pay the next instalment")
    page.get_by_role("button", name="Pay $199.00 now").click()
    album.look(page, "paid early", "Active")
    assert album.wrong == {}


def test_pages_of_a_payment_on_its_way(page: Page, stack: TestStack, album: Album) -> None:
    shop = Shop(stack)
    customer = shop.customer(ADA)
    item = shop.subscription(customer, currency="eur")
    shop.past_due(customer, item)
    account = shop.bank(customer)
    sign_in(page, stack, ADA)
    page.goto(f"{stack.portal_url}/items/{item}/card")
    page.locator(f"input[value={account}]").check()
    page.get_by_role("button", name="Use this payment method and pay").click()
    album.look(page, "the debit has begun", "Processing")
    album.open(page, f"/items/{item}", "Processing")
    expect(page.get_by_text("is on its way").first).to_be_visible()
    album.open(page, "/", "Hello")
    assert album.wrong == {}


def test_pages_of_those_with_much_to_show(people: DemoPeople, album: Album, watch: Watch) -> None:
    watch.expect("40[34]: GET")
    ada = people.at_home("ada")
    item = people.follow(ada, "Studio Membership", "Active")
    people.follow(ada, "receipt", "Receipt")
    album.open(ada, f"{item}/card", "Change the card")
    album.open(ada, f"{item}/cancel", "Cancel Studio Membership?")
    album.open(ada, "/cards", "Your cards and payment methods")
    people.follow(ada, "Pays for", "Remove")
    album.open(ada, "/nowhere", "We can’t find that page")
    album.open(ada, "/", "Hello")
    people.follow(ada, "Travel Preset Pack", "Paid")
    clara = people.at_home("clara")
    plan = people.follow(clara, "Portrait Masterclass", "Active")
    album.open(clara, f"{plan}/cancel", "That isn’t possible here")
    album.open(clara, f"{plan}/pay-off", "Pay off Portrait Masterclass")
    clara.get_by_role("button", name="Pay").click()
    album.look(clara, "paid off", "Completed")
    album.open(clara, "/payments", "Payments and receipts")
    people.follow(clara, "Older", "Payments and receipts")
    assert album.wrong == {}


def test_pages_of_those_with_something_special(people: DemoPeople, album: Album) -> None:
    ben = people.at_home("ben")
    album.open(ben, "/pay", "Pay what is due")
    ben.go_back()
    people.follow(ben, "Fix it now", "Change the card")
    people.follow(ben, "Studio Membership", "Past due")
    for mailbox in ("dan", "eve", "george", "hanako", "ines", "konstantina"):
        page = people.at_home(mailbox)
        page.locator("a.row").first.click()
        album.look(page, f"item of {mailbox}")
    people.follow(page, "receipt", "Receipt")
    fiona = people.at_home("fiona.walsh")
    people.follow(fiona, "See all", "Payments and receipts")
    people.at_home("nobody")
    assert album.wrong == {}


def test_pages_of_paying_and_cancelling(page: Page, stack: TestStack, album: Album, watch: Watch) -> None:
    watch.expect("402: POST .*/(v1/setup_intents/.*/confirm|card/finish)")
    watch.expect("Failed to execute 'postMessage'")  # axe-core asks Stripe's frames, which do not answer
    overdue = Overdue(stack, ADA)
    overdue.shop.card(overdue.customer, NEEDS_BANK)
    sign_in(page, stack, ADA)
    album.open(page, f"/items/{overdue.item}/card", "Change the card")
    add_card(page, DECLINED)
    expect(page.get_by_role("alert")).to_be_visible()
    album.look(page, "declined", "Add a new card")
    type_card(page, LEAVES_THE_PAGE)
    page.get_by_role("button", name="Save card").click()
    page.get_by_role("button", name=FAIL).click()
    expect(page.get_by_role("alert")).to_contain_text("wasn’t confirmed with your bank")
    album.look(page, "back from the bank without a card", "Change the card")
    page.get_by_label("Visa ending in 3184").check()
    page.get_by_role("button", name="Use this card").click()
    page.frame_locator(BANK).get_by_role("heading").wait_for()
    album.look(page, "the bank asks", "Confirm the payment")
    at_the_bank(page, FAIL)
    album.look(page, "not confirmed", "Past due")
    page.get_by_role("link", name="Use another card").click()
    add_card(page, MASTERCARD)
    album.look(page, "paid", "Active")
    overdue.shop.subscription(overdue.customer, "Print Archive")
    stack.settle()
    album.open(page, f"/items/{overdue.item}/card/elsewhere", "for more?")
    page.get_by_label("Print Archive").check()
    page.get_by_role("button", name="Use it for what I ticked").click()
    album.look(page, "used for more", "What was changed")
    album.open(page, f"/items/{overdue.item}", "Active")
    page.get_by_role("link", name="Cancel subscription").click()
    page.get_by_role("button", name="Cancel subscription").click()
    album.look(page, "canceled", "Canceling")
    page.get_by_role("button", name="Keep my subscription").click()
    album.look(page, "kept", "Active")
    assert album.wrong == {}
