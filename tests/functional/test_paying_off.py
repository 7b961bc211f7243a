"""A payment plan paid off at once: one charge, the plan ends, whatever comes between."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.wiring import portal
from tests.functional.visitor import Page, Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, NEEDS_BANK, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"
REST = "Pay $995.00 now"


def set_up(stack: TestStack, **settings: Any) -> None:
    """The merchant's settings."""
    store = portal().settings_store
    store.write(replace(store.read(), **settings))


def signed_in(stack: TestStack, shop: Shop, visitor: Visitor, number: str = "") -> tuple[str, str]:
    """Ada with a plan of six instalments of $199.00, the first paid; gives customer and plan."""
    customer = shop.customer(ADA)
    plan = shop.plan(customer)
    stack.skip("PT2H")
    if number:
        shop.v1.subscriptions.update(plan, {"default_payment_method": shop.card(customer, number)})
    visitor.sign_in(ADA)
    stack.settle()
    return customer, plan


def asked(visitor: Visitor, plan: str) -> Page:
    """The page that shows the sum, by the button of the plan's page."""
    visitor.open(f"/items/{plan}")
    return visitor.follow("Pay off the rest")


def taken(shop: Shop, customer: str) -> list[int]:
    """What was charged, oldest first."""
    charges = shop.v1.charges.list({"customer": customer, "limit": 100}).data
    return [charge.amount for charge in reversed(charges) if charge.status == "succeeded"]


def rests(shop: Shop, customer: str) -> list[str]:
    """How the bills over a plan's rest stand at Stripe."""
    invoices = shop.v1.invoices.list({"customer": customer, "limit": 100}).data
    return [str(invoice.status) for invoice in invoices if "tillkey_payoff" in (invoice.metadata or {})]


