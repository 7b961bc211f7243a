"""Whose failed bills somebody is told about, and since when they count as failed."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.billing.facts import Home
from chalicelib.notices.failing import MOST, changes, failing, first_failed
from tests.builders import DAY, NOW, a_bill, a_customer, a_subscription
from tests.unit.notices.failed_world import FAILED_AT, a_failed_bill

DECLINED = a_failed_bill().payments[0]
UNDER_WAY = replace(DECLINED, id="ch_2", status="processing", created=int(FAILED_AT) + DAY)


def home(bill: Any = None, **changes: Any) -> Home:
    base = Home("cus_ada", a_customer(), (a_subscription(status="past_due"),), bills=(bill or a_failed_bill(),))
    return replace(base, **changes)


def test_a_renewal_that_could_not_be_charged_is_told_of() -> None:
    assert [bill.id for bill in failing(home())] == ["in_1"]
    assert failing(home(a_failed_bill(payments=())))  # there was no card to try
    assert failing(home(a_failed_bill(attempts=0)))
    assert failing(home(a_failed_bill(payments=(replace(DECLINED, status="requires_action"),))))


@pytest.mark.parametrize(
    "given",
    [
        {"bill": a_bill()},
        {"bill": a_failed_bill(status="paid", amount_remaining=0)},
        {"bill": a_failed_bill(status="void")},
        {"bill": a_failed_bill(status="uncollectible")},
        {"bill": a_failed_bill(status="draft")},
        {"bill": a_failed_bill(amount_remaining=0)},
        {"bill": a_failed_bill(collection_method="send_invoice")},
        {"bill": a_failed_bill(payments=(DECLINED, UNDER_WAY))},
        {"bill": a_failed_bill(attempts=0, payments=())},
        {"bill": a_failed_bill(subscription="")},
        {"bill": a_failed_bill(subscription="sub_unknown")},
        {"subscriptions": (a_subscription(status="incomplete"),)},
        {"subscriptions": (a_subscription(status="incomplete_expired"),)},
        {"subscriptions": (a_subscription(status="canceled"),)},
        {"customer": a_customer(hidden=True)},
        {"customer": a_customer(deleted=True)},
        {"customer": a_customer(email="")},
        {"customer": a_customer(email="not an address")},
    ],
)
def test_nobody_is_told_of_what_is_not_theirs_to_mend(given: dict[str, Any]) -> None:
    assert failing(home(**given)) == ()


@pytest.mark.parametrize("how", [{"cancel_at_period_end": True}, {"portal_cancel": "intent"}])
def test_what_we_said_we_take_no_more_is_not_asked_for(how: dict[str, Any]) -> None:
    leaving = (a_subscription(status="past_due", **how),)
    assert failing(home(a_failed_bill(auto_advance=False), subscriptions=leaving)) == ()
    assert failing(home(a_failed_bill(auto_advance=True), subscriptions=leaving))
    assert failing(home(a_failed_bill(auto_advance=False)))  # Stripe gave up, and it is still expected


def test_a_bill_is_expected_when_its_item_ended_over_it_and_not_when_somebody_ended_it() -> None:
    bill = a_failed_bill(auto_advance=False)
    for why, told in (("payment_failed", 1), ("cancellation_requested", 0), ("", 0)):
        over = (a_subscription(status="canceled", ended_because=why),)
        assert len(failing(home(bill, subscriptions=over))) == told


def test_a_bill_failed_when_the_first_try_did() -> None:
    second = replace(DECLINED, id="ch_2", created=int(FAILED_AT) + 3 * DAY)
    assert first_failed(a_failed_bill(payments=(DECLINED, second)), None, NOW) == FAILED_AT
    assert first_failed(a_failed_bill(payments=()), None, NOW) == FAILED_AT
    assert first_failed(a_failed_bill(payments=(), issued=None, created=5), None, NOW) == 5


def test_a_delayed_payment_failed_when_that_was_heard() -> None:
    before = a_failed_bill(payments=(UNDER_WAY,))
    after = a_failed_bill(payments=(replace(UNDER_WAY, status="failed"),))
    assert first_failed(after, before, NOW) == NOW
    assert first_failed(after, None, NOW) == UNDER_WAY.created
    earlier = a_failed_bill(payments=(DECLINED, replace(UNDER_WAY, status="failed")))
    assert first_failed(earlier, a_failed_bill(payments=(DECLINED, UNDER_WAY)), NOW) == FAILED_AT


def test_a_bill_begins_once_until_it_stopped_failing() -> None:
    first = changes((), None, home(), NOW)
    assert (first.begin, first.failing) == ({"in_1": int(FAILED_AT)}, {"in_1"})
    assert changes(first.failing, home(), home(a_failed_bill(attempts=2)), NOW).begin == {}
    paid = changes(first.failing, home(), home(a_bill()), NOW)
    assert (paid.begin, paid.failing) == ({}, frozenset())
    assert changes(paid.failing, home(a_bill()), home(), NOW).begin == {"in_1": int(FAILED_AT)}


def test_too_many_at_once_begin_later() -> None:
    bills = tuple(a_failed_bill(f"in_{number:02}") for number in range(MOST + 3))
    first = changes((), None, home(bills=bills), NOW)
    assert len(first.begin) == len(first.failing) == MOST
    assert len(changes(first.failing, None, home(bills=bills), NOW).begin) == 3
