"""Billing periods: steps of a price's interval from an anchor.

https://docs.stripe.com/billing/subscriptions/billing-cycle
"""

from __future__ import annotations

from local.stripe.clock import add_months
from local.stripe.store import Object

_DAY = 86400
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
Period = tuple[int, int]


def step(anchor: int, recurring: Object, steps: int = 1) -> int:
    """The moment so many intervals from an anchor, which keeps its day: 31 January, 28 February, 31 March."""
    count: int = recurring["interval_count"] * steps
    interval = recurring["interval"]
    if interval in _MONTHS:
        return add_months(anchor, count * _MONTHS[interval])
    return anchor + count * _DAYS[interval] * _DAY


def around(anchor: int, recurring: Object, moment: int) -> Period:
    """The period of an anchor's cycle that a moment lies in. The anchor may lie ahead."""
    length = step(anchor, recurring) - anchor
    steps = (moment - anchor) // length
    while step(anchor, recurring, steps + 1) <= moment:
        steps += 1
    while step(anchor, recurring, steps) > moment:
        steps -= 1
    return step(anchor, recurring, steps), step(anchor, recurring, steps + 1)


def share(amount: int, part: Period, whole: Period) -> int:
    """What of an amount for a whole period falls on a part of it, to the second, rounded half up."""
    span = whole[1] - whole[0]
    return (2 * amount * (part[1] - part[0]) + span) // (2 * span)
