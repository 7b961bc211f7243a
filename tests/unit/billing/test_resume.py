"""Going on with a plan that Stripe ended: once, on the dates agreed, whoever dies or presses at the same time."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import policy, resume
from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.errors import NotPossible
from chalicelib.billing.facts import Phase, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Payment
from chalicelib.billing.facts_price import Price
from chalicelib.billing.resumption import SHOWN, as_agreed, first_date
from chalicelib.errors import NotAllowed
from tests.builders import DAY, NOW, a_bill, a_card, a_customer, a_subscription
from tests.crashing import Death, Killed
from tests.world import SETTINGS, World, or_refusal

ENDED = {"status": "canceled", "ended_because": "payment_failed", "ended_at": NOW - DAY, "default_card": "pm_gone"}
PLAN = a_subscription("sub_plan", mark="plan", instalments=5, anchor=NOW - 40 * DAY, **ENDED)
PAID = a_bill("in_1", subscription="sub_plan", reason="subscription_create", created=NOW - 40 * DAY)
OWED = a_bill("in_2", subscription="sub_plan", reason="subscription_cycle", created=NOW - 10 * DAY)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    before = clock.use(lambda: float(NOW))
    yield
    clock.use(before)


def a_world(*more: Any, plan: SubscriptionFacts = PLAN) -> World:
    """`more` stands in for what is of the same id."""
    facts = {fact.id: fact for fact in (a_customer(), a_card(), plan, PAID, OWED, *more)}
    return World().having(*facts.values())


def the_plan(world: World) -> PaymentPlan:
    found = world.account().item("sub_plan")
    assert isinstance(found, PaymentPlan)
    return found


def press(world: World, watch: Callable[[Any], Any] = lambda part: part, first: int | None = None) -> str:
    """One press on the page as it stands; how it ended."""
    clock.use(lambda: float(NOW))
    desk, account = world.desk(watch), world.account()
    plan = account.item("sub_plan")
    assert isinstance(plan, PaymentPlan)
    shown = first or (plan.resumption.first if plan.resumption else NOW)
    return resume.resume(desk, account, "sub_plan", shown, resume.attempt_of(desk, "cus_ada", "sub_plan")).status


def tried(world: World, watch: Callable[[Any], Any] = lambda part: part) -> str:
    """The same where it may be refused."""
    return or_refusal(lambda: press(world, watch))


class Slow:
    """A part whose answers take their time, so that others come in between."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        return (lambda *args, **more: (time.sleep(0.005), found(*args, **more))[1]) if callable(found) else found


def sweep(world: World) -> None:
    """What the timer does later with attempts to resume."""
    world.sweep(lambda desk: {resume.KIND: resume.case(desk)})


def going_on(world: World) -> list[str]:
    """The subscriptions that charge the rest of the plan."""
    return [f.id for f in world.gateway.now.values() if isinstance(f, SubscriptionFacts) and f.continues]


def test_the_three_missing_instalments_are_shown_from_one_interval_after_today_on():
    resumption = the_plan(a_world()).resumption
    assert resumption is not None
    assert [(row.number, row.amount) for row in resumption.instalments] == [(3, 4900), (4, 4900), (5, 4900)]
    assert resumption.total == 14700
    today = datetime.fromtimestamp(NOW, UTC)
    assert [datetime.fromtimestamp(row.due, UTC).day for row in resumption.instalments] == [today.day] * 3
    assert resumption.instalments[-1].due < resumption.ends


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-01-31T10:20", "2026-02-28T10:00"),
        ("2026-03-31T10:00", "2026-04-30T09:00"),
        ("2024-01-31T00:00", "2024-02-29T23:00"),
    ],
)
def test_the_first_is_due_just_before_a_month_is_over(now, first):
    price = Price("price", "Course", "usd", 4900, "month")
    moment = datetime.fromisoformat(f"{now}:00+00:00").timestamp()
    assert first_date(price, moment) == datetime.fromisoformat(f"{first}:00+00:00").timestamp()


def test_resumed_it_is_one_plan_with_one_table():
    world = a_world()
    assert press(world) == "done"
    (plan,) = world.account().items()
    assert isinstance(plan, PaymentPlan)
    assert (plan.id, plan.shown.word, plan.done, plan.of, plan.left) == ("sub_plan_on", "Active", 2, 5, 14700)
    assert [(row.number, row.word) for row in plan.instalments] == [
        (1, "Paid"),
        (2, "Paid"),
        (3, "Next"),
        (4, "Later"),
        (5, "Later"),
    ]
    assert (plan.started, plan.never_ends, plan.stopped) == (PLAN.started, False, None)
    assert [bill.id for bill in plan.bills] == ["in_2", "in_1"]


