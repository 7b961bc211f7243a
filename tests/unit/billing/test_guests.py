"""Guests: each mailbox one holder, whatever the spelling and order of events; nothing of a customer's among it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.access.customers import MirrorImporter, StripeCustomers
from chalicelib.billing import guests, reconcile
from chalicelib.billing.facts import CustomerFacts
from chalicelib.billing.facts_bill import Bill, BillTo, Payment, Refund
from chalicelib.billing.ports import EventHint
from chalicelib.billing.sync import Sync
from tests.builders import DAY, NOW, a_bill, a_customer
from tests.fakes.gateway import FakeGateway
from tests.fakes.mirror import FakeMirror
from tests.world import World

GWEN, GUEST = "gwen@mail.example", "guest:gwen@mail.example"


def an_order(id: str = "ch_1", email: str = "Gwen@Mail.example", **changes: Any) -> Bill:
    """A preset pack bought as a guest."""
    payment = Payment(id, 3900, "succeeded", NOW, id, f"pi_{id}", "card", "visa", "4242")
    base = Bill(
        id=id,
        holder=guests.holder_of(email),
        kind="charge",
        status="paid",
        currency="gbp",
        created=NOW,
        total=3900,
        amount_due=3900,
        amount_paid=3900,
        amount_remaining=0,
        title="Travel Preset Pack",
        payments=(payment,),
        bill_to=BillTo("Gwen Hale", email),
    )
    return replace(base, **changes)


def a_failure(id: str, created: int = NOW) -> Bill:
    """A try that was declined."""
    payment = Payment(id, 3900, "failed", created, id, f"pi_{id}", decline_code="generic_decline")
    name = BillTo("Somebody Else", "GWEN@mail.example")
    return an_order(
        id, status="open", created=created, amount_paid=0, amount_remaining=3900, payments=(payment,), bill_to=name
    )


@dataclass
class Told:
    """Remembers which customers' rights changed."""

    changes: list[tuple[CustomerFacts | None, CustomerFacts | None]] = field(default_factory=list)

    def customer_changed(self, before: CustomerFacts | None, after: CustomerFacts | None) -> None:
        self.changes.append((before, after))


def a_sync(gateway: FakeGateway, mirror: FakeMirror, rights: Any = None) -> Sync:
    return Sync(gateway, mirror, rights or Told(), lambda facts, schedule: "subscription")


def an_event(kind: str, id: str, customer: str = "") -> EventHint:
    return EventHint(f"evt_{kind}_{id}", f"{kind}.x", kind, id, customer, NOW)


CHARGED, COMPLETED = an_event("charge", "ch_1"), an_event("checkout.session", "cs_1")
REFUNDED = an_event("charge", "ch_1")
ORDERS = [order for length in (1, 2, 3) for order in itertools.product((CHARGED, COMPLETED, REFUNDED), repeat=length)]


@pytest.mark.parametrize("order", ORDERS)
def test_events_late_early_twice_or_missing_end_in_the_same_home(order: Sequence[EventHint]) -> None:
    gateway, mirror = FakeGateway(), FakeMirror()
    given_back = replace(an_order().payments[0], refunds=(Refund("re_1", 900, NOW + DAY),))
    gateway.put(an_order(payments=(given_back,)))
    gateway.sessions["cs_1"] = "ch_1"
    for event in order:
        a_sync(gateway, mirror).follow(event)
    home = mirror.homes[GUEST]
    assert home.bills == (an_order(payments=(given_back,)).short(),)
    assert (home.customer.email, home.customer.name) == ("Gwen@Mail.example", "Gwen Hale")
    assert set(mirror.homes) == {GUEST}
    assert mirror.bill(GUEST, "ch_1") == an_order(payments=(given_back,))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_purchases_become_known_in_any_order_and_the_latest_says_who_it_is(order: Sequence[int]) -> None:
    gateway, mirror = FakeGateway(), FakeMirror()
    spellings = ["gwen@mail.example", "GWEN@MAIL.EXAMPLE", "Gwen@mail.example"]
    bought = [
        an_order(f"ch_{n}", spelling, created=NOW + n * DAY, bill_to=BillTo(f"Gwen {n}", spelling))
        for n, spelling in enumerate(spellings)
    ]
    gateway.put(*bought, a_failure("ch_9", NOW + 9 * DAY))
    events = [*(an_event("charge", bill.id) for bill in bought), an_event("charge", "ch_9")]
    for place in order:
        a_sync(gateway, mirror).follow(events[place])
    home = mirror.homes[GUEST]
    assert [bill.id for bill in home.bills] == ["ch_2", "ch_1", "ch_0"]
    assert (home.customer.name, home.customer.email) == ("Gwen 2", "Gwen@mail.example")
    assert set(mirror.homes) == {GUEST}


