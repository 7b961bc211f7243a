"""Which status people see, when an item ends, and which schedule drives it. One table, first match."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from chalicelib.billing import titles
from chalicelib.billing.account import Shown, Status
from chalicelib.billing.facts import ScheduleFacts, SubscriptionFacts

# https://docs.stripe.com/api/subscriptions/object#subscription_object-status
ENDED = {"canceled", "incomplete_expired"}
RUNNING = {"active", "trialing", "past_due", "unpaid", "incomplete", "paused"}

OWING = {Status.PAST_DUE, Status.UNPAID, Status.PAYMENT_NEEDED}

TONES = {
    Status.COMPLETED: "ok",
    Status.CANCELED: "quiet",
    Status.UNPAID: "bad",
    Status.PAYMENT_NEEDED: "bad",
    Status.PAST_DUE: "bad",
    Status.PAUSED: "warn",
    Status.CANCELING: "warn",
    Status.TRIALING: "ok",
    Status.ACTIVE: "ok",
}

RULES: tuple[tuple[Status, Callable[[SubscriptionFacts], bool]], ...] = (
    (Status.CANCELED, lambda s: s.status in ENDED),
    (Status.UNPAID, lambda s: s.status == "unpaid"),
    (Status.PAYMENT_NEEDED, lambda s: s.status == "incomplete"),
    (Status.PAST_DUE, lambda s: s.status == "past_due"),
    (Status.PAUSED, lambda s: s.status == "paused" or s.collection_paused),
)


def shown(facts: SubscriptionFacts, canceling: bool = False, completed: bool = False) -> Shown:
    """The status of a subscription or plan. `canceling` from `is_canceling`, `completed` from the plan's table."""
    if completed:
        return _as(Status.COMPLETED)
    if facts.status not in ENDED | RUNNING:
        return Shown(word=titles.words(facts.status) or "Unknown", tone="quiet", status=None)
    for status, matches in RULES:
        if matches(facts):
            return _as(status)
    if canceling:
        return _as(Status.CANCELING)
    return _as(Status.TRIALING if facts.status == "trialing" else Status.ACTIVE)


def while_processing(now: Shown) -> Shown:
    """The same while the payment that is missing is on its way."""
    return replace(now, word="Processing", tone="quiet") if now.status in OWING else now


def has_ended(facts: SubscriptionFacts) -> bool:
    """Nothing will be billed any more."""
    return facts.status in ENDED


def schedule_of(facts: SubscriptionFacts, schedules: Sequence[ScheduleFacts]) -> ScheduleFacts | None:
    """The schedule that changes or ends this subscription by itself; of an ended one the schedule it had."""
    mine = [schedule for schedule in schedules if schedule.subscription == facts.id]
    running = [schedule for schedule in mine if schedule.status == "active"]
    return next(iter(running or (mine if has_ended(facts) else [])), None)


def period_end(facts: SubscriptionFacts) -> int | None:
    """When the next invoice is made: the first of the items' period ends."""
    ends = [item.period_end for item in facts.items if item.period_end]
    return min(ends) if ends else None


def ends_at(facts: SubscriptionFacts, schedule: ScheduleFacts | None) -> int | None:
    """When the item stops by itself, whoever decided so, or None while it goes on."""
    if facts.cancel_at is not None:
        return facts.cancel_at
    if facts.cancel_at_period_end:
        return max((item.period_end for item in facts.items), default=None)
    if schedule and schedule.phases and schedule.end_behavior == "cancel":
        return max(phase.end for phase in schedule.phases)
    return None


def renews_before(facts: SubscriptionFacts, end: int | None) -> bool:
    """At least one more period will be billed before `end`."""
    due = period_end(facts)
    return due is not None and (end is None or due < end)


def canceled_here(facts: SubscriptionFacts, schedule: ScheduleFacts | None) -> bool:
    """The customer canceled it in this portal and has not taken that back."""
    return bool(facts.portal_cancel or (schedule and schedule.portal_cancel))


def is_canceling(facts: SubscriptionFacts, schedule: ScheduleFacts | None, plan: bool) -> bool:
    """An end is set and it is no plan. A fixed term that a schedule keeps renewing is not being canceled."""
    end = ends_at(facts, schedule)
    if plan or end is None or has_ended(facts):
        return False
    fixed_term = schedule is not None and not canceled_here(facts, schedule) and not facts.cancel_at_period_end
    return not (fixed_term and renews_before(facts, end))


def _as(status: Status) -> Shown:
    return Shown(word=str(status), tone=TONES[status], status=status)
