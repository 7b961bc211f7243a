"""Time passes: renewals, trials, failed payments and their retries."""

from __future__ import annotations

import time

import pytest
import stripe

from tests.contracts.stripe.subscribing import (
    DAY,
    advance,
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
    use_card,
)


def test_a_renewal_drafts_finalises_after_an_hour_and_is_paid(local_stripe):
    start_at(local_stripe, "2026-03-10T09:00")
    made = subscribe(local_stripe)
    start = made["items"].data[0].current_period_start
    to(local_stripe, "2026-04-10T09:00")
    advance(local_stripe, 1)
    draft = invoices(local_stripe, made.id)[-1]
    assert (draft.status, draft.billing_reason, draft.attempted) == ("draft", "subscription_cycle", False)
    assert draft.next_payment_attempt == draft.automatically_finalizes_at == draft.created + 3600
    assert (draft.period_start, draft.period_end) == (start, draft.created)
    assert draft.lines.data[0].period.start == draft.created
    renewed = read(local_stripe, made.id)
    assert (renewed.status, renewed.latest_invoice) == ("active", draft.id)
    assert day(renewed["items"].data[0].current_period_end) == "2026-05-10"
    advance(local_stripe, 3600)
    paid = invoices(local_stripe, made.id)[-1]
    assert (paid.status, paid.attempt_count, paid.amount_paid) == ("paid", 1, 1200)
    updated = events(local_stripe, "customer.subscription.updated")
    assert [event.request.id for event in updated] == [None]
    assert set(updated[0].data.previous_attributes.to_dict()) == {"items", "latest_invoice"}


def test_months_keep_the_day_of_the_anchor(local_stripe):
    start_at(local_stripe, "2026-01-31")
    made = subscribe(local_stripe)
    to(local_stripe, "2026-06-15")
    starts = [day(one.lines.data[0].period.start) for one in invoices(local_stripe, made.id)]
    assert starts == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


@pytest.mark.parametrize(
    ("interval", "count", "end"),
    [("day", 10, "2028-03-10"), ("week", 2, "2028-03-14"), ("month", 3, "2028-05-29"), ("year", 1, "2029-02-28")],
)
def test_every_interval_has_its_length(local_stripe, interval, count, end):
    start_at(local_stripe, "2028-02-29")
    cost = price(local_stripe, interval=interval, interval_count=count)
    made = subscribe(local_stripe, items=[{"price": cost}])
    assert day(made["items"].data[0].current_period_end) == end


def test_the_next_invoice_is_announced_days_before(local_stripe):
    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe)
    to(local_stripe, "2026-04-03T01:00")
    announced = events(local_stripe, "invoice.upcoming")
    assert len(announced) == 1
    told = announced[0].data.object
    assert day(announced[0].created) == "2026-04-03"
    assert (told.amount_due, told.billing_reason, told.parent.subscription_details.subscription) == (
        1200,
        "upcoming",
        made.id,
    )
    to(local_stripe, "2026-05-03T01:00")
    assert day(events(local_stripe, "invoice.upcoming")[-1].created) == "2026-05-03"


def test_the_preview_of_the_next_invoice_is_what_comes(local_stripe):
    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe, items=[{"price": price(local_stripe, 900), "quantity": 3}])
    preview = local_stripe.client.v1.invoices.create_preview({"subscription": made.id})
    to(local_stripe, "2026-04-11")
    came = invoices(local_stripe, made.id)[-1]
    assert (preview.total, preview.lines.data[0].description) == (came.total, came.lines.data[0].description)
    assert preview.lines.data[0].period.to_dict() == came.lines.data[0].period.to_dict()
    local_stripe.client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        local_stripe.client.v1.invoices.create_preview({"subscription": made.id})
    assert caught.value.code == "invoice_upcoming_none"


