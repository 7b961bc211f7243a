"""Which cards are watched: those that something will be charged to after they have expired."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.billing.facts import Home, Phase, ScheduleFacts
from chalicelib.notices.watching import MOST, changes, items_charged_after, watched
from tests.builders import a_card, a_customer, a_subscription


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


CARD = a_card(exp_month=12, exp_year=2026)
TODAY = date(2026, 10, 20)


def monthly(**more: Any) -> Any:
    """A monthly subscription paid until 15 November 2026."""
    facts = a_subscription(started=at("2026-03-15"), **more)
    price = replace(facts.items[0].price, interval=more.get("interval", "month"))
    line = replace(facts.items[0], price=price, period_start=at("2026-10-15"), period_end=at("2026-11-15"))
    return replace(facts, items=(line,))


def home(*subscriptions: Any, **more: Any) -> Home:
    base = Home("cus_ada", a_customer(), subscriptions or (monthly(),), cards=(CARD,))
    return replace(base, **more)


def schedule(end: str, behavior: str = "cancel") -> ScheduleFacts:
    phase = Phase(at("2026-03-15"), at(end), (("price_49", 1),), interval="month")
    return ScheduleFacts("sub_sched_1", "cus_ada", "sub_studio", "active", behavior, (phase,))


def is_watched(it: Home) -> bool:
    return bool(watched(it))


def test_a_card_that_pays_for_a_running_subscription_is_watched() -> None:
    (found,) = watched(home())
    assert (found.holder, found.card, found.expired_on) == ("cus_ada", "pm_visa", date(2027, 1, 1))


@pytest.mark.parametrize("status", ["active", "trialing", "past_due"])
def test_in_these_states_it_will_be_charged(status: str) -> None:
    assert is_watched(home(monthly(status=status)))


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "canceled"},
        {"status": "incomplete"},
        {"status": "incomplete_expired"},
        {"status": "unpaid"},
        {"status": "paused"},
        {"status": "something_new"},
        {"collection_method": "send_invoice"},
        {"cancel_at_period_end": True},
        {"collection_paused": True},
        {"default_card": "pm_other"},
    ],
    ids=str,
)
def test_nothing_is_charged_to_it_then(changes: dict[str, Any]) -> None:
    assert not is_watched(home(monthly(**changes)))


@pytest.mark.parametrize(
    ("end", "charged"),
    [
        ("2026-12-15", False),
        ("2027-01-01", False),
        # the last period begins on 15 December and is paid then
        ("2027-01-10", False),
        ("2027-01-15", False),
        ("2027-01-16", True),
        ("2027-06-15", True),
    ],
)
def test_an_end_counts_by_the_last_charge_before_it(end: str, charged: bool) -> None:
    assert is_watched(home(monthly(cancel_at=at(end)))) == charged
    assert is_watched(home(monthly(), schedules=(schedule(end),))) == charged
    assert is_watched(home(monthly(), schedules=(schedule(end, "release"),)))


def test_a_pause_that_ends_by_itself_is_none() -> None:
    assert is_watched(home(monthly(collection_paused=True, resumes_at=at("2026-12-01"))))


def test_a_yearly_subscription_is_charged_after_a_card_that_expires_long_before() -> None:
    yearly = a_subscription()
    price = replace(yearly.items[0].price, interval="year")
    line = replace(yearly.items[0], price=price, period_end=at("2027-09-01"))
    assert is_watched(home(replace(yearly, items=(line,))))
    assert not is_watched(home(replace(yearly, items=(line,), cancel_at=at("2027-09-01"))))


@pytest.mark.parametrize(
    ("own", "source", "default", "default_source", "charged"),
    [
        ("pm_visa", "", "pm_other", "", True),
        ("", "pm_visa", "pm_other", "", True),
        ("", "", "pm_visa", "pm_other", True),
        ("", "", "", "pm_visa", True),
        ("pm_other", "pm_visa", "pm_visa", "pm_visa", False),
        ("", "pm_other", "pm_visa", "", False),
        ("", "", "pm_other", "pm_visa", False),
        ("", "", "", "", False),
    ],
)
def test_the_card_is_the_one_stripe_will_charge(
    own: str, source: str, default: str, default_source: str, charged: bool
) -> None:
    customer = a_customer(default_card=default, default_source=default_source)
    assert is_watched(home(monthly(default_card=own, default_source=source), customer=customer)) == charged


@pytest.mark.parametrize(
    "changes", [{"deleted": True}, {"hidden": True}, {"email": ""}, {"email": "nonsense"}], ids=str
)
def test_nobody_is_written_to_who_cannot_sign_in(changes: dict[str, Any]) -> None:
    assert not is_watched(home(customer=a_customer(**changes)))


def test_all_items_the_card_pays_for_are_known() -> None:
    other = replace(monthly(), id="sub_other", default_card="")
    it = home(monthly(), other, monthly(cancel_at_period_end=True), customer=a_customer(default_card="pm_visa"))
    assert [facts.id for facts in items_charged_after(it, CARD)] == ["sub_studio", "sub_other"]


def test_copies_of_one_card_under_one_mailbox_share_an_expiry() -> None:
    ada, twin = home(), home(holder="cus_twin", customer=a_customer("cus_twin", email="ADA@example.com"))
    stranger = home(holder="cus_eve", customer=a_customer("cus_eve", email="eve@example.com"))
    other_card = home(cards=(replace(CARD, fingerprint="fp_2"),))
    renewed = home(cards=(replace(CARD, exp_year=2027),))
    (mine,), (again,), *others = (watched(it) for it in (ada, twin, stranger, other_card, renewed))
    assert mine.expiry == again.expiry
    assert len({mine.expiry, *(each.expiry for (each,) in others)}) == 4
    assert "ada" not in mine.expiry


def test_what_changes_begins_and_ends_and_nothing_else_is_touched() -> None:
    begun = changes((), home(), TODAY)
    (card,) = begun.watched
    assert (begun.begin, begun.end) == ({card: date(2026, 11, 2)}, frozenset())
    same = changes(begun.watched, home(), TODAY)
    assert (same.begin, same.end, same.watched) == ({}, frozenset(), begun.watched)
    gone = changes(begun.watched, home(monthly(status="canceled")), TODAY)
    assert (gone.begin, gone.end, gone.watched) == ({}, begun.watched, frozenset())


@pytest.mark.parametrize(
    ("today", "first"),
    [("2026-11-02", "2026-11-02"), ("2026-11-03", "2026-12-02"), ("2027-01-01", "2027-01-01"), ("2027-01-02", None)],
)
def test_a_card_met_late_begins_with_the_next_of_its_days(today: str, first: str | None) -> None:
    begun = changes((), home(), date.fromisoformat(today))
    assert [day.isoformat() for day in begun.begin.values()] == ([first] if first else [])
    assert len(begun.watched) == len(begun.begin)


def test_more_cards_than_one_write_can_carry_are_cut_to_the_soonest() -> None:
    cards = tuple(a_card(f"pm_{n:02}", exp_month=1 + n % 12, exp_year=2027 + n // 12) for n in range(40))
    items = tuple(replace(monthly(default_card=card.id), id=f"sub_{card.id}") for card in cards)
    found = watched(home(*items, cards=cards))
    assert sorted(each.card for each in found) == [f"pm_{n:02}" for n in range(MOST)]
