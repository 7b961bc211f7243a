"""When a card expires, and on which days its owner hears of it. Calendar days only, no clock.

A card is good through the last day of the month printed on it. The four notices fall 60, 30 and 7 days before the first
day after, and on that day. A day is kept as its midnight in UTC, whatever zone says which day it is: a merchant who
changes the time zone changes the hour of the mails, not what is stored.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.billing.facts import CardFacts

OFFSETS = (60, 30, 7, 0)
# Charges that went through so long after need no notice any more: the bank keeps the card's new dates with its token.
LATE = timedelta(days=30)
DAY = timedelta(days=1)


def first_day_after(card: CardFacts) -> date | None:
    """The first day a card is no longer good; None for what doesn't expire and for dates that make no sense."""
    if card.kind != "card" or not (1 <= card.exp_month <= 12 and 1970 <= card.exp_year < 9998):
        return None
    year, month = divmod(card.exp_year * 12 + card.exp_month, 12)
    return date(year, month + 1, 1)


def offset_due(expired_on: date, today: date) -> int | None:
    """Days of the one notice to be sent: the latest whose day has come, however many days no job ran."""
    if today > expired_on + LATE:
        return None
    come = [days for days in OFFSETS if expired_on - timedelta(days=days) <= today]
    return min(come, default=None)


def next_day(expired_on: date, today: date) -> date | None:
    """The day of the next notice after today, or None after the last."""
    days = [expired_on - timedelta(days=days) for days in OFFSETS]
    return min((day for day in days if day > today), default=None)


def day_at(now: float, time_zone: str) -> date:
    """Which day it is in a time zone at a moment (UTC epoch seconds)."""
    return datetime.fromtimestamp(now, ZoneInfo(time_zone)).date()


def moment(day: date) -> int:
    """A day as it is kept: its midnight in UTC, epoch seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