def test_it_is_charged_to_the_card_that_paid_last():
    world = a_world()
    press(world)
    assert world.effects("continue_plan") == [("continue_plan", "sub_plan", "pm_visa")]


def test_without_that_card_to_the_one_it_had():
    other = Payment("py", 4900, "succeeded", NOW - DAY, kind="card", brand="visa", last4="0000")
    world = a_world(replace(OWED, payments=(other,)), plan=replace(PLAN, default_card="pm_visa"))
    assert the_plan(world).card is not None
    assert the_plan(world).card.id == "pm_visa"


ODD = ScheduleFacts(
    "sub_sched", "cus_ada", "sub_plan", "canceled", "cancel", (Phase(NOW - 40 * DAY, NOW + 90 * DAY, (), amount=1),)
)


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({"ended_because": "cancellation_requested"}, ()),
        ({"ended_because": "payment_disputed"}, ()),
        ({"instalments": 2}, ()),
        ({"status": "active", "ended_at": None, "instalments": 9}, ()),
        ({"automatic_tax": True}, ()),
        ({}, (ODD,)),
        ({}, (a_customer(balance=-100),)),
    ],
)
def test_only_what_stripe_ended_over_money_and_what_is_certain_can_be_resumed(changes, more):
    world = a_world(*more, plan=replace(PLAN, **changes))
    assert the_plan(world).resumption is None
    assert not policy.resume(the_plan(world), SETTINGS).allowed
    with pytest.raises(NotAllowed):
        press(world)
    assert going_on(world) == []


def test_what_is_open_is_paid_first():
    world = a_world(replace(OWED, status="open", attempts=4, amount_remaining=4900, amount_paid=0, payments=()))
    assert "pay what is unpaid first" in policy.resume(the_plan(world), SETTINGS).why
    assert tried(world) == "NotAllowed"
    assert going_on(world) == []


def test_a_draft_that_only_stripe_knows_of_is_no_instalment_to_lose():
    world = a_world()
    world.gateway.put(replace(OWED, id="in_3", status="draft", payments=()))
    with pytest.raises(NotPossible):
        press(world)
    assert going_on(world) == []


def test_dates_that_nobody_was_shown_are_refused():
    plan = the_plan(a_world())
    assert plan.resumption is not None
    shown = plan.resumption.first
    assert as_agreed(plan, shown - SHOWN) is not None
    for first in (shown - SHOWN - 1, shown + 1, 0):
        assert as_agreed(plan, first) is None
        with pytest.raises(NotAllowed, match="dates have changed"):
            press(a_world(), first=first or 1)


def test_the_dates_agreed_are_the_dates_charged():
    world = a_world()
    plan = the_plan(world)
    assert plan.resumption is not None
    press(world, first=plan.resumption.first - 3600)
    assert the_plan(world).instalments[2].due == plan.resumption.first - 3600


def test_ten_tabs_at_once_make_one_plan_go_on():
    world = a_world()
    with ThreadPoolExecutor(10) as tabs:
        ended = list(tabs.map(lambda _: tried(world, Slow), range(10)))
    assert ended == ["done"] * 10
    assert len(going_on(world)) == 1
    assert [event.type for event in world.intents.events.values()] == ["plan.resumed"]


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_at_whichever_call_it_goes_on_once_in_the_end(after):
    for number in range(1, 60):
        world, death = a_world(), Death(number, after)
        try:
            press(world, death.watch)
        except Killed:
            pass
        else:
            break
        sweep(world)
        tried(world)
        sweep(world)
        assert going_on(world) == ["sub_plan_on"], number
        assert [event.type for event in world.intents.events.values()] == ["plan.resumed"], number
    assert number > 5


def test_an_attempt_that_did_nothing_leaves_the_next_one_a_key_of_its_own():
    world = a_world()
    death = Death(next(n for n in range(1, 60) if _dies_before_making(n)), False)
    with pytest.raises(Killed):
        press(world, death.watch)
    sweep(world)
    assert going_on(world) == []
    assert resume.attempt_of(world.desk(), "cus_ada", "sub_plan") == "resume-sub_plan-1"
    assert press(world) == "done"


def _dies_before_making(number: int) -> bool:
    """Killed at that call, nothing goes on, but the attempt was begun."""
    world = a_world()
    with pytest.raises(Killed):
        press(world, Death(number, False).watch)
    return not going_on(world) and bool(world.intents.kept)
