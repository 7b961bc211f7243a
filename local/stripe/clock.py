"""The local Stripe's time: real time plus whatever it was moved by, and ISO 8601 durations to move it."""

from __future__ import annotations

import re
import time
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(
    r"^P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?$"
)


class Clock:
    """Tells the time in epoch seconds. It can be moved forward, never back."""

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset
        self._held: int | None = None

    def now(self) -> int:
        """Epoch seconds; while due work runs, the moment that work was due."""
        return self._held if self._held is not None else int(time.time()) + self.offset

    def hold(self, moment: int) -> None:
        """Stand still at a moment, while what is due then is done."""
        self._held = moment

    def release(self, moment: int) -> None:
        """Run again, from this moment on if it lies ahead."""
        self._held = None
        self.offset += max(0, moment - self.now())


def after(moment: int, duration: str) -> int:
    """The moment an ISO 8601 duration later, such as P31D, P1M or PT90M. ValueError when malformed."""
    match = _DURATION.match(duration)
    if match is None or not any(match.groupdict().values()):
        raise ValueError(f"not an ISO 8601 duration: {duration}")
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    start = add_months(moment, part.pop("years") * 12 + part.pop("months"))
    return start + int(timedelta(**part).total_seconds())


def add_months(moment: int, months: int, day: int | None = None) -> int:
    """The same time of day some months later; a day the month lacks becomes its last.

    `day` is the day of the month to aim for (a billing anchor of 31 bills on the 28th, then the 31st).
    """
    start = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return int(start.replace(year=year, month=month + 1, day=min(day or start.day, last)).timestamp())