def test_five_years_of_renewals_pass_quickly(local_stripe):
    start_at(local_stripe, "2021-01-31")
    local_stripe.fake("POST", "webhook_endpoints", url="http://127.0.0.1:9/none", secret="whsec_x")
    made = subscribe(local_stripe)
    began = time.monotonic()
    to(local_stripe, "2026-01-31T12:00")
    # Twice what it may take: the machine may be busy.
    assert time.monotonic() - began < 4
    found = invoices(local_stripe, made.id)
    assert len(found) == 61
    assert {one.status for one in found} == {"paid"}
    assert day(read(local_stripe, made.id)["items"].data[0].current_period_end) == "2026-02-28"


def test_a_trial_costs_nothing_tells_three_days_before_and_is_then_billed(local_stripe):
    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe, customer(local_stripe), trial_period_days=14)
    assert (made.status, day(made.trial_end), day(made.billing_cycle_anchor)) == (
        "trialing",
        "2026-03-24",
        "2026-03-24",
    )
    assert made["items"].data[0].current_period_end == made.trial_end
    first = invoices(local_stripe, made.id)[0]
    assert (first.status, first.total, first.lines.data[0].description) == ("paid", 0, "Trial period for Pro")
    to(local_stripe, "2026-03-20")
    assert not events(local_stripe, "customer.subscription.trial_will_end")
    to(local_stripe, "2026-03-22")
    assert len(events(local_stripe, "customer.subscription.trial_will_end")) == 1
    to(local_stripe, "2026-03-24T02:00")
    after = read(local_stripe, made.id)
    assert (after.status, day(after["items"].data[0].current_period_end)) == ("active", "2026-04-24")
    assert [one.total for one in invoices(local_stripe, made.id)] == [0, 1200]
    assert after.trial_end == made.trial_end


@pytest.mark.parametrize(
    ("behavior", "status"), [("create_invoice", "past_due"), ("cancel", "canceled"), ("pause", "paused")]
)
def test_a_trial_that_ends_without_a_card_does_as_it_was_told(local_stripe, behavior, status):
    start_at(local_stripe, "2026-03-10")
    buyer = customer(local_stripe, None)
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    made = subscribe(local_stripe, buyer, trial_period_days=1, trial_settings=settings)
    assert len(events(local_stripe, "customer.subscription.trial_will_end")) <= 1
    to(local_stripe, "2026-03-12")
    assert read(local_stripe, made.id).status == status
    if status == "paused":
        assert len(events(local_stripe, "customer.subscription.paused")) == 1
        use_card(local_stripe, buyer, "pm_card_visa")
        assert local_stripe.client.v1.subscriptions.resume(made.id).status == "active"
        assert len(events(local_stripe, "customer.subscription.resumed")) == 1
        assert invoices(local_stripe, made.id)[-1].status == "paid"
        with pytest.raises(stripe.InvalidRequestError, match="cannot be resumed"):
            local_stripe.client.v1.subscriptions.resume(made.id)


def test_a_trial_can_be_ended_now_or_made_longer(local_stripe):
    start_at(local_stripe, "2026-03-10")
    update = local_stripe.client.v1.subscriptions.update
    made = subscribe(local_stripe, trial_period_days=14)
    longer = update(made.id, {"trial_end": moment("2026-04-01")})
    assert (longer.status, day(longer["items"].data[0].current_period_end)) == ("trialing", "2026-04-01")
    to(local_stripe, "2026-03-28")
    ended = update(made.id, {"trial_end": "now"})
    assert (ended.status, day(ended["items"].data[0].current_period_end)) == ("active", "2026-04-28")
    assert [one.total for one in invoices(local_stripe, made.id)] == [0, 1200]


def test_a_canceled_trial_ends_with_it(local_stripe):
    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe, trial_period_days=14)
    local_stripe.client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    to(local_stripe, "2026-04-01")
    assert read(local_stripe, made.id).status == "canceled"
    assert [one.total for one in invoices(local_stripe, made.id)] == [0]


