"""Schedules at work: they begin subscriptions, change them from phase to phase, and end or release them.

https://docs.stripe.com/billing/subscriptions/subscription-schedules
"""

from __future__ import annotations

from typing import Any

from local.stripe import changes
from local.stripe.billing_time import discounts, endings, phases, planning, swapping
from local.stripe.billing_time.making import make
from local.stripe.billing_time.starting import begin
from local.stripe.billing_time.state import LIVE_SCHEDULE, changed, items_of
from local.stripe.store import Object, World, due

EXPIRING_DAYS = 7
_TAKEN = ("default_payment_method", "collection_method", "description")


def driving(world: World, subscription: Object) -> Object | None:
    """The schedule that drives a subscription now."""
    schedule = world.objects.get(subscription["schedule"] or "")
    return schedule if schedule is not None and schedule["status"] in LIVE_SCHEDULE else None


def turn(world: World, subscription: Object) -> None:
    """When the current phase is over: the next one begins, or the schedule is complete."""
    schedule = driving(world, subscription)
    if schedule is None or schedule["current_phase"]["end_date"] > world.now():
        return
    phase = phases.at(schedule, world.now())
    if phase is not None:
        _show_phase(world, schedule, phase)
        with changed(world, subscription):
            take_up(world, subscription, schedule, phase, entering=True, proration=phase["proration_behavior"])
    elif schedule["end_behavior"] == "cancel":
        endings.end(world, subscription, None, schedule="completed", bill_rest=True)
    else:
        let_go(world, schedule, "completed")


def plan_expiry(world: World, schedule: Object) -> None:
    """Let its end be announced a week ahead."""
    moment = schedule["phases"][-1]["end_date"] - EXPIRING_DAYS * planning.DAY
    if schedule["status"] in LIVE_SCHEDULE and moment > world.now():
        world.at(moment, "schedule.expiring", schedule["id"])
    else:
        world.cancel("schedule.expiring", schedule["id"])


@due("schedule.expiring")
def expiring(world: World, id: str) -> None:
    """A week before the last phase ends."""
    if world.objects[id]["status"] in LIVE_SCHEDULE:
        world.emit("subscription_schedule.expiring", world.objects[id])


@due("schedule.start")
def start(world: World, id: str) -> None:
    """The first phase begins: a subscription is made; its first invoice stays a draft for an hour."""
    schedule = world.objects[id]
    if schedule["status"] != "not_started":
        return
    phase = schedule["phases"][0]
    subscription = make(world, _as_parameters(schedule, phase), schedule=id)
    with world.change(schedule, "subscription_schedule.updated"):
        schedule.update(status="active", subscription=subscription["id"], current_phase=_span(phase))
    _set_end(world, subscription, schedule)
    begin(world, subscription)


def _as_parameters(schedule: Object, phase: Object) -> dict[str, Any]:
    """What subscriptions.create would be called with for a phase."""
    given = {
        "customer": schedule["customer"],
        "items": [
            {
                "price": one["price"],
                "quantity": one["quantity"],
                "metadata": one["metadata"],
                "tax_rates": [rate["id"] for rate in one["tax_rates"]],
                "discounts": swapping.given_discounts(one["discounts"]),
            }
            for one in phase["items"]
        ],
        "metadata": phase["metadata"],
        "default_tax_rates": [rate["id"] for rate in phase["default_tax_rates"]],
        "discounts": swapping.given_discounts(phase["discounts"]),
        "trial_end": phase["trial_end"],
        "days_until_due": _days_until_due(schedule, phase),
    }
    return {**given, **_settings(schedule, phase)}


def _settings(schedule: Object, phase: Object) -> dict[str, Any]:
    """The phase's own settings, else the schedule's; nothing for what neither says."""
    both = {name: phase[name] or schedule["default_settings"][name] for name in _TAKEN}
    return {name: value for name, value in both.items() if value is not None}


def _days_until_due(schedule: Object, phase: Object) -> int | None:
    own = (phase["invoice_settings"] or {}).get("days_until_due")
    days: int | None = own or schedule["default_settings"]["invoice_settings"]["days_until_due"]
    return days


def _span(phase: Object) -> dict[str, int]:
    return {"start_date": phase["start_date"], "end_date": phase["end_date"]}


def _show_phase(world: World, schedule: Object, phase: Object) -> None:
    with world.change(schedule, "subscription_schedule.updated"):
        schedule["current_phase"] = _span(phase)


def take_up(
    world: World, subscription: Object, schedule: Object, phase: Object, *, entering: bool, proration: str
) -> None:
    """Make the subscription what its current phase says. On entering, coupons are redeemed and a trial begins."""
    subscription.update(_settings(schedule, phase))
    subscription["metadata"] = changes.merged_metadata(subscription["metadata"], phase["metadata"])
    if phase["default_tax_rates"]:
        subscription["default_tax_rates"] = list(phase["default_tax_rates"])
    if entering:
        subscription["discounts"] = discounts.redeem(world, swapping.given_discounts(phase["discounts"]), subscription)
    wanted = swapping.as_changes(subscription, phase["items"], with_discounts=entering)
    swapping.change(world, subscription, wanted, proration)
    if entering and phase["trial_end"]:
        _begin_trial(world, subscription, phase["trial_end"])
    _set_end(world, subscription, schedule)


def _begin_trial(world: World, subscription: Object, end: int) -> None:
    now = world.now()
    subscription.update(status="trialing", trial_start=now, trial_end=end, billing_cycle_anchor=end)
    for item in items_of(subscription):
        item.update(current_period_start=now, current_period_end=end)


def _set_end(world: World, subscription: Object, schedule: Object) -> None:
    """A schedule that cancels shows on its subscription as the date it ends."""
    ends = schedule["phases"][-1]["end_date"] if schedule["end_behavior"] == "cancel" else None
    if subscription["cancel_at"] != ends:
        since = subscription["canceled_at"] or world.now()
        subscription.update(cancel_at=ends, cancel_at_period_end=False, canceled_at=since if ends else None)


def let_go(world: World, schedule: Object, how: str, *, keep_end: bool = False) -> None:
    """The schedule is `released` or `completed`; its subscription goes on by itself."""
    subscription = world.objects.get(schedule["subscription"] or "")
    schedule.update(status=how, current_phase=None, subscription=None, released_subscription=schedule["subscription"])
    schedule["completed_at" if how == "completed" else "released_at"] = world.now()
    for kind in ("schedule.start", "schedule.expiring"):
        world.cancel(kind, schedule["id"])
    world.emit(f"subscription_schedule.{how}", schedule)
    if subscription is not None:
        with changed(world, subscription):
            subscription["schedule"] = None
            if not keep_end:
                subscription.update(cancel_at=None, canceled_at=None)
        planning.plan(world, subscription)


def rewrite(world: World, schedule: Object, given: dict[str, Any], proration: str) -> None:
    """New phases (built), settings or end; the running subscription follows what its current phase now says."""
    before = schedule["current_phase"]
    with world.change(schedule, "subscription_schedule.updated"):
        changes.apply(schedule, given)
        current = phases.at(schedule, before["start_date"]) if before else None
        schedule["current_phase"] = _span(current) if current else None
    plan_expiry(world, schedule)
    subscription = world.objects.get(schedule["subscription"] or "")
    if subscription is None:
        world.at(schedule["phases"][0]["start_date"], "schedule.start", schedule["id"])
    elif current is not None:
        with changed(world, subscription):
            take_up(world, subscription, schedule, current, entering=False, proration=proration)
        turn(world, subscription)
        planning.plan(world, subscription)
