"""Cancelling as customers meet it: the merchant's rules, reasons, and what the merchant did in the meantime."""

import logging
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.settings.cancelling import CancelReason, CancelRule
from chalicelib.wiring import portal
from tests.functional.neighbours import ADA, bought_before_we_came
from tests.functional.visitor import Visitor
from tests.functional.wire import session_of
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only
SECRET = "my sister is ill"


@pytest.fixture
def customer(stack: TestStack, shop: Shop) -> str:
    """Ada's customer."""
    return shop.customer(ADA)


def decide(**changes: Any) -> None:
    """The merchant changes settings."""
    store = portal().settings_store
    store.write(replace(store.read(), **changes))


def sign_in(stack: TestStack, visitor: Visitor) -> None:
    """Ada signs in, and everything bought so far is known."""
    stack.settle()
    visitor.sign_in(ADA)


def test_the_reason_and_the_words_reach_stripe_and_no_log(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "chalicelib")
    item = shop.subscription(customer)
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    visitor.press("Cancel subscription", {"reason": "Too expensive", "comment": f"  {SECRET},\r\n\u202esorry "})
    stack.settle()
    kept: Any = shop.v1.subscriptions.retrieve(item).cancellation_details
    assert (kept.feedback, kept.comment) == ("too_expensive", f"{SECRET}, sorry")
    assert all(SECRET not in str(vars(record)) for record in caplog.records)
    assert all(SECRET not in mail.text for mail in stack.mailbox(ADA))


