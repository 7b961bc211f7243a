"""Subscriptions: how they end, and how that is taken back."""

from __future__ import annotations

import pytest
import stripe

from tests.contracts.stripe.subscribing import (
    DAY,
    customer,
    day,
    events,
    invoices,
    moment,
    price,
    read,
    start_at,
    subscribe,
    to,
)


def test_cancel_at_period_end_sets_the_date_and_ends_it_there_without_another_invoice(local_stripe):
    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe)
    details = {"feedback": "too_expensive", "comment": "Sorry"}
    update = local_stripe.client.v1.subscriptions.update
    canceling = update(made.id, {"cancel_at_period_end": True, "cancellation_details": details})
    assert (canceling.status, canceling.cancel_at_period_end) == ("active", True)
    assert canceling.cancel_at == made["items"].data[0].current_period_end
    assert canceling.canceled_at >= moment("2026-03-10")
    assert canceling.cancellation_details.reason == "cancellation_requested"
    assert canceling.cancellation_details.feedback == "too_expensive"
    previous = events(local_stripe, "customer.subscription.updated")[-1].data.previous_attributes.to_dict()
    assert (previous["cancel_at_period_end"], previous["cancel_at"], previous["canceled_at"]) == (False, None, None)
    to(local_stripe, "2026-05-01")
    ended = read(local_stripe, made.id)
    assert (ended.status, day(ended.ended_at), ended.canceled_at) == ("canceled", "2026-04-10", canceling.canceled_at)
    assert len(invoices(local_stripe, made.id)) == 1
    assert [event.data.object.status for event in events(local_stripe, "customer.subscription.deleted")] == ["canceled"]


def test_a_planned_end_can_be_taken_back_and_it_renews_again(local_stripe):
    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe)
    update = local_stripe.client.v1.subscriptions.update
    update(made.id, {"cancel_at_period_end": True})
    kept = update(made.id, {"cancel_at_period_end": False})
    assert (kept.cancel_at_period_end, kept.cancel_at, kept.canceled_at) == (False, None, None)
    assert kept.cancellation_details.reason is None
    to(local_stripe, "2026-05-01")
    assert read(local_stripe, made.id).status == "active"
    assert len(invoices(local_stripe, made.id)) == 2


def test_a_date_to_end_shortens_the_last_period_and_its_price(local_stripe):
    start_at(local_stripe, "2026-04-01")
    made = subscribe(local_stripe, items=[{"price": price(local_stripe, 3100)}], cancel_at=moment("2026-05-11"))
    assert (made.cancel_at_period_end, day(made.cancel_at)) == (False, "2026-05-11")
    to(local_stripe, "2026-05-02")
    renewed = read(local_stripe, made.id)
    assert day(renewed["items"].data[0].current_period_end) == "2026-05-11"
    assert [one.total for one in invoices(local_stripe, made.id)] == [3100, 1000]
    to(local_stripe, "2026-06-02")
    assert day(read(local_stripe, made.id).ended_at) == "2026-05-11"


def test_a_date_within_the_current_period_ends_it_there(local_stripe):
    start_at(local_stripe, "2026-04-01")
    made = subscribe(local_stripe)
    local_stripe.client.v1.subscriptions.update(made.id, {"cancel_at": moment("2026-04-11")})
    to(local_stripe, "2026-04-12")
    assert (read(local_stripe, made.id).status, day(read(local_stripe, made.id).ended_at)) == ("canceled", "2026-04-11")


def test_the_date_to_end_can_be_unset_or_named_by_the_period(local_stripe):
    made = subscribe(local_stripe)
    update = local_stripe.client.v1.subscriptions.update
    end = made["items"].data[0].current_period_end
    named = update(made.id, {"cancel_at": "min_period_end"})
    assert (named.cancel_at, named.cancel_at_period_end) == (end, False)
    assert update(made.id, {"cancel_at": ""}).cancel_at is None
    with pytest.raises(stripe.InvalidRequestError, match="future"):
        update(made.id, {"cancel_at": 1})


