"""Subscription schedules: starting, phases, the end, and what is refused meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.contracts.stripe.subscribing import (
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


def plan_of_six(local_stripe, buyer: str | None = None, **given: Any) -> stripe.SubscriptionSchedule:
    """Six monthly instalments of 50.00 from 10 March 2026, then the end."""
    start_at(local_stripe, "2026-03-10") if buyer is None else None
    phase = {
        "items": [{"price": price(local_stripe, 5000)}],
        "duration": {"interval": "month", "interval_count": 6},
        "metadata": {"tillkey": "plan", "installments": "6"},
    }
    return local_stripe.client.v1.subscription_schedules.create(
        {
            "customer": buyer or customer(local_stripe),
            "start_date": "now",
            "end_behavior": "cancel",
            "phases": [phase],
            **given,
        }
    )


def upgrade(local_stripe, **second: Any) -> stripe.SubscriptionSchedule:
    """Two months at 10.00 from 10 March 2026, then a month at 20.00, then it goes on by itself."""
    start_at(local_stripe, "2026-03-10")
    phases = [
        {"items": [{"price": price(local_stripe, 1000)}], "duration": {"interval": "month", "interval_count": 2}},
        {"items": [{"price": price(local_stripe, 2000)}], **second},
    ]
    return local_stripe.client.v1.subscription_schedules.create(
        {"customer": customer(local_stripe), "start_date": "now", "phases": phases}
    )


def as_given(phase: stripe.SubscriptionSchedule.Phase, **changed: Any) -> dict[str, Any]:
    """A phase as an update names it."""
    items = [{"price": item.price, "quantity": item.quantity} for item in phase["items"]]
    return {"items": items, "start_date": phase.start_date, "end_date": phase.end_date, **changed}


def test_a_payment_plan_bills_six_times_and_then_ends_its_subscription(local_stripe):
    schedule = plan_of_six(local_stripe)
    made = read(local_stripe, schedule.subscription)
    assert (schedule.status, schedule.end_behavior, day(schedule.phases[0].end_date)) == (
        "active",
        "cancel",
        "2026-09-10",
    )
    assert schedule.current_phase.start_date == schedule.phases[0].start_date
    assert (made.schedule, made.status, day(made.cancel_at)) == (schedule.id, "active", "2026-09-10")
    assert made.cancel_at_period_end is False
    assert made.metadata.to_dict() == {"tillkey": "plan", "installments": "6"}
    assert invoices(local_stripe, made.id)[0].status == "draft"
    to(local_stripe, "2026-03-10T02:00")
    assert invoices(local_stripe, made.id)[0].status == "paid"
    to(local_stripe, "2026-10-10")
    assert [one.total for one in invoices(local_stripe, made.id)] == [5000] * 6
    ended = read(local_stripe, made.id)
    assert (ended.status, day(ended.ended_at)) == ("canceled", "2026-09-10")
    done = local_stripe.client.v1.subscription_schedules.retrieve(schedule.id)
    assert (done.status, done.current_phase, day(done.completed_at)) == ("completed", None, "2026-09-10")
    types = [one for one in local_stripe.world.of("event") if one["type"].startswith("subscription_schedule.")]
    assert [one["type"].split(".")[1] for one in types][::-1] == ["created", "updated", "expiring", "completed"]


def test_a_schedule_that_starts_later_makes_its_subscription_then(local_stripe):
    start_at(local_stripe, "2026-03-01")
    buyer = customer(local_stripe)
    schedule = plan_of_six(local_stripe, buyer, start_date=moment("2026-03-10"))
    assert (schedule.status, schedule.subscription, schedule.current_phase) == ("not_started", None, None)
    schedules = local_stripe.client.v1.subscription_schedules
    assert [one.id for one in schedules.list({"scheduled": True}).data] == [schedule.id]
    to(local_stripe, "2026-03-11")
    started = schedules.retrieve(schedule.id, {"expand": ["subscription", "phases.items.price"]})
    assert (started.status, day(started.subscription.start_date)) == ("active", "2026-03-10")
    assert started.phases[0]["items"][0].price.unit_amount == 5000
    assert schedules.list({"scheduled": True}).data == []
    assert [one.id for one in schedules.list({"customer": buyer}).data] == [schedule.id]


def test_the_next_phase_changes_the_price_and_after_the_last_the_subscription_goes_on(local_stripe):
    schedule = upgrade(local_stripe, metadata={"level": "2"})
    id = schedule.subscription
    assert read(local_stripe, id).cancel_at is None
    to(local_stripe, "2026-05-09")
    preview = local_stripe.client.v1.invoices.create_preview({"subscription": id})
    assert preview.total == 2000
    to(local_stripe, "2026-07-11")
    assert [one.total for one in invoices(local_stripe, id)] == [1000, 1000, 2000, 2000, 2000]
    after = read(local_stripe, id)
    assert (after.status, after.schedule, after.metadata["level"]) == ("active", None, "2")
    done = local_stripe.client.v1.subscription_schedules.retrieve(schedule.id)
    assert (done.status, done.subscription, done.released_subscription) == ("completed", None, id)


def test_the_card_of_a_phase_takes_the_place_of_the_subscriptions_when_it_begins(local_stripe):
    start_at(local_stripe, "2026-03-10")
    buyer = customer(local_stripe)
    cards = [use_card(local_stripe, buyer, card) for card in ("pm_card_visa", "pm_card_mastercard", "pm_card_amex")]
    phases = [
        {"items": [{"price": price(local_stripe)}], "default_payment_method": cards[0]},
        {"items": [{"price": price(local_stripe)}], "default_payment_method": cards[1]},
        {"items": [{"price": price(local_stripe)}]},
    ]
    schedule = local_stripe.client.v1.subscription_schedules.create(
        {"customer": buyer, "phases": phases, "default_settings": {"default_payment_method": cards[2]}}
    )
    id = schedule.subscription
    assert read(local_stripe, id).default_payment_method == cards[0]
    local_stripe.client.v1.subscriptions.update(id, {"default_payment_method": cards[2]})
    to(local_stripe, "2026-04-11")
    assert read(local_stripe, id).default_payment_method == cards[1]
    to(local_stripe, "2026-05-11")
    assert read(local_stripe, id).default_payment_method == cards[2]


def test_a_new_card_in_settings_and_phases_reaches_the_subscription(local_stripe):
    schedule = plan_of_six(local_stripe)
    card = use_card(local_stripe, schedule.customer, "pm_card_mastercard")
    updated = local_stripe.client.v1.subscription_schedules.update(
        schedule.id,
        {
            "default_settings": {"default_payment_method": card},
            "phases": [as_given(schedule.phases[0], default_payment_method=card)],
        },
    )
    assert (updated.default_settings.default_payment_method, updated.phases[0].default_payment_method) == (card, card)
    assert updated.default_settings.collection_method == "charge_automatically"
    assert read(local_stripe, schedule.subscription).default_payment_method == card
    changed = events(local_stripe, "subscription_schedule.updated")[-1].data.previous_attributes.to_dict()
    assert changed["default_settings"] == {"default_payment_method": None}
    to(local_stripe, "2026-05-01")
    assert len(invoices(local_stripe, schedule.subscription)) == 2


def test_while_a_schedule_drives_it_the_subscription_cannot_be_ended_or_changed_directly(local_stripe):
    schedule = plan_of_six(local_stripe)
    id = schedule.subscription
    item = read(local_stripe, id)["items"].data[0].id
    for given in ({"cancel_at_period_end": True}, {"cancel_at_period_end": False}, {"cancel_at": ""}):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            local_stripe.client.v1.subscriptions.update(id, given)
        assert caught.value.user_message == (
            f"The subscription is managed by the subscription schedule `{schedule.id}`, and updating any cancelation "
            "behavior directly is not allowed. Please update the schedule instead."
        )
    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        local_stripe.client.v1.subscriptions.update(id, {"items": [{"id": item, "quantity": 2}]})
    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        local_stripe.client.v1.subscription_items.update(item, {"quantity": 2})
    assert local_stripe.client.v1.subscriptions.update(id, {"metadata": {"a": "1"}}).metadata["a"] == "1"


def test_ending_with_the_current_phase_and_taking_it_back(local_stripe):
    schedule = upgrade(local_stripe)
    id, schedules = schedule.subscription, local_stripe.client.v1.subscription_schedules
    to(local_stripe, "2026-04-20")
    given = {
        "phases": [as_given(schedule.phases[0])],
        "end_behavior": "cancel",
        "metadata": {"tillkey_cancel": "1"},
        "proration_behavior": "none",
    }
    ending = schedules.update(schedule.id, given)
    assert (len(ending.phases), ending.end_behavior, ending.metadata["tillkey_cancel"]) == (1, "cancel", "1")
    assert day(read(local_stripe, id).cancel_at) == "2026-05-10"
    back = {
        "phases": [as_given(phase) for phase in schedule.phases],
        "end_behavior": "release",
        "metadata": {"tillkey_cancel": ""},
        "proration_behavior": "none",
    }
    restored = schedules.update(schedule.id, back)
    assert [phase.to_dict() for phase in restored.phases] == [phase.to_dict() for phase in schedule.phases]
    assert (restored.end_behavior, restored.metadata.to_dict()) == ("release", {})
    assert read(local_stripe, id).cancel_at is None
    schedules.update(schedule.id, given)
    to(local_stripe, "2026-06-01")
    assert read(local_stripe, id).status == "canceled"
    assert [one.total for one in invoices(local_stripe, id)] == [1000, 1000]


def test_the_current_phase_keeps_its_start_and_needs_one(local_stripe):
    schedule = upgrade(local_stripe)
    schedules = local_stripe.client.v1.subscription_schedules
    to(local_stripe, "2026-04-20")
    current = as_given(schedule.phases[0])
    for phases, said in (
        ([{key: value for key, value in current.items() if key != "start_date"}], "missing at least one phase"),
        ([{**current, "start_date": current["start_date"] + 1}], "only adjust the end date"),
        ([as_given(schedule.phases[1])], "only adjust the end date"),
        ([{**current, "end_date": moment("2026-04-01")}], "only adjust the end date"),
        ([current, as_given(schedule.phases[1], start_date=moment("2026-05-11"))], "follow one another"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match=said):
            schedules.update(schedule.id, {"phases": phases})
    assert len(schedules.retrieve(schedule.id).phases) == 2


def test_past_phases_may_be_left_out_of_an_update_and_stay(local_stripe):
    schedule = upgrade(local_stripe, duration={"interval": "year"})
    to(local_stripe, "2026-05-20")
    updated = local_stripe.client.v1.subscription_schedules.update(
        schedule.id, {"phases": [as_given(schedule.phases[1], end_date=moment("2026-06-10"))], "end_behavior": "cancel"}
    )
    assert [day(phase.end_date) for phase in updated.phases] == ["2026-05-10", "2026-06-10"]
    to(local_stripe, "2026-06-11")
    assert read(local_stripe, schedule.subscription).status == "canceled"


def test_the_past_cannot_be_rewritten(local_stripe):
    schedule = upgrade(local_stripe, duration={"interval": "year"})
    to(local_stripe, "2026-05-20")
    earlier = as_given(schedule.phases[0], start_date=moment("2026-03-01"))
    with pytest.raises(stripe.InvalidRequestError, match="only adjust the end date"):
        local_stripe.client.v1.subscription_schedules.update(
            schedule.id, {"phases": [earlier, as_given(schedule.phases[1])]}
        )


def test_ending_the_current_phase_now_begins_the_next(local_stripe):
    schedule = upgrade(local_stripe)
    to(local_stripe, "2026-04-20")
    later = {"items": as_given(schedule.phases[1])["items"], "duration": {"interval": "month"}}
    local_stripe.client.v1.subscription_schedules.update(
        schedule.id, {"phases": [as_given(schedule.phases[0], end_date="now"), later], "proration_behavior": "none"}
    )
    assert read(local_stripe, schedule.subscription)["items"].data[0].price.unit_amount == 2000


def test_a_reason_can_be_given_beside_a_schedule_and_unset_again(local_stripe):
    made = subscribe(local_stripe)
    local_stripe.client.v1.subscription_schedules.create({"from_subscription": made.id})
    update = local_stripe.client.v1.subscriptions.update
    given = update(made.id, {"cancellation_details": {"feedback": "unused", "comment": "Sorry"}}).cancellation_details
    assert (given.feedback, given.comment) == ("unused", "Sorry")
    unset = update(made.id, {"cancellation_details": {"feedback": "", "comment": ""}}).cancellation_details
    assert (unset.feedback, unset.comment) == (None, None)


def test_a_schedule_takes_over_a_running_subscription(local_stripe):
    start_at(local_stripe, "2026-03-10")
    made = subscribe(local_stripe, metadata={"a": "1"})
    schedules = local_stripe.client.v1.subscription_schedules
    schedule = schedules.create({"from_subscription": made.id})
    phase = schedule.phases[0]
    assert (schedule.status, schedule.end_behavior, schedule.subscription) == ("active", "release", made.id)
    assert (day(phase.start_date), day(phase.end_date)) == ("2026-03-10", "2026-04-10")
    assert phase["items"][0].price == made["items"].data[0].price.id
    assert read(local_stripe, made.id).schedule == schedule.id
    with pytest.raises(stripe.InvalidRequestError, match="already attached to a schedule"):
        schedules.create({"from_subscription": made.id})
    with pytest.raises(stripe.InvalidRequestError, match="`end_behavior`"):
        schedules.create({"from_subscription": made.id, "end_behavior": "cancel"})
    to(local_stripe, "2026-04-11")
    assert read(local_stripe, made.id).schedule is None
    assert read(local_stripe, made.id).status == "active"
    assert len(invoices(local_stripe, made.id)) == 2


def test_a_released_subscription_goes_on_without_an_end(local_stripe):
    schedule = plan_of_six(local_stripe)
    id = schedule.subscription
    released = local_stripe.client.v1.subscription_schedules.release(schedule.id)
    assert (released.status, released.subscription, released.released_subscription) == ("released", None, id)
    assert (read(local_stripe, id).schedule, read(local_stripe, id).cancel_at) == (None, None)
    with pytest.raises(stripe.InvalidRequestError, match="`released` status"):
        local_stripe.client.v1.subscription_schedules.update(schedule.id, {"end_behavior": "cancel"})
    to(local_stripe, "2026-11-01")
    assert len(invoices(local_stripe, id)) == 8


def test_canceling_a_schedule_cancels_its_subscription(local_stripe):
    schedule = plan_of_six(local_stripe)
    canceled = local_stripe.client.v1.subscription_schedules.cancel(schedule.id, {"prorate": False})
    assert (canceled.status, canceled.subscription) == ("canceled", schedule.subscription)
    assert read(local_stripe, schedule.subscription).status == "canceled"
    assert len(events(local_stripe, "subscription_schedule.canceled")) == 1


def test_a_schedule_that_has_not_begun_can_be_canceled_released_or_changed(local_stripe):
    start_at(local_stripe, "2026-03-01")
    buyer, schedules = customer(local_stripe), local_stripe.client.v1.subscription_schedules
    first, second, third = (plan_of_six(local_stripe, buyer, start_date=moment("2026-03-10")) for _ in range(3))
    assert schedules.cancel(first.id).status == "canceled"
    assert schedules.release(second.id).status == "released"
    phase = as_given(third.phases[0], start_date=moment("2026-03-20"), end_date=moment("2026-04-20"))
    schedules.update(third.id, {"phases": [phase]})
    to(local_stripe, "2026-03-21")
    found = local_stripe.client.v1.subscriptions.list({"customer": buyer}).data
    assert [day(one.start_date) for one in found] == ["2026-03-20"]


def test_canceling_the_subscription_directly_ends_its_schedule_and_so_does_not_paying(local_stripe):
    schedule = plan_of_six(local_stripe)
    local_stripe.client.v1.subscriptions.cancel(schedule.subscription)
    schedules = local_stripe.client.v1.subscription_schedules
    assert schedules.retrieve(schedule.id).status == "canceled"
    buyer = customer(local_stripe, "pm_card_chargeCustomerFail")
    local_stripe.fake("POST", "billing", after_retries="cancel", retry_days=[])
    unpaid = plan_of_six(local_stripe, buyer)
    to(local_stripe, "2026-03-11")
    assert read(local_stripe, unpaid.subscription).status == "canceled"
    assert schedules.retrieve(unpaid.id).status == "canceled"
    assert len(events(local_stripe, "subscription_schedule.aborted")) == 1


def test_a_plan_that_is_behind_shows_past_due_and_still_ends_on_its_day(local_stripe):
    schedule = plan_of_six(local_stripe)
    use_card(local_stripe, schedule.customer, "pm_card_chargeCustomerFail")
    to(local_stripe, "2026-06-11")
    assert read(local_stripe, schedule.subscription).status == "past_due"
    to(local_stripe, "2026-09-11")
    assert read(local_stripe, schedule.subscription).status == "canceled"
    assert len(invoices(local_stripe, schedule.subscription)) == 6


def test_a_phase_may_begin_with_a_trial_and_carry_a_coupon(local_stripe):
    start_at(local_stripe, "2026-03-10")
    coupon = local_stripe.client.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id
    phases = [
        {"items": [{"price": price(local_stripe, 1000)}], "end_date": moment("2026-03-20"), "trial": True},
        {
            "items": [{"price": price(local_stripe, 1000)}],
            "duration": {"interval": "month", "interval_count": 2},
            "discounts": [{"coupon": coupon}],
        },
    ]
    schedule = local_stripe.client.v1.subscription_schedules.create(
        {"customer": customer(local_stripe), "start_date": "now", "phases": phases}
    )
    assert read(local_stripe, schedule.subscription).status == "trialing"
    to(local_stripe, "2026-04-21")
    assert read(local_stripe, schedule.subscription).status == "active"
    assert [one.total for one in invoices(local_stripe, schedule.subscription)] == [0, 500, 500]


def test_what_a_schedule_cannot_be_made_of_is_refused(local_stripe):
    buyer = customer(local_stripe)
    foreign = use_card(local_stripe, customer(local_stripe, None), "pm_card_visa")
    item = {"price": price(local_stripe)}
    for given, param in (
        ({"phases": [{"items": [item], "iterations": 6}]}, "phases[0][iterations]"),
        ({"phases": [{"items": [item], "default_payment_method": foreign}]}, "phases[0][default_payment_method]"),
        ({"phases": [{"items": [{"price": "price_none"}]}]}, "phases[0][items][0][price]"),
        ({"phases": [{"items": [item], "coupon": "x"}]}, "phases[0][coupon]"),
        ({"phases": []}, "phases"),
        (
            {"phases": [{"items": [item]}], "default_settings": {"default_payment_method": foreign}},
            "default_settings[default_payment_method]",
        ),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            local_stripe.client.v1.subscription_schedules.create({"customer": buyer, "start_date": "now", **given})
        assert (caught.value.http_status, caught.value.param) == (400, param)
    assert local_stripe.client.v1.subscription_schedules.list().data == []
