"""After any loss: rounds over Stripe's events leave no gap, and who signs in is compared with everything."""

import logging
from collections.abc import Iterator

import pytest

from chalicelib import clock
from chalicelib.access.customers import COMPARED_FOR, MirrorImporter
from chalicelib.billing import reconcile, sync
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.billing.home import COMPARE_EVERY
from chalicelib.billing.ports import EventHint
from chalicelib.billing.reconcile import FARTHEST, OVERLAP, SAMPLE
from tests.builders import DAY, NOW, a_customer, a_subscription
from tests.fakes.gateway import FakeGateway
from tests.fakes.inbox import FakeInbox
from tests.fakes.intents import FakeQueue
from tests.world import World

HOUR = 3600


class Remembering(FakeGateway):
    """Stripe with one event an hour for forty days, remembering thirty of them."""

    now = float(NOW)
    down = False

    def events_since(self, created: int) -> tuple[EventHint, ...]:
        if self.down:
            raise StripeUnavailable
        first = max(created, int(self.now - 30 * DAY))
        return tuple(hint for hint in ALL if first <= hint.created <= self.now)


ALL = [
    EventHint(f"evt_{number}", "invoice.paid", "invoice", f"in_{number}", "cus_ada", NOW + number * HOUR)
    for number in range(40 * 24)
]


class Rounds:
    """Rounds at chosen moments, and which events came through."""

    def __init__(self) -> None:
        self.stripe, self.box, self.queue = Remembering(), FakeInbox(), FakeQueue()

    def at(self, moment: float) -> set[int]:
        """Numbers of the events this round brought for the first time, all of them handled."""
        self.stripe.now = moment
        before = set(self.box.seen)
        reconcile.by_events(self.stripe, self.box, self.queue, moment)
        new = set(self.box.seen) - before
        for event in new:
            self.box.done(event)
        return {int(event.removeprefix("evt_")) for event in new}


def test_the_first_round_looks_a_little_back() -> None:
    assert Rounds().at(NOW + 10 * HOUR) == {10 - back for back in range(OVERLAP // HOUR + 1)}


def test_after_days_without_a_round_the_next_finds_every_event_since() -> None:
    rounds = Rounds()
    rounds.at(NOW)
    assert rounds.at(NOW + 72 * HOUR) == set(range(1, 73))


def test_a_round_that_failed_is_made_good_by_the_next() -> None:
    rounds = Rounds()
    rounds.at(NOW)
    rounds.stripe.down = True
    with pytest.raises(StripeUnavailable):
        rounds.at(NOW + 20 * HOUR)
    rounds.stripe.down = False
    assert rounds.at(NOW + 21 * HOUR) == set(range(1, 22))


def test_a_gap_longer_than_stripes_memory_is_loud(caplog: pytest.LogCaptureFixture) -> None:
    rounds = Rounds()
    rounds.at(NOW)
    with caplog.at_level(logging.ERROR):
        found = rounds.at(NOW + FARTHEST + 5 * DAY)
    assert min(found) == 5 * 24
    assert "events are missing" in caplog.text


@pytest.fixture
def times() -> Iterator[list[float]]:
    """What time it is; the last entry counts."""
    moments = [float(NOW)]
    before = clock.use(lambda: moments[-1])
    yield moments
    clock.use(before)


def test_who_signs_in_a_day_later_is_compared_with_everything_at_stripe(times: list[float]) -> None:
    world = World()
    world.gateway.put(a_customer(), a_subscription())
    importer = MirrorImporter(world.desk().sync, world.queue)
    importer.bring("cus_ada", "ada@example.com")
    times.append(NOW + COMPARED_FOR)
    importer.bring("cus_ada", "ada@example.com")
    assert world.queue.sent == []
    times.append(NOW + COMPARED_FOR + 1.0)
    importer.bring("cus_ada", "ada@example.com")
    assert world.queue.sent == [{"kind": "repair", "holder": "cus_ada"}]
    world.desk().sync.repair("cus_ada")
    importer.bring("cus_ada", "ada@example.com")
    assert len(world.queue.sent) == 1


def compare(world: World, now: float) -> tuple[int, int]:
    return reconcile.by_sample(world.desk().sync, world.mirror, now)


def test_each_hour_a_few_holders_are_compared_and_what_drifted_is_counted(times: list[float]) -> None:
    world = World()
    for number in range(SAMPLE + 3):
        holder = f"cus_{number:02}"
        world.having(a_customer(holder), a_subscription(f"sub_{number}", customer=holder), holder=holder)
        world.mirror.compared(holder, NOW - 30 * DAY + number)
    world.gateway.put(a_subscription("sub_1", customer="cus_01", status="canceled"))
    late = SAMPLE + 1
    world.gateway.put(a_subscription(f"sub_{late}", customer=f"cus_{late}", status="canceled"))
    assert compare(world, NOW) == (SAMPLE, 1)
    assert compare(world, NOW) == (3, 1)
    assert compare(world, NOW) == (0, 0)
    times.append(NOW + COMPARE_EVERY)
    assert compare(world, times[-1]) == (SAMPLE, 0)


def test_a_holder_that_was_never_read_whole_is_filled_and_counts_as_no_drift() -> None:
    world = World()
    world.gateway.put(a_customer(), a_subscription(), a_subscription("sub_2"))
    world.mirror.write(a_customer(), world.mirror.take_ticket("cus_ada"))
    assert compare(world, NOW) == (1, 0)
    assert len(world.account().items()) == 2


def test_no_further_comparison_begins_when_the_time_for_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for holder in ("cus_1", "cus_2"):
        world.having(a_customer(holder), holder=holder)
    monkeypatch.setattr(reconcile, "SECONDS", -1)
    assert compare(world, NOW) == (0, 0)


def test_a_holder_of_whom_very_much_differs_is_repaired_in_several_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "REPAIRS", 3)
    world = World().having(a_customer())
    world.mirror.compared("cus_ada", 1)
    world.gateway.put(*(a_subscription(f"sub_{number}") for number in range(5)))
    assert compare(world, NOW) == (1, 5)
    assert len(world.account().items()) == 3
    assert compare(world, NOW) == (1, 2)
    assert len(world.account().items()) == 5
    assert compare(world, NOW) == (0, 0)
