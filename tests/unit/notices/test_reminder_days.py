"""Which day a failed bill is mailed about: at once, then on mornings of the merchant's days, never one it has had."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chalicelib.notices.reminder_days import begins, day_due, next_moment

DAYS = (0, 3, 7, 12)
FAILED = int(datetime(2026, 11, 2, 14, tzinfo=UTC).timestamp())


def at(day: int, hour: int = 9, minute: int = 0, zone: str = "UTC") -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("now", "settled", "due"),
    [
        (at(2, 14), -1, 0),
        (at(2, 23), 0, None),
        (at(5, 8, 59), 0, None),
        (at(5), 0, 3),
        (at(5), 3, None),
        (at(9), 3, 7),
        (at(14), 7, 12),
        (at(15, 8, 59), 7, 12),
        (at(15), 7, None),
        (at(14), 12, None),
    ],
)
def test_each_day_is_due_from_its_morning_on(now: float, settled: int, due: int | None) -> None:
    assert day_due(FAILED, settled, DAYS, now, "UTC") == due


@pytest.mark.parametrize(("now", "due"), [(at(4), 0), (at(7), 3), (at(13), 7), (at(14), 12), (at(16), None)])
def test_of_days_that_were_missed_only_the_latest_counts_and_none_when_the_last_is_over(
    now: float, due: int | None
) -> None:
    assert day_due(FAILED, -1, DAYS, now, "UTC") == due


def test_the_only_day_may_be_late_by_some_hours() -> None:
    assert day_due(FAILED, -1, (0,), FAILED + 86399, "UTC") == 0
    assert day_due(FAILED, -1, (0,), FAILED + 86400, "UTC") is None


def test_without_days_nothing_is_due() -> None:
    assert day_due(FAILED, -1, (), FAILED, "UTC") is None
    assert next_moment(FAILED, (), FAILED, "UTC") is None


def test_what_comes_next_is_looked_at_when_it_begins() -> None:
    moments = [next_moment(FAILED, DAYS, now, "UTC") for now in (FAILED - 1, FAILED, at(5), at(9), at(14))]
    assert moments == [FAILED, at(5), at(9), at(14), None]


def test_morning_is_where_the_merchant_is_over_summer_time_too() -> None:
    assert begins(3, FAILED, "Pacific/Auckland") == at(6, zone="Pacific/Auckland")  # there it failed on the 3rd
    october = int(datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp())
    assert datetime.fromtimestamp(begins(3, october, "Europe/London"), ZoneInfo("Europe/London")).hour == 9
