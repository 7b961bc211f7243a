"""When something is next due for a subscription."""

from __future__ import annotations

from local.stripe.billing_time.state import over, period_of
from local.stripe.store import Object, World

DAY = 86400
KINDS = ("subscription.turn", "subscription.upcoming", "subscription.trial_will_end", "subscription.expire",
         "subscription.resume")  # fmt: skip
DEFAULTS = {"upcoming_days": 7, "retry_days": [3, 5, 7], "after_retries": "past_due"}


def settings(world: World) -> Object:
    """The account's billing settings: `upcoming_days` before a renewal it is announced, `retry_days` between
    tries to collect, and what comes `after_retries`: past_due (stays so), unpaid or cancel."""
    return {**DEFAULTS, **world.settings.get("billing", {})}


def plan(world: World, subscription: Object) -> None:
    """Let the next turn, and what is told beforehand, fall due. May be called at any time, as often as one likes."""
    id = subscription["id"]
    if over(subscription):
        for kind in KINDS:
            world.cancel(kind, id)
        return
    _at(world, next_turn(world, subscription), "subscription.turn", id)
    _plan_notices(world, subscription)
    paused = subscription["pause_collection"] or {}
    _at(world, paused.get("resumes_at"), "subscription.resume", id)


def next_turn(world: World, subscription: Object) -> int | None:
    """The next moment at which the subscription renews, changes or ends by itself."""
    moments = [subscription["cancel_at"]]
    if subscription["status"] not in ("incomplete", "paused"):
        moments.append(period_of(subscription)[1])
    schedule = world.objects.get(subscription["schedule"] or "")
    if schedule is not None and schedule["current_phase"] is not None:
        moments.append(schedule["current_phase"]["end_date"])
    return min((moment for moment in moments if moment is not None), default=None)


def renews_at(world: World, subscription: Object) -> int | None:
    """When it is billed next, or None when it ends before or is not billed."""
    if over(subscription) or subscription["status"] in ("incomplete", "paused"):
        return None
    end, cancel_at = period_of(subscription)[1], subscription["cancel_at"]
    return None if cancel_at is not None and cancel_at <= end else end


def _plan_notices(world: World, subscription: Object) -> None:
    told = world.hidden(subscription["id"])
    start, renewal = period_of(subscription)[0], renews_at(world, subscription)
    moment = None
    if renewal is not None and told.get("upcoming") != renewal:
        before = renewal - settings(world)["upcoming_days"] * DAY
        moment = before if before > start else None
    _at(world, moment, "subscription.upcoming", subscription["id"])
    moment = None
    if subscription["status"] == "trialing" and told.get("trial_end") != subscription["trial_end"]:
        moment = max(world.now(), subscription["trial_end"] - 3 * DAY)
    _at(world, moment, "subscription.trial_will_end", subscription["id"])


def _at(world: World, moment: int | None, kind: str, id: str) -> None:
    if moment is None:
        world.cancel(kind, id)
    else:
        world.at(moment, kind, id)
