"""How the mirror follows Stripe: what is read again, when to come back, and what drifted."""

import pytest
from msgspec.structs import replace

from chalicelib.billing.errors import StillMoving
from chalicelib.billing.home import Fact
from chalicelib.billing.ports import EventHint
from chalicelib.billing.sync import Sync
from tests.builders import NOW, a_bill, a_card, a_customer, a_subscription
from tests.fakes.gateway import FakeGateway
from tests.fakes.mirror import FakeMirror
from tests.world import NoRights, World


class ContestedMirror(FakeMirror):
    """Somebody newer is always there first, `times` times."""

    times = 0

    def write(self, fact: Fact, ticket: int) -> bool:
        if self.times:
            self.times -= 1
            return False
        return super().write(fact, ticket)


def a_sync(gateway: FakeGateway, mirror: FakeMirror) -> Sync:
    return Sync(gateway, mirror, NoRights(), lambda facts, schedule: "subscription")


def test_a_refused_write_is_read_again_under_a_new_ticket() -> None:
    gateway, mirror = FakeGateway(), ContestedMirror()
    mirror.times = 2
    gateway.put(a_subscription())
    a_sync(gateway, mirror).refresh("subscription", "sub_studio")
    assert mirror.guards["sub_studio"].ticket == 3
    assert mirror.homes["cus_ada"].subscriptions


def test_after_three_refusals_the_queue_tries_later() -> None:
    gateway, mirror = FakeGateway(), ContestedMirror()
    mirror.times = 3
    gateway.put(a_subscription())
    with pytest.raises(StillMoving):
        a_sync(gateway, mirror).refresh("subscription", "sub_studio")


@pytest.mark.parametrize("kind", ["discount", "source", "payout", "", "setup_intent"])
def test_objects_no_page_shows_are_not_read(kind: str) -> None:
    gateway = FakeGateway()
    a_sync(gateway, FakeMirror()).follow(EventHint("evt_1", "x", kind, "obj_1", "cus_ada", NOW))
    assert gateway.calls == []


def test_a_charge_refreshes_the_bill_it_paid() -> None:
    gateway, mirror = FakeGateway(), FakeMirror()
    gateway.put(a_bill())
    a_sync(gateway, mirror).follow(EventHint("evt_1", "charge.refunded", "charge", "ch_in_1", "cus_ada", NOW))
    assert mirror.bill("cus_ada", "in_1") == a_bill()


def test_filling_happens_once() -> None:
    world = World()
    world.gateway.put(a_customer(), a_subscription())
    sync = world.desk().sync
    sync.fill("cus_ada")
    calls, home = len(world.gateway.calls), world.mirror.home("cus_ada")
    assert sync.fill("cus_ada") == home.compared_at > 0
    assert len(world.gateway.calls) == calls


def test_repair_finds_what_drifted_and_what_is_gone_and_mends_it() -> None:
    world = World().having(a_customer(), a_card(), a_card("pm_gone"), a_subscription(), a_bill())
    world.gateway.put(a_subscription(status="past_due"), replace(a_bill(), amount_paid=1))
    del world.gateway.now["pm_gone"]
    sync = world.desk().sync
    assert set(sync.differences("cus_ada")) == set(sync.differences("cus_ada")) == {"sub_studio", "in_1", "pm_gone"}
    drifted = sync.repair("cus_ada")
    assert set(drifted) == {"sub_studio", "in_1", "pm_gone"}
    assert world.desk().sync.repair("cus_ada") == ()
    home = world.mirror.homes["cus_ada"]
    assert [card.id for card in home.cards] == ["pm_visa"]
    assert home.subscriptions[0].status == "past_due"


def test_a_deleted_customer_loses_the_mailbox_and_keeps_the_record() -> None:
    told: list[tuple[object, object]] = []

    class Rights:
        def customer_changed(self, before: object, after: object) -> None:
            told.append((before, after))

    gateway, mirror = FakeGateway(), FakeMirror()
    gateway.put(a_customer())
    sync = Sync(gateway, mirror, Rights(), lambda facts, schedule: "subscription")
    sync.refresh("customer", "cus_ada")
    del gateway.now["cus_ada"]
    sync.refresh("customer", "cus_ada")
    assert told == [(None, a_customer()), (a_customer(), None)]
    assert mirror.homes["cus_ada"].customer.deleted


def test_an_old_reading_that_lost_does_not_leave_its_address_with_rights() -> None:
    told: list[tuple[object, object]] = []

    class Rights:
        def customer_changed(self, before: object, after: object) -> None:
            told.append((before, after))

    old, new = a_customer(email="old@example.com"), a_customer(email="new@example.com")
    gateway, mirror = FakeGateway(), ContestedMirror()
    gateway.put(old)

    class Moving(Sync):
        def _write(self, kind: str, object_id: str, fact: Fact | None, ticket: int) -> bool:
            written = super()._write(kind, object_id, fact, ticket)
            gateway.put(new)
            return written

    mirror.times = 1
    Moving(gateway, mirror, Rights(), lambda facts, schedule: "subscription").refresh("customer", "cus_ada")
    assert told[-1] == (old, new)