def past_due(local_stripe, card: str = "pm_card_chargeCustomerFail", **settings) -> str:
    """A subscription whose renewal of 10 April failed; its id."""
    start_at(local_stripe, "2026-03-10")
    if settings:
        local_stripe.fake("POST", "billing", **settings)
    buyer = customer(local_stripe)
    made = subscribe(local_stripe, buyer)
    use_card(local_stripe, buyer, card)
    to(local_stripe, "2026-04-10T02:00")
    return made.id


def test_a_failed_renewal_is_past_due_and_tried_again_after_three_five_and_seven_days(local_stripe):
    id = past_due(local_stripe)
    tries = []
    for _ in range(4):
        invoice = invoices(local_stripe, id)[-1]
        next_try = invoice.next_payment_attempt
        tries.append((invoice.attempt_count, day(next_try) if next_try else None))
        assert (read(local_stripe, id).status, invoice.status) == ("past_due", "open")
        local_stripe.fake(
            "POST", "clock", advance=7 * DAY + 1 if next_try is None else next_try - local_stripe.world.now() + 1
        )
    assert tries == [(1, "2026-04-13"), (2, "2026-04-18"), (3, "2026-04-25"), (4, None)]
    failed = events(local_stripe, "invoice.payment_failed")
    assert [event.data.object.attempt_count for event in failed] == [1, 2, 3, 4]
    assert [event.data.object.next_payment_attempt is None for event in failed] == [False, False, False, True]
    status = [
        event.data.previous_attributes.to_dict().get("status")
        for event in events(local_stripe, "customer.subscription.updated")
    ]
    assert status.count("active") == 1


def test_a_retry_with_a_new_card_makes_it_active_again(local_stripe):
    id = past_due(local_stripe)
    use_card(local_stripe, read(local_stripe, id).customer, "pm_card_visa")
    assert (read(local_stripe, id).status, invoices(local_stripe, id)[-1].status) == ("past_due", "open")
    to(local_stripe, "2026-04-14")
    assert read(local_stripe, id).status == "active"
    assert invoices(local_stripe, id)[-1].attempt_count == 2
    to(local_stripe, "2026-05-09")
    assert len(invoices(local_stripe, id)) == 2


def test_paying_the_open_invoice_ends_the_retries(local_stripe):
    id = past_due(local_stripe)
    card = local_stripe.client.v1.payment_methods.attach("pm_card_visa", {"customer": read(local_stripe, id).customer})
    open_invoice = invoices(local_stripe, id)[-1].id
    paid = local_stripe.client.v1.invoices.pay(open_invoice, {"payment_method": card.id, "off_session": False})
    assert (paid.status, paid.next_payment_attempt) == ("paid", None)
    assert read(local_stripe, id).status == "active"
    to(local_stripe, "2026-04-30")
    assert len(events(local_stripe, "invoice.payment_failed")) == 1


def test_a_try_of_the_customers_own_leaves_the_plan_of_retries_as_it_is(local_stripe):
    id = past_due(local_stripe)
    before = invoices(local_stripe, id)[-1]
    with pytest.raises(stripe.CardError):
        local_stripe.client.v1.invoices.pay(before.id)
    after = invoices(local_stripe, id)[-1]
    assert (after.next_payment_attempt, after.attempt_count) == (before.next_payment_attempt, before.attempt_count)
    to(local_stripe, "2026-04-14")
    assert invoices(local_stripe, id)[-1].attempt_count == 2


def test_an_invoice_that_is_not_to_advance_is_not_tried_again_until_it_is(local_stripe):
    id = past_due(local_stripe)
    invoice = invoices(local_stripe, id)[-1].id
    stopped = local_stripe.client.v1.invoices.update(invoice, {"auto_advance": False})
    assert (stopped.auto_advance, stopped.next_payment_attempt) == (False, None)
    to(local_stripe, "2026-04-20")
    assert invoices(local_stripe, id)[-1].attempt_count == 1
    local_stripe.client.v1.invoices.update(invoice, {"auto_advance": True})
    advance(local_stripe, "P1D")
    assert invoices(local_stripe, id)[-1].attempt_count == 2


