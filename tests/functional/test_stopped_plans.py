"""A payment plan after the last try failed stays payable, whichever end the merchant has chosen at Stripe."""

from tests.functional.visitor import Page, Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


def given_up(
    stack: TestStack, shop: Shop, visitor: Visitor, then: str, after: str = "P31D P20D", of: int = 6
) -> tuple[str, str]:
    """Ada's plan of instalments of $199.00: one is paid, then her card fails for good, and she mends it."""
    stack.stripe.call("POST", "billing", {"after_retries": then})
    customer = shop.customer(ADA)
    plan = shop.plan(customer, of=of)
    stack.skip("PT2H")
    shop.v1.subscriptions.update(plan, {"default_payment_method": shop.card(customer, CHARGE_FAILS)})
    for step in after.split():
        stack.skip(step)
    good = shop.card(customer, MASTERCARD)
    if then != "cancel":
        shop.v1.subscriptions.update(plan, {"default_payment_method": good})
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


def paid_with_the_other_card(shop: Shop, visitor: Visitor, customer: str, plan: str) -> Page:
    """The instalment that is open, with the card that works."""
    visitor.open(f"/items/{plan}")
    visitor.follow("Use another card")
    return visitor.press("Use this card and pay $199.00", {"card": works(shop, customer)})


def works(shop: Shop, customer: str) -> str:
    """The saved card that does not fail."""
    cards = shop.v1.payment_methods.list({"customer": customer, "type": "card"}).data
    return next(card.id for card in cards if card.card and card.card.brand == "mastercard")


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
    assert "Once the $199.00 is paid, you can go on with it." in page.text


def test_canceled_by_stripe_it_is_paid_with_another_card_and_goes_on_as_one_plan(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = given_up(stack, shop, visitor, "cancel")
    assert "$199.00 is paid" in paid_with_the_other_card(shop, visitor, customer, plan).text
    assert taken(shop, customer) == [19900] * 2
    stack.settle()
    assert not [mail for mail in stack.mailbox(ADA) if "card" in str(mail.message["Subject"]).lower()]
    form = visitor.follow("Go on with this plan")
    for words in ("Charged today Nothing", "Mastercard •••• 4444", "Together $796.00", "on the new dates"):
        assert words in form.text
    done = visitor.press("Go on with my plan")
    assert "Your plan goes on Nothing was charged today. The next instalment of $199.00 is charged on" in done.text
    assert (done.heading, "2 of 6 payments made" in done.text) == ("Portrait Masterclass Active", True)
    assert done.text.count("Mastercard •••• 4444") == 1
    visitor.page = form
    assert "2 of 6 payments made" in visitor.press("Go on with my plan").text
    assert len(shop.v1.subscriptions.list({"customer": customer, "status": "all"}).data) == 2
    stack.settle()
    told = [mail.text for mail in stack.mailbox(ADA) if mail.message["Subject"].startswith("Your plan goes on")]
    assert len(told) == 1
    assert "4 instalments are still to come. The next payment of $199.00 is on" in " ".join(told[0].split())
    stack.skip("P200D")
    stack.settle()
    assert taken(shop, customer) == [19900] * 6
    visitor.sign_in(ADA)
    page = visitor.open(f"/items/{plan}")
    assert (page.heading, "6 of 6 payments made" in page.text) == ("Portrait Masterclass Completed", True)


def test_paying_and_going_on_is_one_press_and_shows_the_new_dates_first(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = given_up(stack, shop, visitor, "cancel")
    bill = shop.v1.invoices.list({"subscription": plan, "status": "open"}).data[0].id
    shop.v1.invoices.update(bill, {"default_payment_method": works(shop, customer)})
    stack.settle()
    form = asked(visitor, plan, "$199.00")
    assert "Your plan goes on with the 4 instalments that were never charged, on the new dates below." in form.text
    done = visitor.press("Pay $199.00 now and go on")
    assert "$199.00 is paid" in done.text
    assert "Your plan goes on: the next instalment of $199.00 is charged on" in done.text
    assert (done.heading, taken(shop, customer)) == ("Portrait Masterclass Active", [19900] * 2)
    stack.skip("P200D")
    assert taken(shop, customer) == [19900] * 6


def test_paying_what_is_unpaid_does_not_need_going_on(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = given_up(stack, shop, visitor, "cancel")
    bill = shop.v1.invoices.list({"subscription": plan, "status": "open"}).data[0].id
    shop.v1.invoices.update(bill, {"default_payment_method": works(shop, customer)})
    stack.settle()
    asked(visitor, plan, "$199.00")
    assert visitor.press("Pay only $199.00").heading == "Portrait Masterclass Canceled"
    stack.skip("P200D")
    assert taken(shop, customer) == [19900] * 2


def test_the_dates_that_were_shown_are_kept_for_a_day_and_then_asked_again(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = given_up(stack, shop, visitor, "cancel")
    paid_with_the_other_card(shop, visitor, customer, plan)
    old = visitor.follow("Go on with this plan").form("Go on with my plan")[1]
    stack.skip("P2D")
    visitor.sign_in(ADA)
    shown = visitor.open(f"/items/{plan}/resume").form("Go on with my plan")[1]
    assert shown["value"] != old["value"]
    shown.attrs["value"] = old["value"]
    again = visitor.press("Go on with my plan")
    assert "The sum or the dates have changed" in again.text
    assert len(shop.v1.subscriptions.list({"customer": customer, "status": "all"}).data) == 1
    assert visitor.press("Go on with my plan").heading == "Portrait Masterclass Active"


def test_a_resumed_plan_that_fails_again_can_be_resumed_again(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = given_up(stack, shop, visitor, "cancel")
    paid_with_the_other_card(shop, visitor, customer, plan)
    visitor.follow("Go on with this plan")
    visitor.press("Go on with my plan")
    second = shop.v1.subscriptions.list({"customer": customer}).data[0].id
    shop.v1.subscriptions.update(second, {"default_payment_method": shop.card(customer, CHARGE_FAILS)})
    stack.skip("P60D")
    visitor.sign_in(ADA)
    page = visitor.open(f"/items/{plan}")
    assert "3 instalments ($597.00) were never charged, besides the $199.00 that is unpaid." in page.text
    paid_with_the_other_card(shop, visitor, customer, plan)
    visitor.follow("Go on with this plan")
    assert "3 of 6 payments made" in visitor.press("Go on with my plan").text
    stack.skip("P200D")
    assert taken(shop, customer) == [19900] * 6
    visitor.sign_in(ADA)
    assert "6 of 6 payments made" in visitor.open(f"/items/{second}").text
    assert visitor.open("/").text.count("6 of 6") == 1
    visitor.open(f"/items/{second}")
    visitor.follow("All payments of this plan")
    seen = visitor.page.text.count("– receipt") if visitor.page else 0
    while visitor.page and any("Older" in link.text for link in visitor.page.links):
        seen += visitor.follow("Older").text.count("– receipt")
    assert seen == 6


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
