"""A plan after its last failed try: what is still owed, what is to come, and that drafts are paid once."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import pay, pay_found, view_item
from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.instalments import Stopped
from chalicelib.billing.runner import Case
from chalicelib.errors import NotAllowed, PortalError
from tests import builders as at_stripe
from tests.crashing import Death, Killed
from tests.unit.billing.builders import (
    NOW,
    SETTINGS,
    a_customer,
    a_home,
    a_phase,
    a_schedule,
    an_item,
    an_open_bill,
    bills,
    in_month,
    month,
)
from tests.world import World

SIX = a_schedule(a_phase(0, 6))
OPEN = an_open_bill(id="in_open", created=month(2))
DRAFT = replace(OPEN, id="in_draft", status="draft", created=month(3), payments=(), attempts=0)


def plan(status, *owed, of=6, schedule=SIX, period=2, **changes) -> PaymentPlan:
    """A plan of which two instalments are paid."""
    facts = in_month(period, mark="plan", instalments=of, status=status, **changes)
    home = a_home(subscriptions=(facts,), schedules=(schedule,), bills=(*owed, *bills(2)))
    found = view_item.item(facts, home, NOW, SETTINGS)
    assert isinstance(found, PaymentPlan)
    return found


def test_a_past_due_plan_owes_what_is_open_and_shows_the_rest_of_its_schedule():
    found = plan("past_due", OPEN)
    assert (found.stopped, found.overdue.amount) == (Stopped("past_due"), 1000)
    assert [(row.number, row.due, row.amount) for row in found.to_come] == [
        (number + 1, month(number), 1000) for number in (3, 4, 5)
    ]


def test_while_stripe_tries_again_by_itself_it_does_not_stand_still():
    assert plan("past_due", replace(OPEN, auto_advance=True, next_attempt=NOW + 5)).stopped is None


def test_an_unpaid_plan_owes_its_drafts_too_oldest_first():
    found = plan("unpaid", DRAFT, OPEN, period=3)
    assert [bill.id for bill in found.overdue.bills] == ["in_open", "in_draft"]
    assert (found.overdue.amount, found.left, len(found.to_come)) == (2000, 4000, 2)


@pytest.mark.parametrize(
    ("status", "changes"),
    [("active", {}), ("past_due", {}), ("unpaid", {"collection_paused": True}), ("canceled", {"ended_at": month(3)})],
)
def test_drafts_are_owed_only_where_nobody_holds_them_on_purpose(status, changes):
    owed = plan(status, DRAFT, OPEN, period=3, **changes).overdue
    assert [bill.id for bill in owed.bills] == ["in_open"]


def test_a_draft_that_stripe_collects_by_itself_is_not_owed():
    assert [b.id for b in plan("unpaid", replace(DRAFT, auto_advance=True), OPEN).overdue.bills] == ["in_open"]


def test_drafts_of_an_unpaid_plan_that_ran_its_course_stay_payable():
    owed = plan("canceled", DRAFT, OPEN, ended_at=month(6), cancel_at=month(6)).overdue
    assert [bill.id for bill in owed.bills] == ["in_open", "in_draft"]


def test_a_subscriptions_drafts_are_never_the_customers_to_pay():
    facts = in_month(3, status="unpaid")
    found = view_item.item(facts, a_home(subscriptions=(facts,), bills=(DRAFT, OPEN)), NOW, SETTINGS)
    assert [bill.id for bill in found.overdue.bills] == ["in_open"]


def test_ended_it_says_why_and_how_much_was_never_billed():
    assert plan("canceled", OPEN, ended_at=NOW, ended_because="payment_failed").stopped == Stopped("failed", 3, 3000)
    by_somebody = plan("canceled", ended_at=NOW, ended_because="cancellation_requested")
    assert by_somebody.stopped == Stopped("canceled", 4, 4000)


def test_what_was_never_billed_has_no_sum_where_that_is_not_certain():
    odd = a_schedule(a_phase(0, 5), a_phase(5, 6, amount=999))
    assert plan("canceled", OPEN, schedule=odd, ended_at=NOW, ended_because="payment_failed").stopped == Stopped(
        "failed", 3, None
    )


def test_yen_and_the_last_day_of_the_month_come_out_right():
    price = replace(an_item().price, currency="jpy", unit_amount=333)
    when = [1_769_817_600, 1_772_236_800, 1_774_915_200, 1_777_507_200]  # 31 January, 28 February, 31 March, 30 April
    item = an_item(price=price, period_start=when[0], period_end=when[1])
    facts = replace(
        in_month(0, mark="plan", instalments=4, status="past_due"), items=(item,), currency="jpy", anchor=when[0]
    )
    schedule = a_schedule(replace(a_phase(0, 1, amount=333), start=when[0], end=when[3] + 86_400))
    owed = replace(OPEN, currency="jpy", total=333, amount_remaining=333, created=when[0])
    home = a_home(customer=a_customer(), subscriptions=(facts,), schedules=(schedule,), bills=(owed,))
    found = view_item.item(facts, home, when[0] + 60, SETTINGS)
    assert [(row.due, row.amount) for row in found.to_come] == [(due, 333) for due in when[1:]]


@pytest.fixture
def world() -> Iterator[World]:
    """Ada's plan, unpaid at Stripe: one bill open, one left as a draft."""
    before = clock.use(lambda: float(at_stripe.NOW))
    unpaid = at_stripe.a_subscription("sub_plan", mark="plan", instalments=6, status="unpaid")
    owed = {"subscription": "sub_plan", "reason": "subscription_cycle", "payments": (), "amount_paid": 0}
    open_ = at_stripe.a_bill("in_2", status="open", attempts=4, amount_remaining=4900, **owed)
    draft = at_stripe.a_bill("in_3", status="draft", amount_remaining=4900, **owed)
    yield World().having(at_stripe.a_customer(), at_stripe.a_card(), unpaid, open_, draft)
    clock.use(before)


def paid(world: World) -> list[tuple[str, ...]]:
    return [effect[:2] for effect in world.effects("pay", "finalize")]


def test_open_bills_and_drafts_are_paid_in_one_round(world):
    assert pay.pay(world.desk(), world.account(), "sub_plan", "key-1", 9800).status == "done"
    assert paid(world) == [("pay", "in_2"), ("finalize", "in_3"), ("pay", "in_3")]


def test_not_a_cent_but_the_sum_that_was_shown_is_charged(world):
    with pytest.raises(NotAllowed):
        pay.pay(world.desk(), world.account(), "sub_plan", "key-1", 4900)
    assert paid(world) == []


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_at_whichever_call_each_bill_is_paid_once_in_the_end(world, after):
    for number in range(1, 60):
        fresh = World().having(*world.gateway.now.values())
        death = Death(number, after)
        clock.use(lambda: float(at_stripe.NOW))
        try:
            pay.pay(fresh.desk(death.watch), fresh.account(), "sub_plan", "key-1", 9800)
        except Killed:
            pass
        else:
            break
        clock.use(lambda: at_stripe.NOW + 600.0)
        desk = fresh.desk()
        desk.runner.sweep({"pay": Case(partial(pay_found.find_out_pay, desk), pay.paid_event)})
        with suppress(PortalError):
            pay.pay(desk, fresh.account(), "sub_plan", "key-2")
        assert sorted(paid(fresh)) == [("finalize", "in_3"), ("pay", "in_2"), ("pay", "in_3")], number
    assert number > 8