def test_a_failed_try_by_hand_plans_no_retry_for_an_invoice_that_does_not_advance(local_stripe):
    start_at(local_stripe, "2026-03-10")
    buyer = customer(local_stripe)
    id = subscribe(local_stripe, buyer).id
    use_card(local_stripe, buyer, "pm_card_chargeCustomerFail")
    to(local_stripe, "2026-04-10T00:01")
    draft = invoices(local_stripe, id)[-1].id
    local_stripe.client.v1.invoices.update(draft, {"auto_advance": False})
    with pytest.raises(stripe.CardError):
        local_stripe.client.v1.invoices.pay(draft)
    tried = invoices(local_stripe, id)[-1]
    assert (read(local_stripe, id).status, tried.attempt_count, tried.next_payment_attempt) == ("past_due", 1, None)
    to(local_stripe, "2026-05-09")
    assert invoices(local_stripe, id)[-1].attempt_count == 1


def test_when_all_retries_failed_it_ends_as_the_account_says(local_stripe):
    id = past_due(local_stripe, after_retries="cancel")
    to(local_stripe, "2026-04-26")
    ended = read(local_stripe, id)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert invoices(local_stripe, id)[-1].auto_advance is False


def test_an_unpaid_subscription_keeps_making_drafts_that_nobody_collects(local_stripe):
    id = past_due(local_stripe, after_retries="unpaid", retry_days=[1])
    to(local_stripe, "2026-05-11")
    assert read(local_stripe, id).status == "unpaid"
    last = invoices(local_stripe, id)[-1]
    assert (last.status, last.auto_advance) == ("draft", False)


def test_a_past_due_subscription_goes_on_billing_and_only_the_latest_invoice_counts(local_stripe):
    id = past_due(local_stripe)
    to(local_stripe, "2026-05-10T02:00")
    first, second = invoices(local_stripe, id)[1:]
    assert (first.status, second.status) == ("open", "open")
    card = local_stripe.client.v1.payment_methods.attach("pm_card_visa", {"customer": read(local_stripe, id).customer})
    local_stripe.client.v1.invoices.pay(first.id, {"payment_method": card.id})
    assert read(local_stripe, id).status == "past_due"
    local_stripe.client.v1.invoices.pay(second.id, {"payment_method": card.id})
    assert read(local_stripe, id).status == "active"


def test_a_renewal_that_needs_the_customer_is_past_due_until_they_come(local_stripe):
    id = past_due(local_stripe, "pm_card_authenticationRequired")
    assert read(local_stripe, id).status == "past_due"
    assert len(events(local_stripe, "invoice.payment_action_required")) == 1
    invoice = invoices(local_stripe, id)[-1].id
    with pytest.raises(stripe.CardError):
        local_stripe.client.v1.invoices.pay(invoice, {"off_session": False})
    found = local_stripe.client.v1.invoices.retrieve(invoice, {"expand": ["payments"]})
    local_stripe.fake("POST", f"challenges/{found.payments.data[0].payment.payment_intent}", outcome="complete")
    assert read(local_stripe, id).status == "active"


def test_voiding_the_latest_invoice_makes_it_active_again(local_stripe):
    id = past_due(local_stripe)
    local_stripe.client.v1.invoices.void_invoice(invoices(local_stripe, id)[-1].id)
    assert read(local_stripe, id).status == "active"


def test_time_goes_on_after_a_restart(local_stripe, tmp_path):
    from local.stripe import snapshot
    from local.stripe.store import World

    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe)
    local_stripe.world.dirty = True
    snapshot.save(local_stripe.world, tmp_path)
    later = World()
    assert snapshot.load(later, tmp_path)
    later.advance(moment("2026-05-11"))
    assert [one["total"] for one in later.of("invoice")] == [1200, 1200, 1200]
    assert later.objects[made.id]["status"] == "active"
