"""The main job without a browser: what a customer reads and what becomes true at Stripe."""

import re

import pytest

from chalicelib import clock
from tests.functional.visitor import Page, Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, NEEDS_BANK, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


def open_item(visitor: Visitor) -> Page:
    """From the home page to the first subscription or plan."""
    assert visitor.page is not None
    link = next(link for link in visitor.page.links if "/items/" in link["href"])
    return visitor.open(visitor.origin + link["href"])


def subjects(stack: TestStack) -> str:
    """Of all mails Ada got."""
    return " / ".join(str(mail.message["subject"]) for mail in stack.mailbox(ADA))


def test_home_shows_a_subscription_with_price_status_and_card(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.subscription(shop.customer(ADA))
    home = visitor.sign_in(ADA)
    for words in ("Studio Membership", "$49.00", "every month", "Active", "Visa •••• 4242"):
        assert words in home.text


def test_opening_pages_calls_stripe_not_once(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.subscription(shop.customer(ADA))
    visitor.sign_in(ADA)
    stack.settle()
    before = shop.calls()
    for path in ("/", "/payments"):
        visitor.open(path)
    visitor.open("/")
    open_item(visitor)
    here = visitor.page
    assert here is not None
    for path in ("/card", "/cancel"):
        visitor.open(here.path + path)
    assert shop.calls() == before


def test_all_customers_with_one_address_are_one_account(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    for address, name in (
        (ADA, "Membership A"),
        ("Ada@Mail.example", "Membership B"),
        ("ADA@MAIL.EXAMPLE", "Membership C"),
    ):
        shop.subscription(shop.customer(address), name)
    home = visitor.sign_in(ADA)
    assert all(f"Membership {letter}" in home.text for letter in "ABC")


def test_a_renewal_shows_up_by_itself(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.subscription(shop.customer(ADA))
    visitor.sign_in(ADA)
    stack.skip("P32D")
    visitor.sign_in(ADA)
    item = open_item(visitor)
    assert item.text.count("$49.00") >= 3


def test_changing_the_card_changes_this_subscription_only(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    first, second = shop.subscription(customer), shop.subscription(customer, "Print Archive")
    new = shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    visitor.open(f"/items/{first}/card")
    done = visitor.press("Use this card", {"card": new})
    assert "Mastercard •••• 4444" in done.text
    assert shop.v1.subscriptions.retrieve(first).default_payment_method == new
    assert shop.v1.subscriptions.retrieve(second).default_payment_method is None
    assert "New card" in subjects(stack)


def test_what_is_overdue_is_charged_to_the_new_card_at_once(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    invoice = shop.past_due(customer, item)
    home = visitor.sign_in(ADA)
    assert "Past due" in home.text
    good = shop.card(customer, MASTERCARD)
    stack.settle()
    visitor.open(f"/items/{item}/card")
    button = next(b for b in visitor.page.buttons if b.startswith("Use this card"))  # type: ignore[union-attr]
    assert "$49.00" in button
    done = visitor.press(button, {"card": good})
    assert "Past due" not in done.text
    assert shop.v1.invoices.retrieve(invoice).status == "paid"
    assert shop.v1.subscriptions.retrieve(item).status == "active"


def test_another_card_than_the_failing_one_is_offered_first(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    shop.past_due(customer, item)
    other = shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    failing = shop.v1.subscriptions.retrieve(item).default_payment_method
    choices = visitor.open(f"/items/{item}/card").document.root.all("input")
    cards = {choice["value"]: choice for choice in choices if choice["type"] == "radio"}
    assert set(cards) >= {other, failing}
    assert [value for value, choice in cards.items() if "checked" in choice] == [other]


def test_who_signed_in_again_on_the_way_back_from_the_bank_starts_from_the_list(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    visitor.open(f"/items/{item}/card/return?setup_intent=seti_1&attempt={'a' * 24}&redirect_status=succeeded")
    visitor.fill_only_field(ADA)
    code = re.search(r"\b(\d{3}) ?(\d{3})\b", stack.mailbox(ADA)[0].text)
    assert code
    page = visitor.fill_only_field(code[1] + code[2])
    assert page.url.endswith(f"/items/{item}/card")
    assert "Add a new card" in page.buttons


def test_when_the_new_card_is_declined_the_page_says_both(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    invoice = shop.past_due(customer, item)
    visitor.sign_in(ADA)
    bad = shop.card(customer, CHARGE_FAILS)
    stack.settle()
    visitor.open(f"/items/{item}/card")
    button = next(b for b in visitor.page.buttons if b.startswith("Use this card"))  # type: ignore[union-attr]
    done = visitor.press(button, {"card": bad})
    assert "Past due" in done.text
    assert shop.v1.invoices.retrieve(invoice).status == "open"
    assert shop.v1.subscriptions.retrieve(item).default_payment_method == bad
    assert re.search(r"declin|didn’t go through|wasn’t|refused", done.text)


def test_without_script_the_bank_step_is_a_link_to_stripes_page(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    shop.past_due(customer, item)
    visitor.sign_in(ADA)
    needs_bank = shop.card(customer, NEEDS_BANK)
    stack.settle()
    visitor.open(f"/items/{item}/card")
    button = next(b for b in visitor.page.buttons if b.startswith("Use this card"))  # type: ignore[union-attr]
    asked = visitor.press(button, {"card": needs_bank})
    assert any(link["href"].startswith(stack.stripe.url) for link in asked.links)


@pytest.mark.root_only
@pytest.mark.parametrize("reads", range(4))
def test_when_stripe_cannot_say_what_the_bank_asks_the_page_says_what_was_done(
    stack: TestStack, shop: Shop, visitor: Visitor, reads: int
) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    shop.past_due(customer, item)
    visitor.sign_in(ADA)
    needs_bank = shop.card(customer, NEEDS_BANK)
    stack.settle()
    visitor.open(f"/items/{item}/card")
    button = next(b for b in visitor.page.buttons if b.startswith("Use this card"))  # type: ignore[union-attr]
    fails = {"method": "GET", "path": "^/v1/invoices/", "status": 500, "times": 99}
    if reads:
        stack.stripe.call("POST", "faults", {**fails, "status": None, "times": reads})
    stack.stripe.call("POST", "faults", fails)
    page = visitor.press(button, {"card": needs_bank})
    stack.stripe.call("DELETE", "faults")
    assert shop.v1.subscriptions.retrieve(item).default_payment_method == needs_bank
    assert "Nothing was changed" not in page.text
    assert re.search("Card changed, but .* wasn’t paid|Still being confirmed", page.text)


def test_cancelling_takes_two_presses_keeps_access_and_can_be_taken_back(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    item = shop.subscription(shop.customer(ADA))
    visitor.sign_in(ADA)
    open_item(visitor)
    visitor.follow("Cancel")
    done = visitor.press("Cancel subscription")
    assert "Canceling" in done.text
    assert shop.v1.subscriptions.retrieve(item).cancel_at_period_end
    assert "Canceled" in subjects(stack)

    visitor.open(f"/items/{item}")
    undo = next(b for b in visitor.page.buttons if "Keep" in b or "Undo" in b)  # type: ignore[union-attr]
    kept = visitor.press(undo)
    assert "Active" in kept.text
    assert not shop.v1.subscriptions.retrieve(item).cancel_at_period_end
    assert "staying" in subjects(stack)


def test_a_plan_has_its_table_and_no_way_to_cancel(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    plan = shop.plan(shop.customer(ADA))
    stack.skip("P63D")
    home = visitor.sign_in(ADA)
    assert "Portrait Masterclass" in home.text
    page = open_item(visitor)
    assert "help@northlight.example" in page.text
    assert "Cancel" not in " ".join(page.buttons)
    token = visitor.cookies
    assert token
    csrf = next(i["value"] for i in page.document.root.all("input") if i["name"] == "csrf")
    refused = visitor.send(f"/items/{plan}/cancel", {"csrf": csrf, "attempt": "a" * 24})
    assert refused.status == 403
    assert shop.v1.subscriptions.retrieve(plan).status == "active"


def test_every_payment_has_a_receipt_page_and_a_pdf(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.subscription(shop.customer(ADA))
    visitor.sign_in(ADA)
    open_item(visitor)
    page = visitor.follow("receipt")
    assert "Studio Membership" in page.text
    assert "$49.00" in page.text
    pdf = visitor.follow("PDF")
    assert pdf.content.startswith(b"%PDF-")


def test_a_stale_press_of_the_same_form_charges_once(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    invoice = shop.past_due(customer, item)
    good = shop.card(customer, MASTERCARD)
    shop.v1.subscriptions.update(item, {"default_payment_method": good})
    visitor.sign_in(ADA)
    page = visitor.open(f"/items/{item}")
    button = next(b for b in page.buttons if b.startswith("Pay"))
    form, _ = page.form(button)
    fields = {i["name"]: i["value"] for i in form.all("input") if i["name"]}
    for _ in range(3):
        visitor.send(f"/items/{item}/pay", fields)
    charges = shop.v1.charges.list({"customer": customer}).data
    paid = [c for c in charges if c.status == "succeeded" and c.created > clock.now() - 3600]
    assert len(paid) == 1
    assert shop.v1.invoices.retrieve(invoice).status == "paid"
