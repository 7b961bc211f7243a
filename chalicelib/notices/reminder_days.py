"""On which days the owner of a failed bill hears of it.

Day 0 is the moment it failed. Each later day begins at nine in the morning by the merchant's time zone: a retry that
Stripe makes on the same day is then mostly still to come, and the mail can say so.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(9)
# After the last day nothing follows that would tell what was missed, but a mail that late is no help any more.
LAST_DAY_LASTS = 86400


def day_due(began: int, settled: int, days: Sequence[int], now: float, time_zone: str) -> int | None:
    """The one day to be mailed about: the latest that has come, however many were missed; None when there is none.

    `began` is when the bill failed first, `settled` the last day dealt with (-1 before the first).
    """
    come = [day for day in days if begins(day, began, time_zone) <= now]
    if not come or come[-1] <= settled:
        return None
    too_late = come[-1] == days[-1] and now >= begins(come[-1], began, time_zone) + LAST_DAY_LASTS
    return None if too_late else come[-1]


def next_moment(began: int, days: Sequence[int], now: float, time_zone: str) -> float | None:
    """When the next day begins after now (UTC epoch seconds), or None after the last."""
    return min((moment for day in days if (moment := begins(day, began, time_zone)) > now), default=None)


def begins(day: int, began: int, time_zone: str) -> float:
    """When a day begins, UTC epoch seconds."""
    if day == 0:
        return began
    zone = ZoneInfo(time_zone)
    date = datetime.fromtimestamp(began, zone).date() + timedelta(days=day)
    return datetime.combine(date, MORNING, zone).timestamp()
