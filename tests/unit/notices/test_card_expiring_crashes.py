"""The job or a worker may die before or after any outside call: nothing twice, and nothing lost but in the one call
to the mail service of which nobody can know."""

import pytest

from tests.crashing import Death, Killed
from tests.unit.notices.card_world import CardWorld, a_card_world

world = pytest.fixture(a_card_world)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_anywhere_in_the_job_loses_and_doubles_nothing(world: CardWorld, after: bool) -> None:
    at = 0
    while True:
        at += 1
        world.__init__()  # type: ignore[misc]
        for number in range(3):
            world.with_ada(number)
        try:
            world.begin("2026-11-02", Death(at, after).watch)
            break
        except Killed:
            pass
        world.begin("2026-11-02")
        world.work()
        world.sweep()
        world.work()
        assert sorted(mail.to for mail in world.mails.sent) == [f"ada{n}@example.com" for n in range(3)], at
        assert world.sweep() == 0
    assert at > 10


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_anywhere_in_a_worker_doubles_nothing_and_loses_only_what_nobody_can_know(
    world: CardWorld, after: bool
) -> None:
    at, unknowable = 0, 0
    while True:
        at += 1
        world.__init__()  # type: ignore[misc]
        world.with_ada().begin("2026-11-02")
        message = world.queue.sent[0]
        try:
            world.work(Death(at, after).watch)
            break
        except Killed:
            world.queue.sent.append(message)
        world.work()
        world.sweep()
        world.work()
        world.sweep()
        taken_but_not_called = world.outcomes() == {60: "unsure"} and not world.mails.sent
        assert len(world.mails.sent) <= 1
        assert len(world.mails.sent) == 1 or taken_but_not_called, at
        unknowable += taken_but_not_called
    assert at > 4
    # between taking the notice and the mail service's yes there is one write's answer and the call itself
    assert unknowable == 1