def test_the_rest_is_shown_charged_once_and_the_plan_is_complete(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    page = visitor.open(f"/items/{plan}")
    assert "The $995.00 still to come can be paid now." in page.text
    form = visitor.follow("Pay off the rest")
    for words in ("5 instalments left $995.00", "Charged today $995.00", "Visa •••• 4242", "Your plan is complete"):
        assert words in form.text
    done = visitor.press(REST)
    assert "$995.00 is paid" in done.text
    assert done.heading == "Portrait Masterclass Completed"
    assert "Paid$1,194.00 Left$0.00 Total$1,194.00" in done.text
    assert "2 of 2 payments made" in done.text
    assert "Paid off Receipt for the rest" in done.text
    assert not [link for link in done.links if "Pay off" in link.text]
    receipt = visitor.follow("Receipt for the rest")
    assert "Portrait Masterclass (instalments 2 to 6 of 6)" in receipt.text
    assert "$995.00" in receipt.text
    history = visitor.open(f"/payments?item={plan}")
    assert history.text.count("$995.00") == 1
    assert "Portrait Masterclass" in visitor.open("/payments").text
    stack.skip("P200D")
    assert taken(shop, customer) == [19900, 99500]
    assert shop.v1.subscriptions.retrieve(plan).status == "canceled"


def test_reload_back_and_a_second_tab_charge_nothing_more(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    first, second = asked(visitor, plan), asked(visitor, plan)
    for form in (first, first, second, first):
        visitor.page = form
        page = visitor.press(REST)
        assert (page.status, page.heading) == (200, "Portrait Masterclass Completed")
    stack.settle()
    assert visitor.open(f"/items/{plan}/pay-off").path.endswith(f"/items/{plan}")
    assert (taken(shop, customer), rests(shop, customer)) == ([19900, 99500], ["paid"])


@pytest.mark.root_only
def test_a_declined_card_leaves_the_plan_as_it_was_and_another_pays_it_off(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = signed_in(stack, shop, visitor, CHARGE_FAILS)
    asked(visitor, plan)
    page = visitor.press(REST)
    assert "$995.00 wasn’t paid" in page.text
    assert "Your plan goes on as before." in page.text
    assert page.heading == "Portrait Masterclass Active"
    assert rests(shop, customer) == ["void"]
    shop.v1.subscriptions.update(plan, {"default_payment_method": shop.card(customer, MASTERCARD)})
    stack.settle()
    assert "Payment failed" not in "".join(str(mail.message["subject"]) for mail in stack.mailbox(ADA))
    asked(visitor, plan)
    assert visitor.press(REST).heading == "Portrait Masterclass Completed"
    assert (taken(shop, customer), rests(shop, customer)) == ([19900, 99500], ["paid", "void"])


def at_the_bank(stack: TestStack, shop: Shop, visitor: Visitor) -> tuple[str, str, Page]:
    """Ada before her bank's question about the rest; nothing is charged yet."""
    customer, plan = signed_in(stack, shop, visitor, NEEDS_BANK)
    asked(visitor, plan)
    page = visitor.press(REST)
    assert page.heading == "Confirm the payment with your bank"
    assert (taken(shop, customer), rests(shop, customer)) == ([19900], ["open"])
    return customer, plan, page


def answer(stack: TestStack, outcome: str) -> None:
    """Ada answers her bank."""
    waiting = [intent for intent in Shop(stack).v1.payment_intents.list().data if intent.status == "requires_action"]
    stack.stripe.call("POST", f"challenges/{waiting[0].id}", {"outcome": outcome})


def test_confirmed_with_the_bank_it_is_complete(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan, page = at_the_bank(stack, shop, visitor)
    answer(stack, "complete")
    visitor.page = page
    done = visitor.press("Confirm $995.00")
    assert "$995.00 is paid" in done.text
    assert done.heading == "Portrait Masterclass Completed"
    assert (taken(shop, customer), shop.v1.subscriptions.retrieve(plan).status) == ([19900, 99500], "canceled")


@pytest.mark.root_only
def test_confirmed_on_the_hosted_page_it_is_complete_as_soon_as_stripe_tells(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan, _ = at_the_bank(stack, shop, visitor)
    answer(stack, "complete")
    stack.settle()
    assert visitor.open(f"/items/{plan}").heading == "Portrait Masterclass Completed"
    assert (taken(shop, customer), shop.v1.subscriptions.retrieve(plan).status) == ([19900, 99500], "canceled")


@pytest.mark.root_only
def test_refused_at_the_bank_nothing_is_charged_and_the_plan_goes_on(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, _, page = at_the_bank(stack, shop, visitor)
    answer(stack, "fail")
    visitor.page = page
    done = visitor.press("Confirm $995.00")
    assert "$995.00 wasn’t paid" in done.text
    assert done.heading == "Portrait Masterclass Active"
    assert (taken(shop, customer), rests(shop, customer)) == ([19900], ["void"])


@pytest.mark.root_only
def test_left_alone_at_the_bank_it_can_be_gone_on_with_and_is_dropped_in_time(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan, page = at_the_bank(stack, shop, visitor)
    stack.settle()
    assert "Your bank hasn’t confirmed $995.00" in visitor.open(f"/items/{plan}").text
    visitor.follow("Go on")
    again = visitor.press(REST)
    assert again.heading == "Confirm the payment with your bank"
    assert rests(shop, customer) == ["open"]
    stack.advance("PT45M")
    assert rests(shop, customer) == ["void"]
    visitor.page = page
    assert "hasn’t confirmed" not in visitor.press("Confirm $995.00").text
    assert taken(shop, customer) == [19900]


@pytest.mark.root_only
def test_the_merchants_discount_is_shown_and_taken_off(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    set_up(stack, plan_payoff_discount=2.5)
    customer, plan = signed_in(stack, shop, visitor)
    form = asked(visitor, plan)
    assert "Discount for paying it off (2.5%) −$24.88" in form.text
    visitor.press("Pay $970.12 now")
    assert taken(shop, customer) == [19900, 97012]
    assert visitor.open(f"/items/{plan}").heading == "Portrait Masterclass Completed"


@pytest.mark.root_only
def test_a_hundred_percent_off_completes_the_plan_without_a_charge(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    set_up(stack, plan_payoff_discount=100)
    customer, plan = signed_in(stack, shop, visitor)
    asked(visitor, plan)
    assert visitor.press("Pay $0.00 now").heading == "Portrait Masterclass Completed"
    assert (taken(shop, customer), shop.v1.subscriptions.retrieve(plan).status) == ([19900], "canceled")


@pytest.mark.root_only
def test_a_merchant_who_wants_it_not_offers_it_not_and_the_server_refuses(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    form = asked(visitor, plan)
    set_up(stack, plan_payoff=False)
    assert "Pay off the rest" not in visitor.open(f"/items/{plan}").text
    assert visitor.open(f"/items/{plan}/pay-off").status == 403
    visitor.page = form
    assert visitor.press(REST).status == 403
    assert (taken(shop, customer), rests(shop, customer)) == ([19900], [])


@pytest.mark.root_only
def test_another_sum_than_the_one_shown_is_not_charged(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    form = asked(visitor, plan)
    set_up(stack, plan_payoff_discount=10)
    visitor.page = form
    page = visitor.press(REST)
    assert "The sum has changed" in page.text
    assert "Pay $895.50 now" in page.buttons
    assert taken(shop, customer) == [19900]


def before_due(stack: TestStack, shop: Shop, visitor: Visitor, minutes: int, number: str = "") -> tuple[str, str, int]:
    """Ada, signed in so many minutes before her second instalment falls due; gives customer, plan and that moment."""
    customer, plan = signed_in(stack, shop, visitor, number)
    due = int(shop.v1.subscriptions.retrieve(plan)["items"]["data"][0]["current_period_end"])
    stack.skip(f"PT{int(due - stack.clock.now()) // 60 - minutes}M")
    visitor.sign_in(ADA)
    return customer, plan, due


@pytest.mark.root_only
def test_while_an_instalment_is_due_or_overdue_there_is_nothing_to_pay_off(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan, _ = before_due(stack, shop, visitor, 70, CHARGE_FAILS)
    form = asked(visitor, plan)
    for wait in ("PT20M", "PT20M"):
        stack.skip(wait)
        visitor.open(f"/items/{plan}")
    assert "An instalment is being charged right now" in visitor.open(f"/items/{plan}/pay-off").text
    visitor.page = form
    assert visitor.press(REST).status == 403
    stack.skip("PT40M")
    visitor.sign_in(ADA)
    assert "An instalment is being charged right now" in visitor.open(f"/items/{plan}/pay-off").text
    stack.skip("PT2H")
    visitor.sign_in(ADA)
    assert "Please pay what is overdue first." in visitor.open(f"/items/{plan}/pay-off").text
    shop.v1.subscriptions.update(plan, {"default_payment_method": shop.card(customer, MASTERCARD)})
    stack.settle()
    visitor.open(f"/items/{plan}")
    visitor.press("Pay $199.00 now")
    asked(visitor, plan)
    assert visitor.press("Pay $796.00 now").heading == "Portrait Masterclass Completed"
    assert (taken(shop, customer), rests(shop, customer)) == ([19900, 19900, 79600], ["paid"])


@pytest.mark.root_only
def test_what_changed_at_stripe_unheard_stops_it_before_anything_is_made(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    asked(visitor, plan)
    stack.stripe.call("POST", "deliveries/mode", {"hold": True})
    shop.v1.subscriptions.cancel(plan)
    page = visitor.press(REST)
    assert (page.status, taken(shop, customer), rests(shop, customer)) == (409, [19900], [])
    stack.stripe.call("POST", "deliveries/mode", {})


@pytest.mark.root_only
def test_a_payment_that_arrived_while_nobody_listened_ends_the_plan_later(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    """Stripe takes the money, the portal hears nothing more: neither reply nor event."""
    customer, plan = signed_in(stack, shop, visitor)
    asked(visitor, plan)
    stack.stripe.call("POST", "deliveries/mode", {"drop": True})
    stack.stripe.call("POST", "faults", {"method": "POST", "path": "/cancel$", "status": 500, "times": 9})
    page = visitor.press(REST)
    assert "Still being confirmed" in page.text
    assert taken(shop, customer) == [19900, 99500]
    assert shop.v1.subscriptions.retrieve(plan).status == "active"
    stack.stripe.call("DELETE", "faults")
    stack.stripe.call("POST", "deliveries/mode", {})
    stack.advance("PT10M")
    assert shop.v1.subscriptions.retrieve(plan).status == "canceled"
    assert visitor.open(f"/items/{plan}").heading == "Portrait Masterclass Completed"


@pytest.mark.root_only
def test_an_instalment_billed_before_the_plan_could_be_ended_is_taken_back(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan, due = before_due(stack, shop, visitor, 65)
    asked(visitor, plan)
    stack.stripe.call("POST", "faults", {"method": "POST", "path": "/cancel$", "status": 500, "times": 999})
    assert "Still being confirmed" in visitor.press(REST).text
    stack.clock.move_to(due + 600)
    stack.stripe.call("DELETE", "faults")
    stack.advance("PT10M")
    assert shop.v1.subscriptions.retrieve(plan).status == "canceled"
    stack.skip("P40D")
    assert taken(shop, customer) == [19900, 99500]
    visitor.sign_in(ADA)
    assert visitor.open(f"/items/{plan}").heading == "Portrait Masterclass Completed"
