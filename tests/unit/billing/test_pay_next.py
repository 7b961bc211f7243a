"""Paying the next instalment early: charged once and skipped, or neither, and never taken for all the rest."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import payoff, payoff_end, policy
from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.plan_rest import skipped_until
from chalicelib.errors import NotAllowed, PortalError
from tests.builders import DAY, NOW, a_bill, a_customer
from tests.crashing import Death, Killed
from tests.unit.billing.test_payoff import (
    PLAN,
    REST,
    SCHEDULE,
    Meanwhile,
    _today,
    a_world,
    charged,
    running,
    shown,
    sweep,
    waiting,
)
from tests.world import SETTINGS, World, or_refusal

__all__ = ["_today"]
DUE = PLAN.items[0].period_end


def press(world: World, key: str = "key-1", watch: Callable[[Any], Any] = lambda part: part) -> str:
    """One press; how it ended."""
    clock.use(lambda: float(NOW))
    return payoff.pay_next(world.desk(watch), world.account(), "sub_plan", 4900, DUE, key).status


def tried(world: World, key: str, watch: Callable[[Any], Any] = lambda part: part) -> str:
    """The same where it may be refused."""
    return or_refusal(lambda: press(world, key, watch))


def skips(world: World) -> bool:
    """Whether Stripe is told to skip that instalment."""
    return world.gateway.now["sub_plan"].resumes_at == skipped_until(DUE)  # type: ignore[union-attr]


def test_it_is_charged_and_only_then_skipped() -> None:
    world = a_world()
    before = shown(world)
    assert press(world) == "done"
    assert [effect[0] for effect in world.effects()] == ["start_payoff", "fill_payoff", "finalize", "pay", "skip_until"]
    plan = shown(world)
    assert (plan.shown.word, plan.done, plan.of, plan.left) == ("Active", 2, before.of, REST - 4900)
    assert [row.due for row in plan.to_come] == [row.due for row in before.to_come][1:]
    assert plan.next_payment is not None
    assert (plan.next_payment.due, plan.ahead) == (before.to_come[1].due, DUE)
    assert [event.type for event in world.intents.events.values()] == ["plan.paid_ahead"]


def test_once_stripe_has_made_its_bill_void_the_count_is_what_it_was() -> None:
    world = a_world()
    press(world)
    item = replace(PLAN.items[0], period_start=DUE, period_end=DUE + 30 * DAY)
    over = replace(world.gateway.now["sub_plan"], items=(item,), collection_paused=False, resumes_at=None)  # type: ignore[call-arg]
    void = a_bill("in_void", subscription="sub_plan", status="void", created=DUE, reason="subscription_cycle")
    later = World().having(a_customer(), SCHEDULE, over, void, *filter(is_bill, world.gateway.now.values()))
    clock.use(lambda: DUE + 60.0)
    plan = shown(later)
    assert (plan.done, plan.of, plan.ahead) == (2, shown(a_world()).of, None)
    assert policy.pay_next(plan, SETTINGS).why != ""


def is_bill(fact: object) -> bool:
    return isinstance(fact, Bill)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("ends", ["paid", "declined"])
def test_dying_anywhere_it_is_charged_once_and_skipped_or_left_as_it_was(ends: str, after: bool) -> None:
    at = 1
    while True:
        world, death = a_world(ends), Death(at, after)
        try:
            press(world, watch=death.watch)
            break
        except Killed:
            sweep(world)
        paid = len(charged(world))
        assert paid == len(world.effects("skip_until")) == len(world.intents.events) <= 1, at
        assert (waiting(world), skips(world), running(world)) == ([], bool(paid), True), at
        if ends == "declined":
            world.gateway.pays.clear()
        assert paid or press(world, "key-2") == "done", at
        at += 1
    assert at > 18


def rest_paid(world: World, key: str, watch: Callable[[Any], Any]) -> None:
    """Another tab pays off all the rest."""
    with suppress(PortalError):
        payoff.pay_off(world.desk(watch), world.account(), "sub_plan", REST, key)


@pytest.mark.parametrize("other", [tried, rest_paid])
@pytest.mark.parametrize("stops", [0, 8, 12, 16, 20, 24])
def test_two_tabs_at_once_however_they_interleave_charge_one_thing(stops: int, other: Callable[..., Any]) -> None:
    """The second tab acts between any two calls of the first, whole or dying on the way."""
    at = 1
    while True:
        world, second = a_world(), Death(stops, after=True)

        def happens(world: World = world, second: Death = second) -> None:
            with suppress(Killed):
                other(world, "key-2", second.watch)

        meanwhile = Meanwhile(at, happens)
        tried(world, "key-1", meanwhile.watch)
        if meanwhile.calls < at:
            break
        sweep(world)
        bills = [world.gateway.now[bill] for bill in charged(world)]
        early = [bill for bill in bills if isinstance(bill, Bill) and bill.pays_due]
        assert len(bills) <= 1, at
        assert (skips(world), running(world)) == (bool(early), len(early) == len(bills)), at
        assert waiting(world) == [], at
        at += 1
    assert at > 20


def test_an_instalment_paid_early_is_not_taken_for_the_rest() -> None:
    world = a_world()
    press(world)
    rest = shown(world).rest
    assert rest is not None
    assert payoff.pay_off(world.desk(), world.account(), "sub_plan", rest.amount, "key-2").status == "done"
    assert len(charged(world)) == 2
    assert (running(world), shown(world).shown.word) == (False, "Completed")


def test_the_rest_being_paid_nothing_else_is_and_the_other_way_round() -> None:
    for due in (0, DUE):
        world = a_world()
        world.gateway.start_payoff("cus_ada", "sub_plan", "usd", "key-other", due, "k")
        with pytest.raises(NotAllowed, match="nothing is charged twice"):
            press(world)
        with pytest.raises(NotAllowed, match="nothing is charged twice"):
            payoff.pay_off(world.desk(), world.account(), "sub_plan", REST, "key-2")
        assert waiting(world) == ["in_rest_key-other"]


def test_another_date_or_sum_than_shown_is_refused() -> None:
    for amount, due in ((4901, DUE), (4900, DUE + 1)):
        world = a_world()
        with pytest.raises(NotAllowed):
            payoff.pay_next(world.desk(), world.account(), "sub_plan", amount, due, "key-1")
        assert world.effects() == []


def test_what_is_paid_and_not_skipped_yet_is_skipped_after_the_next_event() -> None:
    paid = a_bill("in_next", subscription="", pays_off="sub_plan", pays_due=DUE)
    world = a_world().having(paid)
    payoff_end.tend(world.desk(), "cus_ada")
    assert skips(world)
    calls = len(world.gateway.calls)
    payoff_end.tend(world.desk(), "cus_ada")
    assert len(world.gateway.calls) == calls


def test_what_was_billed_all_the_same_is_taken_back_and_nothing_else() -> None:
    paid = a_bill("in_next", subscription="", pays_off="sub_plan", pays_due=DUE)
    owed = {"subscription": "sub_plan", "status": "open", "amount_remaining": 4900, "amount_paid": 0, "payments": ()}
    late, older = a_bill("in_late", created=DUE + 60, **owed), a_bill("in_older", created=NOW - DAY, **owed)
    world = a_world().having(paid, late, older)
    clock.use(lambda: DUE + 120.0)
    payoff_end.tend(world.desk(), "cus_ada")
    assert world.gateway.now["in_late"].status == "void"  # type: ignore[union-attr]
    assert world.gateway.now["in_older"].status == "open"  # type: ignore[union-attr]


def test_a_merchants_own_pause_is_still_a_pause() -> None:
    world = a_world()
    press(world)
    world.gateway.put(replace(world.gateway.now["sub_plan"], resumes_at=None))  # type: ignore[call-arg]
    world.desk().refresh("subscription", "sub_plan")
    assert shown(world).shown.word == "Paused"


def test_it_may_not_once_it_was_and_not_for_the_last_one() -> None:
    world = a_world()
    press(world)
    assert "already" in policy.pay_next(shown(world), SETTINGS).why
    plan = shown(a_world())
    assert isinstance(plan, PaymentPlan)
    assert "pay off the rest instead" in policy.pay_next(replace(plan, early=None), SETTINGS).why
    assert policy.pay_next(plan, replace(SETTINGS, plan_payoff=False)).allowed
