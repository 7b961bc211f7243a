"""When a recurring price is billed next, and after that."""

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib.clock import LAST_MOMENT

DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


def billing_dates(start: int, anchor: int, interval: str, count: int) -> Iterator[int]:
    """`start` and every later billing date (to the year 3000), in UTC epoch seconds.

    Months keep the anchor's day of the month, or end on their last day when they are shorter.
    https://docs.stripe.com/billing/subscriptions/billing-cycle
    """
    when = start
    while when < LAST_MOMENT:
        yield when
        when = next_date(when, anchor, interval, count)


def next_date(when: int, anchor: int, interval: str, count: int) -> int:
    """The billing date one interval after `when`. An interval new to us counts as a month."""
    here = datetime.fromtimestamp(when, UTC)
    if interval in DAYS:
        return int((here + timedelta(days=DAYS[interval] * max(count, 1))).timestamp())
    months = here.year * 12 + here.month - 1 + MONTHS.get(interval, 1) * max(count, 1)
    year, month = divmod(months, 12)
    day = min(datetime.fromtimestamp(anchor, UTC).day, calendar.monthrange(year, month + 1)[1])
    return int(here.replace(year=year, month=month + 1, day=day).timestamp())
