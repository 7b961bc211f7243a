"""What every list of failed bills promises, held against the one in memory and the real one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing.facts_bill import Bill, Payment
from chalicelib.billing.ports import Mirror
from chalicelib.notices.failing import MOST
from chalicelib.notices.payment_failed import Failed, FailedBills
from chalicelib.storage.failed_bills import DynamoFailedBills
from chalicelib.storage.mirror import DynamoMirror
from tests.builders import DAY, NOW, a_bill, a_customer, a_subscription
from tests.fakes.failed_bills import FakeFailedBills
from tests.fakes.mirror import FakeMirror

Stores = tuple[Mirror, FailedBills]


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Time stands still."""
    if request.param == "dynamodb":
        request.getfixturevalue("table")
    before = clock.use(lambda: NOW)
    mirror = FakeMirror()
    yield (mirror, FakeFailedBills(mirror)) if request.param == "memory" else (DynamoMirror(), DynamoFailedBills())
    clock.use(before)


def failed_bill(id: str = "in_1", when: int = NOW - DAY, **changes: Any) -> Bill:
    """A renewal whose charge was declined."""
    payment = Payment(f"ch_{id}", 4900, "failed", when, kind="card", brand="visa", last4="4242")
    base = a_bill(id, status="open", amount_paid=0, amount_remaining=4900, attempts=1, auto_advance=True)
    return replace(base, payments=(payment,), **changes)


def write(mirror: Mirror, *facts: Any) -> None:
    for fact in facts:
        assert mirror.write(fact, mirror.take_ticket(fact.id))


def on_the_list(stores: Stores, *facts: Any) -> Failed:
    write(stores[0], a_customer(), a_subscription(), *(facts or (failed_bill(),)))
    (found,) = stores[1].due(NOW, 10)
    return found


def test_a_bill_that_failed_is_due_at_once(stores: Stores) -> None:
    found = on_the_list(stores)
    assert found == Failed("cus_ada", "in_1", began=NOW - DAY, settled=-1, due=NOW, taking=None)
    assert stores[1].find("cus_ada", "in_1") == found
    assert stores[1].find("cus_eve", "in_1") is None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_in_whatever_order_the_facts_come(stores: Stores, order: tuple[int, ...]) -> None:
    facts = (a_customer(), a_subscription(), failed_bill())
    write(stores[0], *(facts[number] for number in order))
    assert [found.bill for found in stores[1].due(NOW, 10)] == ["in_1"]


def test_a_reading_that_was_overtaken_puts_nothing_on_the_list(stores: Stores) -> None:
    mirror, bills = stores
    write(mirror, a_customer(), a_subscription())
    slow = mirror.take_ticket("in_1")
    write(mirror, a_bill("in_1"))
    assert not mirror.write(failed_bill(), slow)
    assert bills.due(NOW, 10) == ()
    assert bills.find("cus_ada", "in_1") is None


def test_filling_a_holder_puts_them_on_the_list_and_those_too_many_follow_with_the_next_write(stores: Stores) -> None:
    mirror, bills = stores
    mirror.fill("cus_ada", [a_customer(), a_subscription(), *(failed_bill(f"in_{n:02}") for n in range(MOST + 3))])
    assert len(bills.due(NOW, 100)) >= MOST
    mirror.compared("cus_ada", NOW)
    assert len(bills.due(NOW, 100)) == MOST + 3


def test_writes_that_change_nothing_leave_it_where_it_is(stores: Stores) -> None:
    mirror, bills = stores
    bills.look_again(on_the_list(stores), NOW + DAY)
    write(mirror, a_customer(name="Ada King"), failed_bill(attempts=2), a_subscription(status="past_due"))
    assert bills.due(NOW + DAY - 1, 10) == ()
    assert [found.due for found in bills.due(NOW + DAY, 10)] == [NOW + DAY]


def test_a_bill_that_fails_again_is_due_again_and_keeps_its_days(stores: Stores) -> None:
    mirror, bills = stores
    bills.settle(on_the_list(stores), 3, "sent", None)
    processing = replace(failed_bill().payments[0], id="ch_2", status="processing", created=NOW)
    write(mirror, failed_bill(), replace(failed_bill(), payments=(*failed_bill().payments, processing)))
    assert bills.due(NOW, 10) == ()
    write(mirror, failed_bill(attempts=2))
    assert bills.due(NOW, 10) == (Failed("cus_ada", "in_1", NOW - DAY, settled=3, due=NOW),)


def test_of_many_who_take_it_at_once_one_does(stores: Stores) -> None:
    found = on_the_list(stores)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: stores[1].take(found, 0, NOW + DAY), range(16)))
    assert sum(taken) == 1
    assert stores[1].due(NOW, 10) == ()
    assert [each.taking for each in stores[1].due(NOW + DAY, 10)] == [0]


def test_one_given_back_is_due_and_can_be_taken_again(stores: Stores) -> None:
    bills = stores[1]
    found = on_the_list(stores)
    assert bills.take(found, 0, NOW + DAY)
    bills.give_back(found, NOW + 5)
    (again,) = bills.due(NOW + 5, 10)
    assert again == replace(found, due=NOW + 5)
    assert not bills.take(found, 0, NOW + DAY)
    assert bills.take(again, 0, NOW + DAY)


def test_a_settled_day_is_remembered_and_the_next_falls_due(stores: Stores) -> None:
    bills = stores[1]
    found = on_the_list(stores)
    bills.take(found, 0, NOW + 900)
    bills.settle(found, 0, "sent", NOW + 3 * DAY)
    assert bills.due(NOW + DAY, 10) == ()
    assert bills.due(NOW + 3 * DAY, 10) == (replace(found, settled=0, due=NOW + 3 * DAY),)
    assert not bills.take(found, 0, NOW + DAY)


@pytest.mark.parametrize("how", ["taken", "settled", "again"])
def test_what_changed_since_it_was_read_is_not_put_off(stores: Stores, how: str) -> None:
    bills = stores[1]
    found = on_the_list(stores)
    if how == "taken":
        bills.take(found, 0, NOW + 900)
    elif how == "settled":
        bills.settle(found, 0, "sent", NOW + 900)
    else:
        bills.look_again(found, NOW + 900)
    bills.look_again(found, None)
    assert [each.bill for each in bills.due(NOW + 900, 10)] == ["in_1"]


def test_what_needs_no_more_looking_at_is_in_no_index_and_not_forgotten(stores: Stores) -> None:
    bills = stores[1]
    found = on_the_list(stores)
    bills.look_again(found, None)
    assert bills.due(NOW + 99 * DAY, 10) == ()
    assert bills.find("cus_ada", "in_1") == replace(found, due=None)
