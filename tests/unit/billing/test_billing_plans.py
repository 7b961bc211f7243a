"""Plan or subscription, and the instalment table of a plan."""

import pytest
from msgspec.structs import replace

from chalicelib.billing.account import NextPayment
from chalicelib.billing.facts_price import Discount
from chalicelib.billing.plans import classify, progress
from tests.unit.billing.builders import (
    SETTINGS,
    VAT,
    a_bill,
    a_failure,
    a_payment,
    a_phase,
    a_price,
    a_refund,
    a_schedule,
    a_subscription,
    an_item,
    an_open_bill,
    bills,
    in_month,
    month,
)

ENDING_IS_PLAN = replace(SETTINGS, ending_schedules_are_plans=True)
SIX_MONTHS = a_schedule(a_phase(0, 6))


@pytest.mark.parametrize(
    ("changes", "schedule", "settings", "expected"),
    [
        ({}, None, SETTINGS, "subscription"),
        ({"mark": "plan"}, None, SETTINGS, "plan"),
        ({"mark": "subscription"}, SIX_MONTHS, ENDING_IS_PLAN, "subscription"),
        ({"mark": "plan", "first_seen_as": "subscription"}, None, SETTINGS, "plan"),
        ({}, SIX_MONTHS, SETTINGS, "subscription"),
        ({}, SIX_MONTHS, ENDING_IS_PLAN, "plan"),
        ({}, a_schedule(end_behavior="release"), ENDING_IS_PLAN, "subscription"),
        ({}, a_schedule(status="released"), ENDING_IS_PLAN, "subscription"),
        ({"first_seen_as": "subscription"}, SIX_MONTHS, ENDING_IS_PLAN, "subscription"),
        ({"first_seen_as": "plan"}, None, SETTINGS, "plan"),
        ({"cancel_at": month(6)}, None, ENDING_IS_PLAN, "subscription"),
        ({"cancel_at_period_end": True, "first_seen_as": "subscription"}, None, ENDING_IS_PLAN, "subscription"),
    ],
)
def test_the_mark_wins_then_what_it_was_first_seen_as_then_the_merchants_rule(changes, schedule, settings, expected):
    assert classify(a_subscription(**changes), schedule, settings) == expected


def words(so_far):
    return [row.word for row in so_far.instalments]


def test_three_of_six_with_the_rest_from_the_schedule():
    so_far = progress(in_month(2, mark="plan"), SIX_MONTHS, bills(3), None)
    assert words(so_far) == ["Paid", "Paid", "Paid", "Next", "Later", "Later"]
    assert [row.number for row in so_far.instalments] == [1, 2, 3, 4, 5, 6]
    assert [row.due for row in so_far.instalments] == [month(n) for n in range(6)]
    assert [row.receipt for row in so_far.instalments] == ["in_0", "in_1", "in_2", "", "", ""]
    assert (so_far.done, so_far.of, so_far.paid, so_far.left, so_far.total) == (3, 6, 3000, 3000, 6000)
    assert not so_far.never_ends
    assert not so_far.completed


def test_a_number_without_an_end_at_stripe_is_flagged():
    so_far = progress(in_month(2, mark="plan", instalments=6), None, bills(3), None)
    assert words(so_far) == ["Paid", "Paid", "Paid", "Next", "Later", "Later"]
    assert (so_far.of, so_far.left, so_far.never_ends) == (6, 3000, True)


def test_a_plan_is_never_complete_while_charging_goes_on():
    charged_on = progress(in_month(5, mark="plan", instalments=6), None, bills(6), None)
    assert (charged_on.done, charged_on.of, charged_on.left) == (6, 6, 0)
    assert charged_on.never_ends
    assert not charged_on.completed


def test_a_set_end_is_as_good_as_a_schedule():
    so_far = progress(in_month(2, mark="plan", instalments=6, cancel_at=month(6)), None, bills(3), None)
    assert (so_far.done, so_far.of, so_far.never_ends) == (3, 6, False)


def test_an_end_that_lets_too_many_charges_through_is_flagged():
    so_far = progress(in_month(2, mark="plan", instalments=6, cancel_at=month(8)), None, bills(3), None)
    assert (so_far.of, so_far.left, so_far.never_ends) == (8, 5000, True)


