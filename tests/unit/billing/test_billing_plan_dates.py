"""When a recurring price is billed."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from chalicelib.billing.plan_dates import billing_dates


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("start", "anchor", "interval", "count", "expected"),
    [
        ("2026-01-31T09:30", "2026-01-31", "month", 1, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-31T09:30", "2028-01-31", "month", 1, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
        ("2026-02-28T09:30", "2025-12-31", "month", 1, ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("2026-11-05T09:30", "2026-11-05", "month", 3, ["2026-11-05", "2027-02-05", "2027-05-05", "2027-08-05"]),
        ("2028-02-29T09:30", "2028-02-29", "year", 1, ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28"]),
        ("2026-12-30T09:30", "2026-12-30", "week", 2, ["2026-12-30", "2027-01-13", "2027-01-27", "2027-02-10"]),
        ("2026-03-28T09:30", "2026-03-28", "day", 1, ["2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]),
        ("2026-01-10T09:30", "2026-01-10", "fortnight", 1, ["2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10"]),
    ],
)
def test_months_keep_the_anchors_day_or_end_on_their_last(start, anchor, interval, count, expected):
    dates = islice(billing_dates(at(start), at(anchor), interval, count), 4)
    assert list(dates) == [at(day + "T09:30") for day in expected]


def test_the_dates_stop_before_the_calendar_does():
    assert list(billing_dates(at("2999-11-10T00:00"), at("2999-11-10T00:00"), "month", 1)) == [
        at("2999-11-10T00:00"),
        at("2999-12-10T00:00"),
    ]