def test_words_stripe_has_no_name_for_are_its_comment_and_words_nobody_offered_are_dropped(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    decide(cancel_reasons=(CancelReason("I’m moving away"),))
    sign_in(stack, visitor)
    for reason, text, comment in (("I’m moving away", "to Oslo", "I’m moving away: to Oslo"), ("Nonsense", "", None)):
        visitor.open(f"/items/{item}/cancel")
        visitor.press("Cancel subscription", {"reason": reason, "comment": text})
        kept: Any = shop.v1.subscriptions.retrieve(item).cancellation_details
        assert (kept.feedback, kept.comment) == (None, comment)
        visitor.press("Keep my subscription")


def test_far_too_much_is_cut_and_never_in_the_way(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    assert "Canceling" in visitor.press("Cancel subscription", {"comment": "x" * 3000}).text
    kept: Any = shop.v1.subscriptions.retrieve(item).cancellation_details
    assert kept.comment == "x" * 500


def test_with_a_schedule_attached_the_reason_is_given_to_its_subscription(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    shop.v1.subscription_schedules.create({"from_subscription": item})
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    done = visitor.press("Cancel subscription", {"reason": "Too expensive", "comment": "sorry"})
    assert "Canceling" in done.text
    now: Any = shop.v1.subscriptions.retrieve(item)
    assert now.cancel_at == now["items"].data[0].current_period_end
    assert (now.cancellation_details.feedback, now.cancellation_details.comment) == ("too_expensive", "sorry")


@pytest.mark.parametrize("known", [True, False], ids=["event arrived", "event under way"])
@pytest.mark.parametrize("at_once", [True, False], ids=["ended at once", "at the period's end"])
def test_what_the_merchant_canceled_meanwhile_is_shown_as_it_is(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str, known: bool, at_once: bool
) -> None:
    item = shop.subscription(customer)
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    with bought_before_we_came(stack):
        if at_once:
            shop.v1.subscriptions.cancel(item)
        else:
            shop.v1.subscriptions.update(item, {"cancel_at_period_end": True})
    if known:
        portal().sync.refresh("subscription", item)
    before = [call for call in shop.calls() if call[0] != "GET"]
    page = visitor.press("Cancel subscription", {"comment": "bye"})
    assert page.status == 200
    assert ("Ended" if at_once else "This cancellation wasn’t made here") in page.text
    assert "Keep my subscription" not in page.buttons
    assert [call for call in shop.calls() if call[0] != "GET"] == before
    assert len(stack.mailbox(ADA)) == 1, "the code, and no mail about a cancellation"
    assert visitor.open(f"/items/{item}/cancel").path.endswith(f"/items/{item}")


def test_a_commitment_names_its_day_and_holds_at_the_server_until_then(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    price = shop.v1.subscriptions.retrieve(item)["items"].data[0].price
    decide(cancel_rules=(CancelRule(str(price.product), after_periods=3),))
    sign_in(stack, visitor)
    page = visitor.open(f"/items/{item}")
    assert "can be canceled here from" in page.text
    assert "Until then, please write to help@northlight.example" in page.text
    assert "Cancel subscription" not in page.text
    csrf = session_of(visitor)[1]
    refused = visitor.send(f"/items/{item}/cancel", {"csrf": csrf, "attempt": "a" * 24})
    assert (refused.status, "can be canceled here from" in refused.text) == (403, True)
    assert not shop.v1.subscriptions.retrieve(item).cancel_at_period_end
    for _ in range(2):
        stack.skip("P32D")
    visitor.sign_in(ADA)
    visitor.open(f"/items/{item}/cancel")
    assert "Canceling" in visitor.press("Cancel subscription").text


def test_a_rule_the_mirror_does_not_know_to_apply_is_applied_to_what_stripe_says(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    strict = shop.price("Committed", 4900)
    decide(cancel_rules=(CancelRule(strict, on_request=True),))
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    with bought_before_we_came(stack):
        line = shop.v1.subscriptions.retrieve(item)["items"].data[0].id
        shop.v1.subscriptions.update(item, {"items": [{"id": line, "price": strict}]})
    page = visitor.press("Cancel subscription")
    assert (page.status, "can’t be canceled here" in page.text) == (403, True)
    assert not shop.v1.subscriptions.retrieve(item).cancel_at_period_end


def test_a_cancellation_of_the_merchants_is_not_taken_back_because_of_an_earlier_one_made_here(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    visitor.press("Cancel subscription")
    shop.v1.subscriptions.update(item, {"cancel_at_period_end": False})
    stack.skip("PT3H")
    shop.v1.subscriptions.update(item, {"cancel_at_period_end": True})
    sign_in(stack, visitor)
    refused = visitor.send(f"/items/{item}/undo", {"csrf": session_of(visitor)[1], "attempt": "a" * 24})
    assert (refused.status, "wasn’t made here" in refused.text) == (403, True)
    assert shop.v1.subscriptions.retrieve(item).cancel_at_period_end


def test_what_the_merchant_let_go_on_can_be_canceled_here_again(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    visitor.press("Cancel subscription")
    shop.v1.subscriptions.update(item, {"cancel_at_period_end": False})
    stack.settle()
    visitor.open(f"/items/{item}/cancel")
    assert "Canceling" in visitor.press("Cancel subscription").text
    assert shop.v1.subscriptions.retrieve(item).cancel_at_period_end


def test_a_trial_can_be_left_under_a_commitment_and_nothing_is_ever_charged(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer, trial_period_days=14)
    price = shop.v1.subscriptions.retrieve(item)["items"].data[0].price.id
    decide(cancel_rules=(CancelRule(price, after_periods=6),))
    sign_in(stack, visitor)
    visitor.open(f"/items/{item}/cancel")
    assert "Canceling" in visitor.press("Cancel subscription").text
    stack.skip("P20D")
    assert shop.v1.subscriptions.retrieve(item).status == "canceled"
    assert sum(each.amount_paid for each in shop.v1.invoices.list({"subscription": item}).data) == 0


def test_what_is_past_due_stops_being_collected_and_stays_payable(
    stack: TestStack, shop: Shop, visitor: Visitor, customer: str
) -> None:
    item = shop.subscription(customer)
    invoice = shop.past_due(customer, item)
    sign_in(stack, visitor)
    form = visitor.open(f"/items/{item}/cancel")
    assert "$49.00 stays payable here, but we no longer take it by ourselves" in form.text
    visitor.press("Cancel subscription")
    assert not shop.v1.invoices.retrieve(invoice).auto_advance
    shop.v1.subscriptions.update(item, {"default_payment_method": shop.card(customer)})
    stack.skip("P40D")
    assert shop.v1.invoices.retrieve(invoice).status == "open"
    visitor.sign_in(ADA)
    assert "Pay $49.00 now" in visitor.open(f"/items/{item}").buttons
