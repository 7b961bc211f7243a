"""A payment plan after the last try failed stays payable, whichever end the merchant has chosen at Stripe."""

from tests.functional.visitor import Page, Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


def given_up(stack: TestStack, shop: Shop, visitor: Visitor, then: str, after: str, of: int = 6) -> tuple[str, str]:
    """Ada's plan of instalments of $199.00: one is paid, then her card fails for good, and she mends it."""
    stack.stripe.call("POST", "billing", {"after_retries": then})
    customer = shop.customer(ADA)
    plan = shop.plan(customer, of=of)
    stack.skip("PT2H")
    shop.v1.subscriptions.update(plan, {"default_payment_method": shop.card(customer, CHARGE_FAILS)})
    for step in after.split():
        stack.skip(step)
    if then != "cancel":
        shop.v1.subscriptions.update(plan, {"default_payment_method": shop.card(customer, MASTERCARD)})
    visitor.sign_in(ADA)
    stack.settle()
    return customer, plan


def taken(shop: Shop, customer: str) -> list[int]:
    """What was charged, oldest first."""
    charges = shop.v1.charges.list({"customer": customer, "limit": 100}).data
    return [charge.amount for charge in reversed(charges) if charge.status == "succeeded"]


def asked(visitor: Visitor, plan: str, amount: str) -> Page:
    """The page that shows what is charged, by the button of the plan's page."""
    visitor.open(f"/items/{plan}")
    return visitor.follow(f"Pay {amount}")


def test_left_past_due_it_shows_what_comes_and_goes_on_once_paid(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = given_up(stack, shop, visitor, "past_due", "P31D P20D")
    page = visitor.open(f"/items/{plan}")
    assert "That was the last try, so your plan stands still. Once this is paid, it goes on with 4 more" in page.text
    form = asked(visitor, plan, "$199.00")
    for words in ("Charged today $199.00", "Mastercard •••• 4444", "Together $796.00"):
        assert words in form.text
    assert form.text.count("$199.00") == 8
    assert taken(shop, customer) == [19900]
    done = visitor.press("Pay $199.00 now")
    assert "$199.00 is paid" in done.text
    assert "Your plan goes on: the next instalment of $199.00 is charged on" in done.text
    assert (done.heading, "2 of 6 payments made" in done.text) == ("Portrait Masterclass Active", True)
    stack.skip("P200D")
    assert taken(shop, customer) == [19900] * 6


def test_unpaid_it_takes_the_drafts_that_nobody_collects_and_is_active_again(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = given_up(stack, shop, visitor, "unpaid", "P31D P31D P31D")
    assert shop.v1.subscriptions.retrieve(plan).status == "unpaid"
    form = asked(visitor, plan, "$597.00")
    assert "Charged today $597.00" in form.text
    assert "Together $398.00" in form.text
    visitor.page = form
    done = visitor.press("Pay $597.00 now")
    assert "$597.00 is paid" in done.text
    assert (done.heading, "4 of 6 payments made" in done.text) == ("Portrait Masterclass Active", True)
    visitor.page = form
    visitor.press("Pay $597.00 now")
    assert taken(shop, customer) == [19900] * 4
    stack.skip("P200D")
    assert taken(shop, customer) == [19900] * 6
    assert shop.v1.subscriptions.retrieve(plan).status == "canceled"


def test_when_something_was_paid_meanwhile_the_new_sum_is_shown_first(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = given_up(stack, shop, visitor, "unpaid", "P31D P31D P31D")
    form = asked(visitor, plan, "$597.00")
    oldest = shop.v1.invoices.list({"subscription": plan, "status": "open"}).data[0].id
    shop.v1.invoices.pay(oldest, {"paid_out_of_band": True})
    stack.settle()
    visitor.page = form
    again = visitor.press("Pay $597.00 now")
    assert "The sum has changed" in again.text
    assert "Charged today $398.00" in again.text
    assert taken(shop, customer) == [19900]
    assert "$398.00 is paid" in visitor.press("Pay $398.00 now").text
    assert taken(shop, customer) == [19900] * 3


def test_canceled_by_stripe_it_says_so_and_what_was_billed_can_be_paid(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    _, plan = given_up(stack, shop, visitor, "cancel", "P31D P20D")
    page = visitor.open(f"/items/{plan}")
    assert page.heading == "Portrait Masterclass Canceled"
    assert "This plan was stopped because an instalment couldn’t be charged." in page.text
    assert "4 instalments ($796.00) were never charged, besides the $199.00 that is unpaid." in page.text
    assert "help@" in page.text


def test_canceled_by_the_merchant_it_does_not_blame_a_card(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    plan = shop.plan(customer)
    stack.skip("PT2H")
    shop.v1.subscriptions.cancel(plan)
    visitor.sign_in(ADA)
    stack.settle()
    text = visitor.open(f"/items/{plan}").text
    assert "This plan was ended before all of it was paid." in text
    assert "5 instalments ($995.00) were never charged. Nothing is charged by itself any more." in text
    assert taken(shop, customer) == [19900]
