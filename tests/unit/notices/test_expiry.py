"""On which days the owner of a card hears that it expires."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.notices import expiry
from tests.builders import a_card

D = date.fromisoformat


@pytest.mark.parametrize(
    ("month", "year", "after"),
    [
        (12, 2026, "2027-01-01"),
        (1, 2027, "2027-02-01"),
        (2, 2027, "2027-03-01"),
        (2, 2028, "2028-03-01"),
        (11, 2099, "2099-12-01"),
    ],
)
def test_a_card_is_good_through_the_last_day_of_its_month(month: int, year: int, after: str) -> None:
    assert expiry.first_day_after(a_card(exp_month=month, exp_year=year)) == D(after)


@pytest.mark.parametrize(
    "changes",
    [{"exp_month": 0}, {"exp_month": 13}, {"exp_year": 0}, {"exp_year": 99999}, {"kind": "sepa_debit"}],
    ids=str,
)
def test_what_has_no_sensible_date_never_expires(changes: dict[str, object]) -> None:
    assert expiry.first_day_after(a_card(**changes)) is None


@pytest.mark.parametrize(
    ("expired_on", "days"),
    [
        # 31, 28, 29 and 30 days long, and over the turn of a year
        ("2027-01-01", {"2026-11-02": 60, "2026-12-02": 30, "2026-12-25": 7, "2027-01-01": 0}),
        ("2027-03-01", {"2026-12-31": 60, "2027-01-30": 30, "2027-02-22": 7, "2027-03-01": 0}),
        ("2028-03-01", {"2028-01-01": 60, "2028-01-31": 30, "2028-02-23": 7, "2028-03-01": 0}),
        ("2027-07-01", {"2027-05-02": 60, "2027-06-01": 30, "2027-06-24": 7, "2027-07-01": 0}),
    ],
)
def test_the_four_days_of_a_card(expired_on: str, days: dict[str, int]) -> None:
    today, found = date(2026, 10, 1), {}
    while upcoming := expiry.next_day(D(expired_on), today):
        found[upcoming.isoformat()] = expiry.offset_due(D(expired_on), upcoming)
        today = upcoming
    assert found == days


@pytest.mark.parametrize(
    ("today", "due", "then"),
    [
        ("2026-11-01", None, "2026-11-02"),
        ("2026-11-02", 60, "2026-12-02"),
        ("2026-11-03", 60, "2026-12-02"),
        ("2026-12-01", 60, "2026-12-02"),
        ("2026-12-02", 30, "2026-12-25"),
        ("2026-12-24", 30, "2026-12-25"),
        ("2026-12-31", 7, "2027-01-01"),
        ("2027-01-01", 0, None),
        ("2027-01-31", 0, None),
        ("2027-02-01", None, None),
    ],
)
def test_after_missed_days_one_notice_is_due_the_latest(today: str, due: int | None, then: str | None) -> None:
    expired_on = D("2027-01-01")
    assert expiry.offset_due(expired_on, D(today)) == due
    assert expiry.next_day(expired_on, D(today)) == (D(then) if then else None)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", "2026-12-31"),
        ("Pacific/Auckland", "2026-12-31"),
        ("Pacific/Kiritimati", "2027-01-01"),
        ("America/Los_Angeles", "2026-12-31"),
        ("Pacific/Pago_Pago", "2026-12-30"),
    ],
)
def test_which_day_it_is_depends_on_the_merchants_time_zone(zone: str, day: str) -> None:
    moment = datetime(2026, 12, 31, 10, 30, tzinfo=UTC).timestamp()
    assert expiry.day_at(moment, zone) == D(day)


def test_a_day_is_kept_as_its_midnight() -> None:
    assert expiry.day_at(expiry.moment(D("2028-02-29")), "UTC") == D("2028-02-29")
    assert expiry.moment(D("2028-03-01")) - expiry.moment(D("2028-02-29")) == 86400
