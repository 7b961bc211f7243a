"""The process may die before or after any outside call: one sweep later all is as if it had not."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import cancel, inbox, pay, pay_found
from chalicelib.billing.ports import EventHint
from chalicelib.billing.runner import Case
from tests.builders import NOW, a_bill, a_card, a_customer, a_subscription
from tests.crashing import Death, Killed
from tests.fakes.inbox import FakeInbox
from tests.fakes.intents import FakeQueue
from tests.world import World

OPEN = a_bill("in_open", status="open", amount_paid=0, amount_remaining=4900, auto_advance=True, payments=())
OPEN = replace(OPEN, default_card="pm_of_its_own")
HINT = EventHint("evt_1", "customer.subscription.updated", "subscription", "sub_studio", "cus_ada", NOW)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    before = clock.use(lambda: float(NOW))
    yield
    clock.use(before)


def sweep(world: World) -> None:
    """What the timer does two minutes later, twice over."""
    desk = world.desk()
    clock.use(lambda: NOW + 300.0)
    cases = {
        "cancel": Case(lambda attempt: cancel.find_out_cancel(desk, attempt), cancel.canceled_event),
        "change_card": Case(lambda attempt: pay_found.find_out_card(desk, attempt), pay.card_event),
        "pay": Case(lambda attempt: pay_found.find_out_pay(desk, attempt), pay.paid_event),
    }
    for _ in range(2):
        desk.runner.sweep(cases)


def a_world() -> World:
    return World().having(a_customer(), a_card(), a_card("pm_new"), a_subscription(status="past_due"), OPEN)


def lives(act: str, at: int, after: bool) -> tuple[World, bool]:
    """One story, struck at call `at`; whether it was struck at all."""
    clock.use(lambda: float(NOW))
    world, death = a_world(), Death(at, after)
    desk, account = world.desk(death.watch), world.account()
    try:
        if act == "cancel":
            cancel.cancel(desk, account, "sub_studio", "key-1")
        elif act == "change_card":
            pay.change_card(desk, account, "sub_studio", "pm_new", "key-1")
        else:
            pay.pay(desk, account, "sub_studio", "key-1")
    except Killed:
        return world, True
    return world, False


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("act", ["cancel", "change_card", "pay"])
def test_dying_anywhere_in_an_action_leaves_one_truth(act: str, after: bool) -> None:
    at = 1
    while True:
        world, struck = lives(act, at, after)
        if not struck:
            break
        sweep(world)
        states = {state for state, _, _ in world.intents.kept.values()}
        assert states <= {"done"}, (act, at, states)
        done = [i.outcome.status for _, _, i in world.intents.kept.values() if i.outcome]
        first = {"cancel": "cancel_at_period_end", "change_card": "use_card", "pay": "pay"}[act]
        assert len(world.effects(first)) <= 1
        assert (done == ["done"]) == bool(world.effects(first)), (act, at, done)
        assert len(world.intents.events) == len(world.effects(first)), (act, at)
        if act == "cancel" and world.effects(first):
            assert world.effects("set_autocharge"), "the second half of a cancellation was lost"
        if act == "change_card" and world.effects(first):
            assert world.effects("use_card_for_bill"), "the open bill kept a card of its own"
        at += 1
    assert at > 5


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_dying_anywhere_at_the_door_or_in_the_worker_loses_no_event(after: bool) -> None:
    at = 1
    while True:
        world, box, queue, death = World(), FakeInbox(), FakeQueue(), Death(at, after)
        world.having(a_customer(), a_subscription(status="active"))
        world.gateway.put(a_subscription(status="canceled"))
        desk = world.desk(death.watch)
        watched_box, watched_queue = death.watch(box), death.watch(queue)
        struck = False
        try:
            inbox.receive(HINT, watched_box, watched_queue, NOW)
        except Killed:
            struck = True
            inbox.receive(HINT, box, queue, NOW + 60)  # no 2xx was given, so Stripe sends it again
        for message in list(queue.sent):
            try:
                inbox.work(message, desk.sync.follow, watched_box)
            except Killed:
                struck = True
        if not struck:
            break
        queue.sent.clear()
        inbox.sweep(box, queue, NOW + 3600)
        for message in queue.sent:
            inbox.work(message, world.desk().sync.follow, box)
        item = world.account().item("sub_studio")
        assert item is not None
        assert item.shown.word == "Canceled", (at, after)
        assert [state for state, _, _ in box.seen.values()] == ["done"]
        at += 1
    assert at > 5


def test_an_event_that_is_done_is_not_worked_on_again() -> None:
    box, queue = FakeInbox(), FakeQueue()
    assert inbox.receive(HINT, box, queue, NOW)
    inbox.work(queue.sent[0], lambda hint: None, box)
    assert not inbox.receive(HINT, box, queue, NOW + 5)
    assert len(queue.sent) == 1


def test_a_pending_event_that_comes_again_is_enqueued_again() -> None:
    box, queue = FakeInbox(), FakeQueue()
    inbox.receive(HINT, box, queue, NOW)
    assert inbox.receive(HINT, box, queue, NOW + 5)
    assert len(queue.sent) == 2
