"""The sweep or a worker may die before or after any outside call: nothing twice, and nothing lost but in the one call
to the mail service of which nobody can know."""

import pytest

from chalicelib.notices.card_expiring import RETRY_AFTER, TAKEN_FOR
from tests.crashing import Death, Killed
from tests.unit.notices.failed_world import FailedWorld, a_failed_world

world = pytest.fixture(a_failed_world)


def recover(world: FailedWorld) -> None:
    """What comes after a death: the message again, and rounds until nothing is left to do."""
    world.work()
    for wait in (RETRY_AFTER, TAKEN_FOR, RETRY_AFTER):
        world.now += wait
        world.sweep()
        world.work()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_anywhere_in_the_sweep_loses_and_doubles_nothing(world: FailedWorld, after: bool) -> None:
    at = 0
    while True:
        at += 1
        world.__init__()  # type: ignore[misc]
        world.with_ada()
        try:
            world.sweep(Death(at, after).watch)
            break
        except Killed:
            pass
        recover(world)
        assert len(world.mails.sent) == 1, at
        assert world.outcomes() == {0: "sent"}
    assert at > 3


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_anywhere_in_a_worker_doubles_nothing_and_loses_only_what_nobody_can_know(
    world: FailedWorld, after: bool
) -> None:
    at, unknowable = 0, 0
    while True:
        at += 1
        world.__init__()  # type: ignore[misc]
        world.with_ada().sweep()
        message = world.queue.sent[0]
        try:
            world.work(Death(at, after).watch)
            break
        except Killed:
            world.queue.sent.append(message)
        recover(world)
        taken_but_not_called = world.outcomes() == {0: "unsure"} and not world.mails.sent
        assert len(world.mails.sent) <= 1, at
        assert len(world.mails.sent) == 1 or taken_but_not_called, at
        unknowable += taken_but_not_called
    assert at > 4
    # between taking it and the mail service's yes there is one write's answer and the call itself
    assert unknowable == 1
