"""Paying off a plan: charged once and ended, or not at all, whoever dies, waits or presses at the same time."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import payoff, payoff_end
from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.errors import OutcomeUnknown, StillMoving
from chalicelib.billing.facts import Phase, ScheduleFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.errors import NotAllowed
from tests.builders import DAY, NOW, a_bill, a_card, a_customer, a_subscription
from tests.crashing import Death, Killed
from tests.world import World, or_refusal

REST = 4 * 4900
PLAN = a_subscription("sub_plan", mark="plan", schedule="sub_sched_1", anchor=NOW - 10 * DAY)
PHASE = Phase(NOW - 10 * DAY, NOW + 120 * DAY, (("price_49", 1),), amount=4900, interval="month")
SCHEDULE = ScheduleFacts("sub_sched_1", "cus_ada", "sub_plan", "active", "cancel", (PHASE,))
FIRST = a_bill("in_first", subscription="sub_plan", reason="subscription_create")


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    before = clock.use(lambda: float(NOW))
    yield
    clock.use(before)


def a_world(ends: str = "paid") -> World:
    world = World().having(a_customer(), a_card(), PLAN, SCHEDULE, FIRST)
    world.gateway.pays["pm_visa"] = ends
    return world


def press(world: World, key: str = "key-1", watch: Callable[[Any], Any] = lambda part: part) -> str:
    """One press; how it ended."""
    clock.use(lambda: float(NOW))
    return payoff.pay_off(world.desk(watch), world.account(), "sub_plan", REST, key).status


def tried(world: World, key: str, watch: Callable[[Any], Any] = lambda part: part) -> str:
    """The same where it may be refused."""
    return or_refusal(lambda: press(world, key, watch))


def sweep(world: World, after: float = 300.0) -> None:
    """What the timer does later with attempts to pay all or one ahead."""
    world.sweep(lambda desk: dict.fromkeys(payoff_end.KINDS, payoff.case(desk)), after)


def charged(world: World) -> list[str]:
    """The bills over the rest that brought money."""
    bills = [
        fact for fact in world.gateway.now.values() if isinstance(fact, Bill) and fact.id in world.gateway.attempts
    ]
    return [bill.id for bill in bills if bill.status == "paid"]


def waiting(world: World) -> list[str]:
    """Those that still could."""
    bills = [
        fact for fact in world.gateway.now.values() if isinstance(fact, Bill) and fact.id in world.gateway.attempts
    ]
    return [bill.id for bill in bills if bill.status in {"draft", "open"}]


def running(world: World) -> bool:
    """Whether Stripe goes on charging instalments."""
    return world.gateway.now["sub_plan"].status != "canceled"  # type: ignore[union-attr]


def shown(world: World) -> PaymentPlan:
    plan = world.account().item("sub_plan")
    assert isinstance(plan, PaymentPlan)
    return plan


def test_the_rest_is_charged_and_only_then_the_plan_is_ended() -> None:
    world = a_world()
    assert press(world) == "done"
    assert [effect[0] for effect in world.effects()] == ["start_payoff", "fill_payoff", "finalize", "pay", "end_plan"]
    assert (shown(world).shown.word, shown(world).left, shown(world).paid) == ("Completed", 0, 4900 + REST)
    assert [event.type for event in world.intents.events.values()] == ["plan.paid_off"]


def test_another_sum_than_the_agreed_one_is_refused_before_anything_is_asked_of_stripe() -> None:
    world = a_world()
    with pytest.raises(NotAllowed):
        payoff.pay_off(world.desk(), world.account(), "sub_plan", REST - 1, "key-1")
    assert world.gateway.calls == []


def test_when_stripe_would_charge_more_than_agreed_nothing_is_charged_and_the_draft_is_gone() -> None:
    world = a_world()
    fill = world.gateway.fill_payoff
    world.gateway.fill_payoff = lambda *args, **kwargs: fill(*args, **kwargs) + 1  # type: ignore[method-assign]
    assert press(world) == "not_done"
    assert (charged(world), waiting(world), running(world)) == ([], [], True)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("ends", ["paid", "declined"])
def test_dying_anywhere_it_is_charged_once_and_ended_or_left_as_it_was(ends: str, after: bool) -> None:
    at, done = 1, set()
    while True:
        world, death = a_world(ends), Death(at, after)
        try:
            press(world, watch=death.watch)
            break
        except Killed:
            sweep(world)
        paid = len(charged(world))
        done.add(paid)
        assert paid == len(world.effects("end_plan")) == len(world.intents.events) <= 1, at
        assert (waiting(world), running(world)) == ([], not paid), at
        assert {state for state, _, _ in world.intents.kept.values()} <= {"done"}, at
        if ends == "declined":
            world.gateway.pays.clear()
        assert paid or press(world, "key-2") == "done", at
        at += 1
    assert at > 15
    assert done == ({0, 1} if ends == "paid" else {0})


class Meanwhile:
    """Lets something else happen right before outside call number `at`."""

    def __init__(self, at: int, happens: Callable[[], None]) -> None:
        self.at, self.happens, self.calls = at, happens, 0

    def watch(self, part: Any) -> Any:
        return _Watched(part, self)

    def around(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        if self.calls == self.at:
            self.happens()
        return call(*args, **kwargs)


class _Watched:
    def __init__(self, part: Any, meanwhile: Meanwhile) -> None:
        self._part, self._meanwhile = part, meanwhile

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._meanwhile.around(found, *args, **kwargs)


@pytest.mark.parametrize("stops", [0, 6, 9, 12, 15, 18, 21, 24])
def test_two_tabs_at_once_however_they_interleave_charge_once(stops: int) -> None:
    """The second tab acts between any two calls of the first, whole or dying on the way."""
    at = 1
    while True:
        world = a_world()
        second = Death(stops, after=True)

        def other(world: World = world, second: Death = second) -> None:
            try:
                tried(world, "key-2", second.watch)
            except Killed:
                return

        meanwhile = Meanwhile(at, other)
        tried(world, "key-1", meanwhile.watch)
        if meanwhile.calls < at:
            break
        sweep(world)
        paid = len(charged(world))
        assert paid <= 1, at
        assert len(world.effects("end_plan")) == paid == len(world.intents.events), at
        assert (waiting(world), running(world)) == ([], not paid), at
        assert paid or tried(world, "key-3") == "done", at
        at += 1
    assert at > 20


def test_while_another_attempt_is_at_work_a_new_one_makes_nothing() -> None:
    world = a_world()
    world.gateway.start_payoff("cus_ada", "sub_plan", "usd", "key-other", 0, "k")
    with pytest.raises(NotAllowed, match="nothing is charged twice"):
        press(world)
    assert waiting(world) == ["in_rest_key-other"]


def test_an_instalment_billed_in_the_last_moment_is_paid_with_the_rest_and_taken_back() -> None:
    world = a_world()
    late = a_bill("in_late", subscription="sub_plan", status="draft", amount_remaining=4900, amount_paid=0, payments=())
    pay = world.gateway.pay

    def and_then_billed(*args: Any, **kwargs: Any) -> Any:
        world.gateway.put(late)
        return pay(*args, **kwargs)

    world.gateway.pay = and_then_billed  # type: ignore[method-assign]
    assert press(world) == "done"
    assert world.gateway.now["in_late"].status == "void"  # type: ignore[union-attr]
    assert [row.word for row in shown(world).instalments] == ["Paid", "Paid off"]


# The bank asks


def at_the_bank() -> World:
    world = a_world("action")
    with pytest.raises(payoff.BankAsks):
        press(world)
    assert (charged(world), running(world)) == ([], True)
    return world


def test_while_the_bank_asks_the_attempt_stays_open_for_half_an_hour_and_then_is_dropped() -> None:
    world = at_the_bank()
    sweep(world, 1799)
    assert waiting(world) == ["in_rest_key-1"]
    with pytest.raises(StillMoving):
        payoff.look_again(world.desk(), world.account(), "sub_plan", "key-1")
    sweep(world, 1800)
    assert (waiting(world), charged(world), running(world)) == ([], [], True)
    assert [intent.outcome and intent.outcome.status for _, _, intent in world.intents.kept.values()] == ["declined"]


def test_once_confirmed_looking_again_the_sweep_and_the_event_each_end_the_plan() -> None:
    for finds_out in ("look", "sweep", "event"):
        world = at_the_bank()
        bill = world.gateway.now["in_rest_key-1"]
        assert isinstance(bill, Bill)
        world.gateway.put(replace(bill, status="paid", amount_remaining=0))
        if finds_out == "look":
            payoff.look_again(world.desk(), world.account(), "sub_plan", "key-1")
        elif finds_out == "event":
            world.desk().refresh("bill", bill.id)
            payoff_end.tend(world.desk(), "cus_ada")
        sweep(world)
        assert (charged(world), running(world), len(world.effects("end_plan"))) == ([bill.id], False, 1)
        assert len(world.intents.events) == 1


def test_going_on_later_pays_the_same_bill_and_tells_of_it_once() -> None:
    world = at_the_bank()
    world.gateway.pays.clear()
    assert press(world, "key-2") == "done"
    sweep(world)
    assert charged(world) == ["in_rest_key-1"]
    assert len(world.effects("start_payoff")) == len(world.effects("end_plan")) == len(world.intents.events) == 1


def test_somebody_elses_attempt_and_that_of_another_action_are_not_looked_at() -> None:
    world = at_the_bank()
    payoff.look_again(world.desk(), world.account(), "sub_plan", "key-unknown")
    assert waiting(world) == ["in_rest_key-1"]


# What the mirror shows is tended


def test_a_payment_that_takes_days_ends_the_plan_when_it_arrives_and_is_dropped_when_it_fails() -> None:
    world = a_world("processing")
    assert press(world) == "processing"
    bill = world.gateway.now["in_rest_key-1"]
    assert isinstance(bill, Bill)
    clock.use(lambda: NOW + 2.0 * DAY)
    world.gateway.states.clear()
    failed = World().having(a_customer(), a_card(), PLAN, SCHEDULE, FIRST, bill)
    failed.gateway.attempts = {bill.id: ("sub_plan", "key-1")}
    payoff_end.tend(failed.desk(), "cus_ada")
    assert (waiting(failed), running(failed)) == ([], True)
    arrived = World().having(a_customer(), a_card(), PLAN, SCHEDULE, FIRST, replace(bill, status="paid"))
    payoff_end.tend(arrived.desk(), "cus_ada")
    assert not running(arrived)


def test_tending_leaves_alone_what_is_in_order_young_or_of_no_plan() -> None:
    ended = replace(PLAN, status="canceled", ended_at=NOW)
    rest = a_bill("in_rest", subscription="", pays_off="sub_plan")
    for facts in ((ended, rest), (PLAN, replace(rest, status="open", created=NOW - 60)), (rest,)):
        world = World().having(a_customer(), *facts)
        payoff_end.tend(world.desk(), "cus_ada")
        assert world.gateway.calls == []
    payoff_end.tend(World().desk(), "cus_nobody")


def test_a_plan_that_cannot_be_ended_now_is_unknown_and_ended_by_the_sweep() -> None:
    world = a_world()
    end = world.gateway.end_plan

    def silent(*args: object, **kwargs: object) -> None:
        raise OutcomeUnknown

    world.gateway.end_plan = silent  # type: ignore[method-assign]
    assert tried(world, "key-1") == "OutcomeUnknown"
    assert (len(charged(world)), running(world)) == (1, True)
    world.gateway.end_plan = end  # type: ignore[method-assign]
    sweep(world)
    assert (len(charged(world)), running(world), len(world.intents.events)) == (1, False, 1)
