"""Subscription schedules. https://docs.stripe.com/api/subscription_schedules"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.billing_time import checks, endings, phases, planning, schedules
from local.stripe.billing_time.phase_checks import anchored, check_phases
from local.stripe.billing_time.schedule_parameters import CREATE, FILTERS, UPDATE
from local.stripe.billing_time.state import LIVE_SCHEDULE, changed, over, period_of
from local.stripe.errors import bad_parameter, invalid
from local.stripe.params import PAGING, boolean
from local.stripe.store import Object, World
from local.stripe.wire import route


@route("POST", "/v1/subscription_schedules", CREATE)
def create(world: World, params: dict[str, Any]) -> Object:
    """For a new subscription that it will make, or taking over one that runs."""
    if "from_subscription" in params:
        return _take_over(world, params)
    if "customer" not in params:
        message = "You must specify either `customer` or `from_subscription` when creating a subscription schedule."
        raise bad_parameter(message, "customer", "parameter_missing")
    world.live("customer", params["customer"], "customer", 400)
    if not params.get("phases"):
        raise bad_parameter("Missing required param: phases.", "phases", "parameter_missing")
    begins = params.pop("start_date", "now")
    begins = world.now() if begins == "now" else begins
    if begins < world.now():
        raise invalid("The local Stripe does not backdate schedules: `start_date` must not be past.", "start_date")
    currency = check_phases(world, params, params["customer"])
    checks.check_currency(world, params["customer"], currency)
    made = phases.build(world, params.pop("phases"), begins)
    schedule = _add(world, params.pop("customer"), made, end_behavior=params.pop("end_behavior", "release"))
    changes.apply(schedule, params)
    world.emit("subscription_schedule.created", schedule)
    schedules.plan_expiry(world, schedule)
    if begins > world.now():
        world.at(begins, "schedule.start", schedule["id"])
    else:
        schedules.start(world, schedule["id"])
    return schedule


def _take_over(world: World, params: dict[str, Any]) -> Object:
    others = sorted(set(params) - {"from_subscription"})
    if others:
        message = f"You cannot set `{others[0]}` if `from_subscription` is set."
        raise invalid(message, others[0])
    subscription = world.live("subscription", params["from_subscription"], "from_subscription", 400)
    if over(subscription):
        raise invalid("You cannot migrate a subscription that is canceled.", "from_subscription")
    if schedules.driving(world, subscription):
        raise invalid(
            f"You cannot migrate a subscription that is already attached to a schedule: `{subscription['schedule']}`.",
            "from_subscription",
        )
    phase = phases.of_subscription(world, subscription, *period_of(subscription))
    ending = "release" if subscription["cancel_at"] is None else "cancel"
    schedule = _add(world, subscription["customer"], [phase], end_behavior=ending)
    span_ = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    schedule.update(status="active", subscription=subscription["id"], current_phase=span_)
    world.emit("subscription_schedule.created", schedule)
    schedules.plan_expiry(world, schedule)
    with changed(world, subscription):
        subscription["schedule"] = schedule["id"]
    planning.plan(world, subscription)
    return schedule


def _add(world: World, customer: str, made: list[Object], *, end_behavior: str) -> Object:
    return world.add(
        "subscription_schedule",
        **phases.ALWAYS,
        customer=customer,
        end_behavior=end_behavior,
        metadata={},
        phases=made,
        status="not_started",
    )


@route("GET", "/v1/subscription_schedules", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first; `scheduled` picks those that have not begun."""
    found = lists.matching(world.of("subscription_schedule", params.get("customer")), params, "created", "customer")
    if params.get("scheduled"):
        found = [one for one in found if one["status"] == "not_started"]
    for name in {"canceled_at", "completed_at", "released_at"} & set(params):
        found = [one for one in found if one[name] is not None and lists.within(one[name], params[name])]
    return lists.page(world, params, found, "/v1/subscription_schedules", "subscription_schedule")


@route("GET", "/v1/subscription_schedules/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One schedule, over or not."""
    return world.live("subscription_schedule", id)


@route("POST", "/v1/subscription_schedules/<id>", UPDATE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Phases are given anew, all from the current one on, which keeps its start."""
    schedule = _running(world, id, "update")
    proration = params.pop("proration_behavior", "create_prorations")
    check_phases(world, params, schedule["customer"], schedule["phases"][0]["currency"])
    if "phases" in params:
        params["phases"] = anchored(world, schedule, params["phases"])
    schedules.rewrite(world, schedule, params, proration)
    return schedule


@route("POST", "/v1/subscription_schedules/<id>/cancel", {"invoice_now": boolean, "prorate": boolean})
def cancel(world: World, params: dict[str, Any], id: str) -> Object:
    """End the schedule and its subscription now."""
    schedule = _running(world, id, "cancel")
    subscription = world.objects.get(schedule["subscription"] or "")
    if subscription is not None:
        endings.cancel_now(world, subscription, {"prorate": True, "invoice_now": True, **params})
        return schedule
    schedule.update(status="canceled", canceled_at=world.now())
    schedules.plan_expiry(world, schedule)
    world.cancel("schedule.start", id)
    world.emit("subscription_schedule.canceled", schedule)
    return schedule


@route("POST", "/v1/subscription_schedules/<id>/release", {"preserve_cancel_date": boolean})
def release(world: World, params: dict[str, Any], id: str) -> Object:
    """The schedule is over; its subscription goes on without an end."""
    schedule = _running(world, id, "release")
    schedules.let_go(world, schedule, "released", keep_end=params.get("preserve_cancel_date", False))
    return schedule


def _running(world: World, id: str, verb: str) -> Object:
    schedule = world.live("subscription_schedule", id)
    if schedule["status"] not in LIVE_SCHEDULE:
        raise invalid(
            f"You cannot {verb} a subscription schedule that is currently in the `{schedule['status']}` status. "
            f"You can only {verb} schedules in one of the following statuses: not_started, active."
        )
    return schedule
