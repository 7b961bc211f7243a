"""What every store of notices and watched cards promises, held against the one in memory and the real one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing.facts import CardFacts
from chalicelib.billing.ports import Mirror
from chalicelib.notices.card_expiring import SHARDS, Notice, Notices
from chalicelib.notices.expiry import day_at, first_day_after
from chalicelib.notices.watching import Watched
from chalicelib.storage.mirror import DynamoMirror
from chalicelib.storage.notices import DynamoNotices
from tests.builders import DAY, NOW, a_card, a_customer, a_subscription
from tests.fakes.mirror import FakeMirror
from tests.fakes.notices import FakeNotices

Stores = tuple[Mirror, Notices]
FAR = date(9000, 1, 1)


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        mirror = FakeMirror()
        return mirror, FakeNotices(mirror)
    request.getfixturevalue("table")
    return DynamoMirror(), DynamoNotices()


def expiring(number: int = 0, holder: str = "cus_ada", **changes: Any) -> CardFacts:
    """A card that expires some years from now."""
    year = day_at(clock.now(), "UTC").year + 3
    card = a_card(f"pm_{number}", customer=holder, exp_month=12, exp_year=year, fingerprint=f"fp_{number}")
    return replace(card, **changes)


def write(mirror: Mirror, *facts: Any) -> None:
    for fact in facts:
        assert mirror.write(fact, mirror.take_ticket(fact.id))


def paying(card: CardFacts, **changes: Any) -> Any:
    return replace(a_subscription(f"sub_{card.id}", customer=card.customer, default_card=card.id), **changes)


def due(notices: Notices, day: date = FAR) -> list[Watched]:
    return sorted(card for shard in SHARDS for card in notices.due(shard, day))


def first_day(card: CardFacts) -> date:
    after = first_day_after(card)
    assert after
    return after - timedelta(days=60)


def test_a_card_is_due_from_its_first_day_on(stores: Stores) -> None:
    mirror, notices = stores
    card = expiring()
    write(mirror, a_customer(), card, paying(card))
    assert due(notices, first_day(card) - timedelta(days=1)) == []
    (found,) = due(notices, first_day(card))
    assert (found.holder, found.card, found.expired_on) == ("cus_ada", "pm_0", first_day_after(card))
    assert notices.cards(found.expiry) == (found,)


def test_cards_nothing_is_charged_to_are_in_no_index(stores: Stores) -> None:
    mirror, notices = stores
    write(mirror, a_customer(), expiring(1), expiring(2), paying(expiring(2), status="canceled"))
    assert due(notices) == []


@pytest.mark.parametrize("how", ["replaced", "canceled", "removed", "renewed", "left", "hidden"])
def test_a_card_that_is_charged_no_more_is_out_at_once(stores: Stores, how: str) -> None:
    mirror, notices = stores
    card = expiring()
    write(mirror, a_customer(), card, paying(card))
    (before,) = due(notices)
    if how == "replaced":
        write(mirror, paying(card, default_card="pm_other"))
    elif how == "canceled":
        write(mirror, paying(card, cancel_at_period_end=True))
    elif how == "removed":
        mirror.forget(card.id, mirror.take_ticket(card.id))
    elif how == "renewed":
        write(mirror, replace(card, exp_year=card.exp_year + 1))
    elif how == "left":
        write(mirror, a_customer(deleted=True))
    else:
        write(mirror, a_customer(hidden=True))
    assert before not in due(notices)
    assert notices.cards(before.expiry) == ()


def test_writes_that_change_nothing_about_a_card_leave_its_day_alone(stores: Stores) -> None:
    mirror, notices = stores
    card = expiring()
    write(mirror, a_customer(), card, paying(card))
    (found,) = due(notices)
    notices.move_on(found, first_day(card) + timedelta(days=30))
    write(mirror, a_customer(name="Ada King"), card, paying(card, trial_end=NOW), a_subscription("sub_new"))
    mirror.compared("cus_ada", NOW)
    assert due(notices, first_day(card)) == []
    assert due(notices, first_day(card) + timedelta(days=30)) == [found]


def test_filling_a_holder_watches_all_its_cards(stores: Stores) -> None:
    mirror, notices = stores
    cards = [expiring(number) for number in range(12)]
    mirror.fill("cus_ada", [a_customer(), *cards, *map(paying, cards)])
    assert sorted(card.card for card in due(notices)) == sorted(card.id for card in cards)


def test_a_customer_with_another_address_takes_all_cards_along(stores: Stores) -> None:
    mirror, notices = stores
    cards = [expiring(number) for number in range(6)]
    mirror.fill("cus_ada", [a_customer(), *cards, *map(paying, cards)])
    before = set(due(notices))
    write(mirror, a_customer(email="ada.king@example.com"))
    assert len(due(notices)) == 6
    assert not before & set(due(notices))


def test_after_its_last_day_a_card_is_due_no_more_and_still_known(stores: Stores) -> None:
    mirror, notices = stores
    card = expiring()
    write(mirror, a_customer(), card, paying(card))
    (found,) = due(notices)
    notices.move_on(found, None)
    write(mirror, a_customer(name="Ada King"))
    assert due(notices) == []
    assert notices.cards(found.expiry) == (found,)


def test_moving_on_does_not_bring_back_a_card_that_is_gone(stores: Stores) -> None:
    mirror, notices = stores
    card = expiring()
    write(mirror, a_customer(), card, paying(card))
    (found,) = due(notices)
    write(mirror, paying(card, status="canceled"))
    notices.move_on(found, first_day(card))
    assert (due(notices), notices.cards(found.expiry)) == ([], ())


def test_copies_of_a_card_under_one_mailbox_are_found_together(stores: Stores) -> None:
    mirror, notices = stores
    mine, twin = expiring(), replace(expiring(0, "cus_twin"), id="pm_twin")
    write(mirror, a_customer(), mine, paying(mine))
    write(mirror, a_customer("cus_twin"), twin, paying(twin))
    cards = due(notices)
    assert [(card.holder, card.card) for card in cards] == [("cus_ada", "pm_0"), ("cus_twin", "pm_twin")]
    assert sorted(notices.cards(cards[0].expiry)) == cards


NOTICE = Notice("2030-01-01#0123456789abcdef0123456789abcdef", 60)


def test_a_notice_is_made_once_for_ever(stores: Stores) -> None:
    _, notices = stores
    assert not notices.is_pending(NOTICE)
    assert notices.make(NOTICE, NOW)
    assert notices.is_pending(NOTICE)
    assert not notices.make(NOTICE, NOW)
    notices.finish(NOTICE, "sent")
    assert not notices.make(NOTICE, NOW)
    assert not notices.is_pending(NOTICE)
    assert notices.make(Notice(NOTICE.expiry, 30), NOW)


def test_of_many_who_make_or_take_a_notice_at_once_one_does(stores: Stores) -> None:
    _, notices = stores
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: notices.make(NOTICE, NOW), range(16)))
        taken = list(pool.map(lambda _: notices.take(NOTICE, NOW), range(16)))
    assert (sum(made), sum(taken)) == (1, 1)


def test_a_taken_notice_can_be_given_back_and_taken_again(stores: Stores) -> None:
    _, notices = stores
    notices.make(NOTICE, NOW)
    assert notices.take(NOTICE, NOW + DAY)
    assert not notices.is_pending(NOTICE)
    notices.give_back(NOTICE, NOW + 5)
    assert notices.overdue(NOW + 5, 10) == ((NOTICE, False),)
    assert notices.take(NOTICE, NOW + DAY)


def test_a_done_notice_cannot_be_taken_or_given_back(stores: Stores) -> None:
    _, notices = stores
    notices.make(NOTICE, NOW)
    notices.finish(NOTICE, "sent")
    notices.give_back(NOTICE, NOW)
    notices.postpone(NOTICE, NOW)
    assert not notices.take(NOTICE, NOW)
    assert notices.overdue(NOW + DAY, 10) == ()


def test_only_notices_without_an_end_fall_due(stores: Stores) -> None:
    _, notices = stores
    other = Notice(NOTICE.expiry, 30)
    notices.make(NOTICE, NOW)
    notices.make(other, NOW + 60)
    assert notices.overdue(NOW - 1, 10) == ()
    assert notices.overdue(NOW, 10) == ((NOTICE, False),)
    notices.take(other, NOW + DAY)
    notices.postpone(NOTICE, NOW + 2 * DAY)
    assert notices.overdue(NOW + DAY, 10) == ((other, True),)
    notices.finish(other, "unsure")
    notices.finish(NOTICE, "sent")
    assert notices.overdue(NOW + 9 * DAY, 10) == ()