def test_a_customers_session_is_not_even_read() -> None:
    gateway = FakeGateway()
    a_sync(gateway, FakeMirror()).follow(an_event("checkout.session", "cs_1", "cus_ada"))
    assert gateway.calls == []


def test_a_purchase_given_to_a_customer_later_leaves_the_guest_for_good() -> None:
    gateway, mirror = FakeGateway(), FakeMirror()
    gateway.put(an_order())
    sync = a_sync(gateway, mirror)
    sync.follow(CHARGED)
    gateway.put(replace(an_order(), holder="cus_ada"))
    sync.follow(CHARGED)
    assert mirror.homes[GUEST].bills == ()
    assert mirror.bill(GUEST, "ch_1") is None
    assert [bill.id for bill in mirror.homes["cus_ada"].bills] == ["ch_1"]


def test_a_late_older_reading_does_not_bring_it_back() -> None:
    mirror = FakeMirror()
    early, late = mirror.take_ticket("ch_1"), mirror.take_ticket("ch_1")
    assert mirror.write(replace(an_order(), holder="cus_ada"), late)
    assert not mirror.write(an_order(), early)
    assert GUEST not in mirror.homes


def test_any_number_of_declined_tries_hides_no_order() -> None:
    gateway, mirror = FakeGateway(), FakeMirror()
    gateway.put(an_order(), *(a_failure(f"ch_x{n}", NOW + n) for n in range(30)))
    for id in gateway.now:
        a_sync(gateway, mirror).follow(an_event("charge", id))
    assert [bill.id for bill in mirror.homes[GUEST].bills] == ["ch_1"]
    assert not mirror.homes[GUEST].more_bills


def test_a_declined_try_alone_makes_nobody_a_guest() -> None:
    gateway, mirror, told = FakeGateway(), FakeMirror(), Told()
    gateway.put(a_failure("ch_1"))
    a_sync(gateway, mirror, told).follow(CHARGED)
    assert told.changes == []
    assert StripeCustomers(gateway, mirror).find(GWEN) == ()


def test_whoever_keeps_rights_hears_of_a_purchase_before_it_is_written() -> None:
    gateway, told = FakeGateway(), Told()

    class Dying(FakeMirror):
        def write(self, fact: Any, ticket: int) -> bool:
            raise RuntimeError("killed")

    gateway.put(an_order())
    with pytest.raises(RuntimeError):
        a_sync(gateway, Dying(), told).follow(CHARGED)
    assert told.changes == [(None, CustomerFacts(GUEST, "Gwen@Mail.example", "Gwen Hale", NOW))]


def test_a_guest_known_from_events_is_found_without_asking_stripe_for_sessions() -> None:
    gateway, mirror = FakeGateway(), FakeMirror()
    gateway.put(an_order())
    a_sync(gateway, mirror).follow(CHARGED)
    gateway.calls.clear()
    (found,) = StripeCustomers(gateway, mirror).find(GWEN)
    assert (found.id, found.address) == (GUEST, "Gwen@Mail.example")
    assert [call[0] for call in gateway.calls] == ["find_customers"]


def test_a_guest_of_whom_nothing_is_known_yet_is_found_by_the_sessions_and_filled_once() -> None:
    world = World()
    world.gateway.put(an_order(), an_order("ch_2", created=NOW - DAY))
    world.gateway.sessions |= {"cs_1": "ch_1", "cs_2": "ch_2"}
    (found,) = StripeCustomers(world.gateway, world.mirror).find("Gwen@Mail.example")
    assert (found.id, found.address) == (GUEST, "Gwen@Mail.example")
    importer = MirrorImporter(world.desk().sync, world.queue)
    importer.bring(found.id, found.address)
    assert [bill.id for bill in world.mirror.homes[GUEST].bills] == ["ch_1", "ch_2"]
    calls = len(world.gateway.calls)
    importer.bring(found.id, found.address)
    assert len(world.gateway.calls) == calls


