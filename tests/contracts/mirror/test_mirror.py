"""What every mirror promises, held against the one in memory and the real one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.billing.facts import Preview
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.ports import Mirror
from chalicelib.storage import mirror as storage
from chalicelib.storage.mirror import DynamoMirror
from tests.builders import DAY, NOW, a_bill, a_card, a_customer, a_subscription
from tests.fakes.mirror import FakeMirror


@pytest.fixture(params=["memory", "dynamodb"])
def mirror(request: pytest.FixtureRequest) -> Mirror:
    if request.param == "memory":
        return FakeMirror()
    request.getfixturevalue("table")
    return DynamoMirror()


def test_tickets_of_one_object_only_rise(mirror: Mirror) -> None:
    assert [mirror.take_ticket("sub_a") for _ in range(3)] == [1, 2, 3]
    assert mirror.take_ticket("sub_b") == 1


def test_tickets_taken_at_once_are_all_different(mirror: Mirror) -> None:
    with ThreadPoolExecutor(8) as pool:
        tickets = list(pool.map(lambda _: mirror.take_ticket("sub_a"), range(24)))
    assert sorted(tickets) == list(range(1, 25))


def test_a_written_fact_is_in_the_holders_home(mirror: Mirror) -> None:
    assert mirror.write(a_subscription(), mirror.take_ticket("sub_studio"))
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert home.subscriptions == (a_subscription(),)


def test_an_unknown_holder_has_no_home(mirror: Mirror) -> None:
    assert mirror.home("cus_nobody") is None


def test_a_lower_ticket_never_overwrites_a_higher_one(mirror: Mirror) -> None:
    early, late = mirror.take_ticket("sub_studio"), mirror.take_ticket("sub_studio")
    assert mirror.write(a_subscription(status="canceled"), late)
    assert not mirror.write(a_subscription(status="active"), early)
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert home.subscriptions[0].status == "canceled"


def test_the_same_ticket_does_not_write_twice(mirror: Mirror) -> None:
    ticket = mirror.take_ticket("sub_studio")
    assert mirror.write(a_subscription(), ticket)
    assert not mirror.write(a_subscription(status="canceled"), ticket)


def test_writes_to_many_objects_of_one_holder_at_once_lose_nothing(mirror: Mirror) -> None:
    facts = [a_card(f"pm_{n}") for n in range(8)] + [a_subscription(f"sub_{n}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda fact: mirror.write(fact, mirror.take_ticket(fact.id)), facts))
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert {f.id for f in (*home.cards, *home.subscriptions)} == {fact.id for fact in facts}


def test_a_forgotten_card_leaves_the_home(mirror: Mirror) -> None:
    mirror.write(a_card(), mirror.take_ticket("pm_visa"))
    assert mirror.forget("pm_visa", mirror.take_ticket("pm_visa"))
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert home.cards == ()


def test_forgetting_obeys_the_ticket_too(mirror: Mirror) -> None:
    early, late = mirror.take_ticket("pm_visa"), mirror.take_ticket("pm_visa")
    mirror.write(a_card(), late)
    assert not mirror.forget("pm_visa", early)


def test_forgetting_what_was_never_known_is_done_at_once(mirror: Mirror) -> None:
    assert mirror.forget("pm_none", mirror.take_ticket("pm_none"))


def test_a_bill_is_found_whole_by_its_holder_only(mirror: Mirror) -> None:
    mirror.write(a_bill(), mirror.take_ticket("in_1"))
    assert mirror.bill("cus_ada", "in_1") == a_bill()
    assert mirror.bill("cus_other", "in_1") is None
    assert mirror.bill("cus_ada", "in_2") is None


def test_home_keeps_bills_without_their_lines(mirror: Mirror) -> None:
    mirror.write(a_bill(), mirror.take_ticket("in_1"))
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert home.bills == (a_bill().short(),)


def test_that_a_holder_was_compared_is_kept_and_no_event_forgets_it(mirror: Mirror) -> None:
    mirror.compared("cus_ada", NOW)
    mirror.write(a_subscription(), mirror.take_ticket("sub_studio"))
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert (home.compared_at, home.subscriptions) == (NOW, (a_subscription(),))


def test_filling_stores_everything(mirror: Mirror) -> None:
    bills = [a_bill(f"in_{n}", created=NOW - n * DAY) for n in range(70)]
    mirror.fill("cus_ada", [a_customer(), a_subscription(), a_card(), *bills])
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert home.customer == a_customer()
    assert home.more_bills
    assert all(mirror.bill("cus_ada", bill.id) == bill for bill in bills)


def test_what_was_gone_before_it_was_ever_stored_is_not_filled_in(mirror: Mirror) -> None:
    first, later = mirror.take_ticket("pm_visa"), mirror.take_ticket("pm_visa")
    assert mirror.forget("pm_visa", later)
    assert not mirror.forget("pm_visa", first)
    mirror.fill("cus_ada", [a_customer(), a_card()])
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert (home.customer, home.cards) == (a_customer(), ())
    assert mirror.write(a_card(), mirror.take_ticket("pm_visa"))
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert home.cards == (a_card(),)


def test_filling_leaves_alone_what_an_event_stored_meanwhile(mirror: Mirror) -> None:
    mirror.write(a_subscription(status="canceled"), mirror.take_ticket("sub_studio"))
    mirror.fill("cus_ada", [a_customer(), a_subscription(status="active"), a_card()])
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert (home.subscriptions[0].status, home.cards) == ("canceled", (a_card(),))


def test_any_event_after_filling_wins(mirror: Mirror) -> None:
    mirror.fill("cus_ada", [a_customer(), a_subscription()])
    assert mirror.write(a_subscription(status="past_due"), mirror.take_ticket("sub_studio"))


def test_history_pages_newest_first_and_each_bill_once(mirror: Mirror) -> None:
    mirror.fill("cus_ada", [a_bill(f"in_{n:02}", created=NOW - n * DAY) for n in range(60)])
    seen: list[str] = []
    before = ""
    while True:
        page, before = mirror.history("cus_ada", before=before)
        assert len(page) <= 25
        seen += [bill.id for bill in page]
        if not before:
            break
    assert seen == [f"in_{n:02}" for n in range(60)]


def test_history_of_one_item_has_only_its_bills(mirror: Mirror) -> None:
    own = [a_bill(f"in_a{n}", subscription="sub_a", created=NOW - n) for n in range(3)]
    others = [a_bill(f"in_b{n}", subscription="sub_ab", created=NOW - n) for n in range(3)]
    mirror.fill("cus_ada", own + others)
    page, more = mirror.history("cus_ada", item="sub_a")
    assert ([bill.id for bill in page], more) == (["in_a0", "in_a1", "in_a2"], "")


def test_a_preview_is_kept_beside_the_facts(mirror: Mirror) -> None:
    mirror.fill("cus_ada", [a_customer(), a_subscription()])
    preview = Preview("sub_studio", "inputs-1", 5100, "usd", NOW + DAY)
    mirror.write_preview("cus_ada", preview)
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    assert (home.previews, home.subscriptions) == ((preview,), (a_subscription(),))


def test_holders_fall_due_for_comparison_a_week_after_the_last_the_longest_first(mirror: Mirror) -> None:
    for holder, compared in (("cus_new", 0), ("cus_late", NOW - 9 * DAY), ("cus_due", NOW - 7 * DAY), ("cus_ok", NOW)):
        mirror.write(a_customer(holder), mirror.take_ticket(holder))
        if compared:
            mirror.compared(holder, compared)
    assert mirror.to_compare(NOW, 10) == ("cus_new", "cus_late", "cus_due")
    assert mirror.to_compare(NOW, 2) == ("cus_new", "cus_late")
    mirror.compared("cus_new", NOW)
    assert mirror.to_compare(NOW, 2) == ("cus_late", "cus_due")


def test_deleted_customers_and_guests_are_never_due_for_comparison(mirror: Mirror) -> None:
    mirror.write(a_customer(deleted=True), mirror.take_ticket("cus_ada"))
    mirror.write(a_bill(holder="guest:ada@example.com"), mirror.take_ticket("in_1"))
    assert mirror.to_compare(NOW + 99 * DAY, 10) == ()


def a_purchase(holder: str, **changes: Any) -> Bill:
    """A charge without invoice."""
    return a_bill("ch_1", kind="charge", holder=holder, subscription="", **changes)


def test_a_purchase_that_comes_to_name_another_holder_leaves_the_first_whole(mirror: Mirror) -> None:
    guest = "guest:ada@example.com"
    assert mirror.write(a_purchase(guest), mirror.take_ticket("ch_1"))
    late, newest = mirror.take_ticket("ch_1"), mirror.take_ticket("ch_1")
    assert mirror.write(a_purchase("cus_ada"), newest)
    assert not mirror.write(a_purchase(guest), late)
    left, gained = mirror.home(guest, fresh=True), mirror.home("cus_ada", fresh=True)
    assert left is not None
    assert gained is not None
    assert (left.bills, [bill.id for bill in gained.bills]) == ((), ["ch_1"])
    assert (mirror.bill(guest, "ch_1"), mirror.history(guest)) == (None, ((), ""))
    assert mirror.bill("cus_ada", "ch_1") == a_purchase("cus_ada")


def test_writers_who_disagree_whose_a_purchase_is_leave_it_with_one_holder(mirror: Mirror) -> None:
    holders = [f"guest:{name}@example.com" for name in ("ada", "bea", "cleo", "dora")]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda holder: mirror.write(a_purchase(holder), mirror.take_ticket("ch_1")), holders * 3))
    while not mirror.write(a_purchase("cus_ada"), mirror.take_ticket("ch_1")):
        continue
    assert [holder for holder in (*holders, "cus_ada") if mirror.bill(holder, "ch_1")] == ["cus_ada"]
    homes = [mirror.home(holder, fresh=True) for holder in holders]
    assert all(home is None or home.bills == () for home in homes)


def test_a_holder_who_got_the_purchase_between_look_and_write_makes_the_writer_look_again(
    table: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror, guest = DynamoMirror(), "guest:ada@example.com"
    early, late = mirror.take_ticket("ch_1"), mirror.take_ticket("ch_1")
    look, written = storage._known, list[bool]()

    def look_and_wait(object_id: str) -> Any:
        found = look(object_id)
        if not written:
            written.append(True)
            assert mirror.write(a_purchase(guest), early)
        return found

    monkeypatch.setattr(storage, "_known", look_and_wait)
    assert not mirror.write(a_purchase("cus_ada"), late)
    assert mirror.write(a_purchase("cus_ada"), mirror.take_ticket("ch_1"))
    assert mirror.bill(guest, "ch_1") is None