def test_a_plan_cut_short_still_counts_what_was_promised():
    so_far = progress(in_month(2, mark="plan", instalments=6, cancel_at_period_end=True), None, bills(3), None)
    assert (so_far.done, so_far.of, so_far.left, so_far.completed) == (3, 6, 0, False)


def test_an_unknown_number_stays_unknown():
    so_far = progress(in_month(2, mark="plan"), None, bills(3), None)
    assert (so_far.of, so_far.left, so_far.total) == (None, None, None)
    assert so_far.paid == 3000
    assert so_far.never_ends
    assert not so_far.completed


def test_all_paid_and_an_end_set_is_complete_before_the_last_period_is_over():
    so_far = progress(in_month(5, mark="plan"), SIX_MONTHS, bills(6), None)
    assert words(so_far) == ["Paid"] * 6
    assert (so_far.completed, so_far.left, so_far.total) == (True, 0, 6000)


@pytest.mark.parametrize(
    ("changes", "schedule"),
    [
        ({"instalments": 6}, None),
        ({"cancel_at": month(6)}, None),
        ({}, a_schedule(a_phase(0, 6), status="completed")),
    ],
)
def test_a_plan_that_ran_its_course_is_complete(changes, schedule):
    facts = in_month(5, mark="plan", status="canceled", ended_at=month(6), **changes)
    so_far = progress(facts, schedule, bills(6), None)
    assert (so_far.done, so_far.of, so_far.completed) == (6, 6, True)


@pytest.mark.parametrize(
    ("changes", "schedule"),
    [
        ({"instalments": 6}, None),
        ({"cancel_at": month(6)}, None),
        ({}, a_schedule(a_phase(0, 6), status="canceled")),
    ],
)
def test_a_plan_that_was_broken_off_is_not_complete(changes, schedule):
    facts = in_month(2, mark="plan", status="canceled", ended_at=month(2) + 5, **changes)
    so_far = progress(facts, schedule, bills(3), None)
    assert words(so_far) == ["Paid"] * 3
    assert (so_far.done, so_far.of, so_far.completed, so_far.never_ends) == (3, 6, False, False)


def test_the_last_instalment_is_what_stripe_will_bill():
    phases = (a_phase(0, 5, 3333), a_phase(5, 6, 3335))
    item = an_item(price=a_price(unit_amount=3333), period_start=month(2), period_end=month(3))
    facts = a_subscription(mark="plan", items=(item,))
    so_far = progress(facts, a_schedule(*phases), bills(3, total=3333), None)
    assert [row.amount for row in so_far.instalments] == [3333, 3333, 3333, 3333, 3333, 3335]
    assert so_far.total == 20000


def test_a_larger_first_payment_stays_out_of_the_later_ones():
    phases = (a_phase(0, 1, 5000), a_phase(1, 4, 1000))
    first = a_bill(id="in_0", reason="subscription_create", total=5000)
    so_far = progress(in_month(0, mark="plan"), a_schedule(*phases), [first], None)
    assert [row.amount for row in so_far.instalments] == [5000, 1000, 1000, 1000]


def test_tax_is_part_of_each_instalment():
    so_far = progress(in_month(2, mark="plan", tax_rates=(VAT,)), SIX_MONTHS, bills(3, total=1200), None)
    assert [row.amount for row in so_far.instalments] == [1200] * 6


def test_stripes_own_figure_for_the_next_one_is_used():
    facts = in_month(2, mark="plan", discounts=(Discount("Friend", percent_off=10),))
    expected = NextPayment(month(3), 900, "gbp")
    so_far = progress(facts, SIX_MONTHS, bills(3, total=900), expected)
    assert [row.amount for row in so_far.instalments] == [900] * 6
    unknown = progress(facts, SIX_MONTHS, bills(3, total=900), replace(expected, amount=None, about=True))
    assert [row.amount for row in unknown.instalments] == [900] * 6


def test_a_failed_instalment_is_still_to_be_paid():
    failed = an_open_bill(id="in_3", created=month(3))
    so_far = progress(in_month(3, mark="plan", status="past_due"), SIX_MONTHS, (failed, *bills(3)), None)
    assert words(so_far) == ["Paid", "Paid", "Paid", "Failed", "Next", "Later"]
    assert (so_far.done, so_far.of, so_far.paid, so_far.left, so_far.total) == (3, 6, 3000, 3000, 6000)