def test_what_was_bought_before_under_another_spelling_is_added_when_that_is_typed() -> None:
    world = World()
    world.gateway.put(an_order(email=GWEN), an_order("ch_2", "GWEN@mail.example", created=NOW - DAY))
    world.gateway.sessions |= {"cs_1": "ch_1", "cs_2": "ch_2"}
    customers = StripeCustomers(world.gateway, world.mirror)
    importer = MirrorImporter(world.desk().sync, world.queue)
    for typed, bought in ((GWEN, ["ch_1"]), ("GWEN@mail.example", ["ch_1", "ch_2"]), (GWEN, ["ch_1", "ch_2"])):
        (found,) = customers.find(typed)
        importer.bring(found.id, found.address)
        assert [bill.id for bill in world.mirror.homes[GUEST].bills] == bought


def test_an_address_nobody_bought_under_is_never_mailed_however_it_was_typed() -> None:
    gateway, mirror = FakeGateway(), FakeMirror()
    gateway.put(an_order(email=GWEN))
    a_sync(gateway, mirror).follow(CHARGED)
    (found,) = StripeCustomers(gateway, mirror).find("gWeN@mail.example")
    assert found.address == GWEN


def test_a_mailbox_with_a_customer_and_purchases_as_a_guest_has_both() -> None:
    world = World()
    world.gateway.put(a_customer(email=GWEN), an_order(email=GWEN))
    world.gateway.sessions["cs_1"] = "ch_1"
    found = StripeCustomers(world.gateway, world.mirror).find(GWEN)
    assert [holder.id for holder in found] == ["cus_ada", GUEST]


def test_repair_mends_what_sessions_list_and_what_only_events_told() -> None:
    world = World().having(an_order(), an_order("ch_bare"), an_order("ch_moved"), holder=GUEST)
    world.gateway.sessions |= {"cs_1": "ch_1", "cs_2": "ch_missed"}
    returned = replace(an_order().payments[0], refunds=(Refund("re_1", 3900, NOW),))
    world.gateway.put(
        an_order(payments=(returned,)),
        an_order("ch_missed", created=NOW - DAY),
        an_order("ch_bare", title="Harbour Light"),
        replace(an_order("ch_moved"), holder="cus_ada"),
    )
    sync = world.desk().sync
    assert set(reconcile.by_lists(sync, GUEST)) == {"ch_1", "ch_missed", "ch_bare", "ch_moved"}
    assert sync.differences(GUEST) == ()
    home = world.mirror.homes[GUEST]
    assert {bill.id: bill.title for bill in home.bills} == {
        "ch_1": "Travel Preset Pack",
        "ch_bare": "Harbour Light",
        "ch_missed": "Travel Preset Pack",
    }
    assert [bill.id for bill in world.mirror.homes["cus_ada"].bills] == ["ch_moved"]


def test_guests_are_shown_as_a_holder_of_their_own_without_cards_or_things_to_cancel() -> None:
    world = World().having(a_customer(), a_bill())
    world.gateway.put(an_order())
    world.desk().sync.follow(CHARGED)
    shown = world.account("cus_ada", GUEST)
    guest = next(holder for holder in shown.holders if holder.id == GUEST)
    assert (guest.label, guest.ref) == ("Bought as a guest", "guest")
    assert [(order.title, order.word, order.receipt, order.pay_link) for order in guest.orders] == [
        ("Travel Preset Pack", "Paid", "ch_1", "")
    ]
    assert (guest.cards, guest.items()) == ((), ())
    assert shown.holder("guest") == guest
    assert shown.holder(GUEST) is None


def test_a_guest_with_nothing_left_is_no_group_on_the_page() -> None:
    world = World().having(a_customer(), a_bill())
    world.mirror.fill(GUEST, [an_order()])
    world.gateway.put(replace(an_order(), holder="cus_ada"))
    world.desk().sync.refresh("bill", "ch_1")
    assert [holder.id for holder in world.account("cus_ada", GUEST).holders] == ["cus_ada"]


def test_logs_name_no_guest() -> None:
    assert "gwen" not in guests.in_logs(GUEST)
    assert guests.in_logs("cus_ada") == "cus_ada"