def test_canceling_now_ends_it_and_leaves_open_invoices_payable_but_not_collected(local_stripe):
    start_at(local_stripe, "2026-03-10")
    buyer = customer(local_stripe, "pm_card_visa")
    made = subscribe(local_stripe, buyer)
    failing = local_stripe.client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": buyer})
    local_stripe.client.v1.subscriptions.update(made.id, {"default_payment_method": failing.id})
    to(local_stripe, "2026-04-11")
    assert read(local_stripe, made.id).status == "past_due"
    ended = local_stripe.client.v1.subscriptions.cancel(made.id, {"cancellation_details": {"feedback": "unused"}})
    assert (ended.status, ended.cancel_at, ended.cancellation_details.feedback) == ("canceled", None, "unused")
    assert ended.canceled_at == ended.ended_at
    left = invoices(local_stripe, made.id)[-1]
    assert (left.status, left.auto_advance, left.next_payment_attempt) == ("open", False, None)
    to(local_stripe, "2026-06-01")
    assert invoices(local_stripe, made.id)[-1].attempt_count == 1
    assert len(invoices(local_stripe, made.id)) == 2


def test_an_incomplete_subscription_can_be_canceled_at_once(local_stripe):
    made = subscribe(local_stripe, customer(local_stripe, "pm_card_chargeCustomerFail"))
    assert local_stripe.client.v1.subscriptions.cancel(made.id).status == "canceled"
    assert invoices(local_stripe, made.id)[0].auto_advance is False


def test_what_is_over_cannot_be_canceled_again_or_changed_but_for_its_metadata(local_stripe):
    made = subscribe(local_stripe)
    subscriptions = local_stripe.client.v1.subscriptions
    subscriptions.cancel(made.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        subscriptions.cancel(made.id)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription can only update"):
        subscriptions.update(made.id, {"cancel_at_period_end": False})
    assert subscriptions.update(made.id, {"metadata": {"a": "1"}}).metadata["a"] == "1"


def test_an_incomplete_subscription_cannot_be_planned_to_end(local_stripe):
    made = subscribe(local_stripe, customer(local_stripe, "pm_card_chargeCustomerFail"))
    with pytest.raises(stripe.InvalidRequestError, match="incomplete"):
        local_stripe.client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})


def test_canceling_with_a_credit_invoices_the_unused_time(local_stripe):
    start_at(local_stripe, "2026-04-01")
    buyer = customer(local_stripe)
    made = subscribe(local_stripe, buyer, items=[{"price": price(local_stripe, 3000)}])
    to(local_stripe, "2026-04-16")
    local_stripe.client.v1.subscriptions.cancel(made.id, {"prorate": True, "invoice_now": True})
    to(local_stripe, "2026-04-17")
    assert [one.total for one in invoices(local_stripe, made.id)] == [3000, -1500]
    assert local_stripe.client.v1.customers.retrieve(buyer).balance == -1500


def test_collection_can_pause_and_goes_on_by_itself(local_stripe):
    start_at(local_stripe, "2026-01-01")
    behaviors = ("keep_as_draft", "mark_uncollectible", "void")
    update = local_stripe.client.v1.subscriptions.update
    made = {behavior: subscribe(local_stripe).id for behavior in behaviors}
    for behavior, id in made.items():
        paused = update(id, {"pause_collection": {"behavior": behavior, "resumes_at": moment("2026-02-15")}})
        assert (paused.status, paused.pause_collection.behavior) == ("active", behavior)
    to(local_stripe, "2026-03-02")
    statuses = {behavior: [one.status for one in invoices(local_stripe, id)] for behavior, id in made.items()}
    assert statuses == {
        "keep_as_draft": ["paid", "draft", "paid"],
        "mark_uncollectible": ["paid", "uncollectible", "paid"],
        "void": ["paid", "void", "paid"],
    }
    assert {read(local_stripe, id).pause_collection for id in made.values()} == {None}


def test_a_pause_without_an_end_is_lifted_by_the_empty_string(local_stripe):
    made = subscribe(local_stripe)
    update = local_stripe.client.v1.subscriptions.update
    update(made.id, {"pause_collection": {"behavior": "void"}})
    assert update(made.id, {"pause_collection": ""}).pause_collection is None


def test_deleting_a_customer_ends_its_subscriptions(local_stripe):
    buyer = customer(local_stripe)
    made = subscribe(local_stripe, buyer)
    local_stripe.client.v1.customers.delete(buyer)
    assert read(local_stripe, made.id).status == "canceled"
    local_stripe.fake("POST", "clock", advance=60 * DAY)
    assert len(invoices(local_stripe, made.id)) == 1
