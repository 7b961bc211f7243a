"""Events asked for instead of waited for: nothing is missed, nothing asked too far back, no failure ends it."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib import clock
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.billing.ports import EventHint
from chalicelib.billing.reconcile import FARTHEST
from local.event_poll import OVERLAP, EventPoll
from tests.fakes.gateway import FakeGateway
from tests.fakes.inbox import FakeInbox
from tests.fakes.intents import FakeQueue


@dataclass
class Stripe(FakeGateway):
    """Remembers events, and from when on it was asked for them."""

    events: list[EventHint] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def events_since(self, created: int) -> tuple[EventHint, ...]:
        self.asked.append(created)
        if self.down:
            raise StripeUnavailable from ConnectionError("no\nroute")
        return tuple(event for event in self.events if event.created >= created)

    def happens(self, event: str, moment: float) -> None:
        """A subscription changes."""
        name = "customer.subscription.updated"
        self.events.append(EventHint(event, name, "subscription", "sub_1", "cus_1", int(moment)))


@dataclass
class Desk:
    """A poll with Stripe before it and the queue behind it."""

    folder: Path
    stripe: Stripe = field(default_factory=Stripe)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    queue: FakeQueue = field(default_factory=FakeQueue)

    def starts(self) -> EventPoll:
        return EventPoll(self.stripe, self.inbox, self.queue, self.folder / "events-seen")  # type: ignore[arg-type]

    @property
    def handed_on(self) -> list[object]:
        return [message["event"] for message in self.queue.sent]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time; append to move it."""
    times = [2_000_000_000.0]
    monkeypatch.setattr(clock, "_source", lambda: times[-1])
    return times


def test_what_happened_since_the_last_look_is_handed_on_once(desk: Desk, moves: list[float]) -> None:
    poll = desk.starts()
    desk.stripe.happens("evt_1", moves[-1])
    assert poll.poll()
    desk.inbox.done("evt_1")
    moves.append(moves[-1] + 3)
    desk.stripe.happens("evt_2", moves[-1])

    assert poll.poll()

    assert desk.handed_on == ["evt_1", "evt_2"]


def test_an_event_that_shows_late_is_found_by_the_overlap(desk: Desk, moves: list[float]) -> None:
    poll = desk.starts()
    moves.append(moves[-1] + 1000)
    assert poll.poll()
    desk.stripe.happens("evt_late", moves[-1] - 100)

    assert poll.poll()

    assert desk.handed_on == ["evt_late"]


def test_a_failure_is_one_line_and_what_it_missed_comes_with_the_next_look(
    desk: Desk, moves: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    poll = desk.starts()
    desk.stripe.happens("evt_1", moves[-1])
    desk.stripe.down = True
    for _ in range(2):
        moves.append(moves[-1] + 1000)
        with caplog.at_level(logging.WARNING, "local.event_poll"):
            assert not poll.poll()
    assert [record.getMessage().count("\n") for record in caplog.records] == [0, 0]
    assert caplog.messages[0].endswith("ConnectionError no route")

    desk.stripe.down = False

    assert poll.poll()
    assert desk.handed_on == ["evt_1"]


def test_what_happened_while_it_was_not_running_is_found_at_the_next_start(desk: Desk, moves: list[float]) -> None:
    assert desk.starts().poll()
    desk.stripe.happens("evt_meanwhile", moves[-1] + 500)
    moves.append(moves[-1] + 9000)

    assert desk.starts().poll()

    assert desk.handed_on == ["evt_meanwhile"]


def test_it_looks_no_further_back_than_stripe_remembers_and_not_before_the_first_start(
    desk: Desk, moves: list[float]
) -> None:
    assert desk.starts().poll()
    moves.append(moves[-1] + 2 * FARTHEST)
    assert desk.starts().poll()

    assert desk.stripe.asked == [moves[0] - OVERLAP, moves[-1] - FARTHEST]


def test_an_answer_nobody_foresaw_does_not_end_it(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    poll = desk.starts()
    desk.stripe.events.append(None)  # type: ignore[arg-type]

    poll.start()
    while not caplog.records:
        assert poll._thread.is_alive()
    alive = poll._thread.is_alive()
    poll.stop()

    assert alive
    assert not poll._thread.is_alive()
