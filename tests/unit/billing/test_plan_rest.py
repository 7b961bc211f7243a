"""What paying the rest of a plan comes to, and how the plan looks once it is paid."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import titles, view_item
from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.instalments import RestLine
from chalicelib.billing.plan_rest import rest_of
from chalicelib.billing.plans import progress
from chalicelib.billing.policy import pay_off
from tests.unit.billing.builders import (
    NOW,
    SETTINGS,
    VAT,
    a_bill,
    a_card,
    a_customer,
    a_home,
    a_payment,
    a_phase,
    a_price,
    a_refund,
    a_schedule,
    an_item,
    an_open_bill,
    bills,
    in_month,
    month,
)

SIX = a_schedule(a_phase(0, 6))
THE_REST = a_bill(id="in_rest", subscription="", pays_off="sub_1", reason="manual", total=4800, created=month(1) + 5)


def rest(percent="0", paid=2, schedule=SIX, customer=None, **changes):
    """The rest of a plan of which so many instalments are paid."""
    facts = replace(in_month(paid - 1, mark="plan"), **changes)
    so_far = progress(facts, schedule, bills(paid), None)
    return rest_of(facts, customer or a_customer(), schedule, so_far.to_come, paid + 1, Decimal(percent))


def test_the_rest_is_what_the_table_says_is_still_to_come():
    found = rest()
    assert (found.left, found.amount, found.discount, found.instalments, found.percent) == (4000, 4000, 0, 4, "")
    assert found.lines == (RestLine(3, 6, 4000),)


@pytest.mark.parametrize(
    ("percent", "amount"),
    [("0", 4000), ("5", 3800), ("2.5", 3900), ("0.01", 4000), ("0.0125", 3999), ("33.33", 2667), ("100", 0)],
)
def test_the_discount_is_rounded_half_up_in_minor_units_on_the_sum(percent, amount):
    assert rest(percent).amount == amount


def test_the_last_instalment_may_cost_something_else():
    schedule = a_schedule(a_phase(0, 5), a_phase(5, 6, amount=1004, prices=(("price_last", 1),)))
    found = rest(schedule=schedule)
    assert (found.left, found.lines) == (4004, (RestLine(3, 6, 4004),))


def vat(unit, percent="0", paid=2):
    """The rest where 20% come on top of each instalment."""
    schedule = a_schedule(a_phase(0, 6, amount=unit))
    changes = {"items": (an_item(price=a_price(unit_amount=unit), period_start=month(1), period_end=month(2)),)}
    return rest(percent, paid, schedule, **changes, tax_rates=(VAT,))


def test_tax_that_comes_out_even_is_taken_on_one_line():
    assert (vat(1000).left, vat(1000).amount, vat(1000).lines) == (4800, 4800, (RestLine(3, 6, 4000),))


def test_tax_rounded_for_each_instalment_needs_a_line_for_each_to_come_to_the_same():
    found = vat(1033)  # 206.6 of tax each: 1240 four times, but 4958 on the sum
    assert (found.left, found.amount) == (4960, 4960)
    assert found.lines == tuple(RestLine(number, number, 1033) for number in (3, 4, 5, 6))


def test_over_several_lines_the_discount_is_still_rounded_once():
    found = vat(1033, "2.5")  # 103.3 of 4132
    assert 4132 - sum(line.net for line in found.lines) == 103


def test_a_hundred_percent_leaves_nothing_whatever_the_tax():
    assert (vat(1033, "100").amount, vat(1000, "100").amount) == (0, 0)


def test_dinars_are_charged_in_tens_of_their_smallest_unit():
    price = a_price(unit_amount=1230, currency="kwd")
    schedule = a_schedule(a_phase(0, 6, amount=1230))
    item = an_item(price=price, period_start=month(1), period_end=month(2))
    assert rest("2.5", schedule=schedule, currency="kwd", items=(item,)).amount == 4800  # 123 → 120


@pytest.mark.parametrize("customer", [a_customer(balance=-500), a_customer(discounted=True), a_customer(balance=1)])
def test_what_only_stripe_can_work_out_is_not_offered(customer):
    assert rest(customer=customer) is None
    assert rest(automatic_tax=True) is None
    assert rest(pending_items=True) is None
    assert rest(items=(an_item(price=a_price(metered=True)),)) is None


def test_a_complete_plan_has_no_rest():
    assert rest(paid=6) is None


def test_a_line_names_its_instalments_and_the_product_is_found_in_it():
    line = titles.rest_line("Portrait (2026)", 3, 6, 6, "2.5")
    assert line == "Portrait (2026) (instalments 3 to 6 of 6, less 2.5%)"
    assert titles.product_in(line) == "Portrait (2026)"
    assert titles.product_in(titles.rest_line("Portrait", 6, 6, 6, "")) == "Portrait"
    assert titles.product_in("Portrait (red)") == "Portrait (red)"


# The plan once its rest is paid


def shown(facts, *more, settings=SETTINGS, schedule=SIX, **home):
    """The plan as its page shows it."""
    held = a_home(subscriptions=(facts,), schedules=(schedule,), bills=(*bills(2), *more), **home)
    plan = view_item.item(facts, held, NOW, settings)
    assert isinstance(plan, PaymentPlan)
    return plan


def test_paid_and_ended_it_is_complete_with_one_row_for_the_rest():
    plan = shown(in_month(1, mark="plan", instalments=6, status="canceled", ended_at=NOW), THE_REST)
    assert [(row.number, row.word) for row in plan.instalments] == [(1, "Paid"), (2, "Paid"), (None, "Paid off")]
    assert (plan.shown.word, plan.done, plan.of, plan.paid, plan.left, plan.total) == ("Completed", 3, 3, 6800, 0, 6800)
    assert (plan.instalments[-1].receipt, plan.rest, plan.paid_off) == ("in_rest", None, True)
    assert plan.bills[0].id == "in_rest"


def test_paid_but_still_running_at_stripe_it_is_not_called_complete_yet_and_nothing_is_offered():
    plan = shown(in_month(1, mark="plan"), THE_REST)
    assert (plan.shown.word, plan.left, plan.next_payment, plan.never_ends) == ("Active", 0, None, False)
    assert not pay_off(plan, SETTINGS).allowed


def test_a_refund_of_the_rest_lowers_what_is_paid_and_takes_no_completion_back():
    given_back = replace(THE_REST, payments=(a_payment(amount=4800, refunds=(a_refund(800),)),))
    plan = shown(in_month(1, mark="plan", status="canceled", ended_at=NOW), given_back)
    assert (plan.shown.word, plan.paid, plan.instalments[-1].word) == ("Completed", 6000, "Partly refunded")


def test_an_open_or_void_bill_over_the_rest_changes_nothing_of_the_table():
    plain = shown(in_month(1, mark="plan"))
    for status in ("open", "void", "draft"):
        plan = shown(in_month(1, mark="plan"), replace(THE_REST, status=status))
        assert (plan.instalments, plan.left, plan.of) == (plain.instalments, plain.left, plain.of)


def test_another_plans_rest_is_not_this_ones():
    assert not shown(in_month(1, mark="plan"), replace(THE_REST, pays_off="sub_2")).paid_off


# May it be paid off?


def refused(*more, settings=SETTINGS, schedule=SIX, customer=None, card=None, **facts):
    """Why not, or "" when it may."""
    home = {"cards": (card or a_card(),), "customer": customer or a_customer()}
    plan = shown(in_month(1, mark="plan", **facts), *more, settings=settings, schedule=schedule, **home)
    return pay_off(plan, settings).why


@pytest.fixture(autouse=True)
def _in_february():
    before = clock.use(lambda: float(month(1) + 86_400))
    yield
    clock.use(before)


def test_a_running_plan_with_a_card_may():
    assert refused() == ""
    assert refused(status="trialing") == ""


@pytest.mark.parametrize(
    ("why", "more", "changes"),
    [
        ("pay what is overdue first", (an_open_bill(id="in_2", created=month(1) + 5),), {"status": "past_due"}),
        ("being charged right now", (an_open_bill(id="in_2", attempts=0, payments=()),), {}),
        ("being processed", (replace(THE_REST, status="open", payments=(a_payment(status="processing"),)),), {}),
        ("can’t be paid off here", (an_open_bill(id="in_2", status="uncollectible"),), {}),
        ("can’t be paid off here", (), {"collection_paused": True}),
        ("can’t be paid off here", (), {"collection_method": "send_invoice"}),
        ("can’t be paid off here", (), {"status": "canceled", "ended_at": NOW}),
        ("can’t be paid off here", (), {"customer": a_customer(balance=-1)}),
        ("can’t be paid off here", (), {"settings": replace(SETTINGS, plan_payoff=False)}),
        ("can’t be paid off here", (), {"schedule": replace(SIX, end_behavior="release"), "instalments": 6}),
        ("choose a card", (), {"card": a_card(exp_year=2025)}),
        ("choose a card", (), {"default_card": ""}),
        ("SEPA debit •••• 4242 takes days", (), {"card": a_card(kind="sepa_debit", brand="")}),
    ],
)
def test_it_may_not_while_it_could_charge_twice_or_the_sum_is_not_certain(why, more, changes):
    assert why in refused(*more, **changes)


def test_it_may_not_within_an_hour_of_the_next_instalment():
    clock.use(lambda: float(month(2) - 3600))
    assert "being charged right now" in refused()
    clock.use(lambda: float(month(2) - 3601))
    assert refused() == ""


@pytest.mark.parametrize("percent", [-1, 100.01, 2.555, "5", True, None])
def test_a_discount_that_is_no_percentage_is_refused_when_it_is_set(percent):
    with pytest.raises(ValueError, match="plan_payoff_discount"):
        replace(SETTINGS, plan_payoff_discount=percent)