def test_a_partly_paid_instalment_counts_its_part():
    part = an_open_bill(id="in_3", created=month(3), amount_paid=400, amount_remaining=600)
    so_far = progress(in_month(3, mark="plan"), SIX_MONTHS, (part, *bills(3)), None)
    assert (so_far.paid, so_far.left, so_far.total) == (3400, 2600, 6000)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"attempts": 0, "payments": ()}, "Due now"),
        ({"attempts": 0, "payments": (), "status": "draft"}, "Due now"),
        ({"attempts": 1, "payments": (a_failure(),)}, "Failed"),
        ({"attempts": 1, "payments": (a_payment(status="processing"),)}, "Processing"),
        ({"attempts": 1, "payments": (a_payment(status="requires_action"),)}, "Confirmation needed"),
        ({"status": "uncollectible"}, "Not paid"),
        ({"collection_method": "send_invoice"}, "Due now"),
    ],
)
def test_an_open_instalment_says_how_it_stands(changes, word):
    latest = an_open_bill(id="in_3", created=month(3), **changes)
    so_far = progress(in_month(3, mark="plan"), SIX_MONTHS, (latest, *bills(3)), None)
    assert words(so_far)[3] == word
    assert (so_far.of, so_far.left) == (6, 3000)


def test_a_voided_instalment_is_forgiven():
    voided = a_bill(id="in_2", created=month(2), status="void", payments=())
    paid = (*bills(2), *(replace(b, id=f"x_{b.id}", created=month(3) + n) for n, b in enumerate(bills(3))))
    so_far = progress(in_month(5, mark="plan", instalments=6, cancel_at=month(6)), None, (voided, *paid), None)
    assert (so_far.done, so_far.of, so_far.left, so_far.completed) == (5, 5, 0, True)


def test_a_refund_lowers_what_is_paid_but_not_what_is_done():
    refunded = a_bill(id="in_0", payments=(a_payment(refunds=(a_refund(250),)),))
    so_far = progress(in_month(0, mark="plan"), SIX_MONTHS, [refunded], None)
    assert words(so_far)[0] == "Partly refunded"
    assert (so_far.done, so_far.paid, so_far.left, so_far.total) == (1, 750, 5000, 5750)


def test_an_instalment_paid_from_credit_is_paid():
    credit = a_bill(id="in_0", amount_due=0, amount_paid=0, balance_applied=1000, payments=())
    so_far = progress(in_month(0, mark="plan"), SIX_MONTHS, [credit], None)
    assert (so_far.done, so_far.paid, so_far.instalments[0].receipt) == (1, 1000, "in_0")


def test_trials_fees_and_other_items_bills_are_no_instalments():
    trial = a_bill(id="in_t", reason="subscription_create", total=0, subtotal=0, amount_paid=0, payments=())
    fee = a_bill(id="in_f", reason="manual")
    change = a_bill(id="in_u", reason="subscription_update")
    other = a_bill(id="in_o", subscription="sub_2")
    so_far = progress(in_month(0, mark="plan"), SIX_MONTHS, [trial, fee, change, other], None)
    assert (so_far.done, so_far.of) == (0, 5)


def test_a_trial_phase_charges_nothing():
    phases = (a_phase(0, 1, trial=True), a_phase(1, 4))
    so_far = progress(in_month(0, mark="plan", status="trialing"), a_schedule(*phases), [], None)
    assert [row.due for row in so_far.instalments] == [month(1), month(2), month(3)]
    waiting = a_schedule(a_phase(0, 2, trial=True), a_phase(2, 4))
    assert progress(in_month(0, mark="plan"), waiting, [], None).of == 2


def test_a_plan_without_items_is_shown_without_a_forecast():
    so_far = progress(a_subscription(mark="plan", instalments=6, items=()), None, bills(2), None)
    assert (so_far.done, so_far.of, len(so_far.instalments)) == (2, 6, 2)


@pytest.mark.parametrize(("currency", "unit"), [("jpy", 4900), ("kwd", 12345)])
def test_a_plan_in_a_currency_of_other_minor_units(currency, unit):
    item = an_item(price=a_price(currency=currency, unit_amount=unit), period_start=month(0), period_end=month(1))
    facts = a_subscription(mark="plan", currency=currency, items=(item,))
    so_far = progress(facts, a_schedule(a_phase(0, 3, unit)), bills(1, total=unit, currency=currency), None)
    assert (so_far.paid, so_far.left) == (unit, 2 * unit)
