"""When a subscription may be canceled here: the merchant's rules against what was paid, and the day it will be."""

from collections.abc import Iterator
from itertools import islice

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import home as fold
from chalicelib.billing import policy
from chalicelib.billing.paid_periods import PaidPeriods, paid_periods
from chalicelib.billing.plan_dates import billing_dates
from chalicelib.billing.view_item import item
from chalicelib.settings.cancelling import CancelRule
from chalicelib.settings.merchant import Settings
from tests.unit.billing.builders import (
    NOW,
    SETTINGS,
    START,
    a_bill,
    a_home,
    a_phase,
    a_price,
    a_schedule,
    a_subscription,
    an_item,
    an_open_bill,
    in_month,
    month,
)

DAY = 86_400
SUPPORT = SETTINGS.company.support_email


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    before = clock.use(lambda: float(NOW))
    yield
    clock.use(before)


def settings(*rules: CancelRule, self_cancel: bool = True, **changes: str) -> Settings:
    return replace(SETTINGS, cancel_rules=rules, self_cancel=self_cancel, **changes)  # type: ignore[arg-type]


def monthly(count: int, first: int = 0, **changes: object):  # type: ignore[no-untyped-def]
    """Renewals of `count` months, paid."""
    made = [
        a_bill(id=f"in_{n:03}", created=month(n) + 60, reason="subscription_cycle", **changes)
        for n in range(first, count)
    ]
    return tuple(replace(bill, reason="subscription_create") if n == 0 else bill for n, bill in enumerate(made))


def judged(facts, bills, rules, schedules=()):  # type: ignore[no-untyped-def]
    home = a_home(subscriptions=(facts,), bills=tuple(bills), schedules=tuple(schedules))
    return policy.cancel(item(facts, home, NOW, rules), rules)


SIX = settings(CancelRule("price_pro", after_periods=6))


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (settings(), True),
        (settings(self_cancel=False), False),
        (settings(CancelRule("price_pro"), self_cancel=False), True),
        (settings(CancelRule("price_pro", on_request=True)), False),
        (settings(CancelRule("prod_pro"), self_cancel=False), True),
        (settings(CancelRule("prod_pro", on_request=True)), False),
        (settings(CancelRule("prod_pro", on_request=True), CancelRule("price_pro")), True),
        (settings(CancelRule("price_other", on_request=True)), True),
        (settings(CancelRule("price_pro", not_before="2026-01-21")), True),
        (settings(CancelRule("price_pro", not_before="2026-01-22")), False),
    ],
)
def test_a_prices_rule_goes_before_its_products_and_both_before_the_switch(rules: Settings, allowed: bool) -> None:
    facts = a_subscription(items=(an_item(price=a_price(product="prod_pro")),))
    assert judged(facts, monthly(1), rules).allowed is allowed


def test_of_several_lines_the_strictest_rule_counts() -> None:
    lines = (an_item(), an_item(id="si_2", price=a_price(id="price_extra")))
    facts = a_subscription(items=lines)
    late = CancelRule("price_extra", not_before="2027-01-31")
    assert "from 1 June 2026" in judged(facts, monthly(1), SIX).why
    assert "from 31 January 2027" in judged(facts, monthly(1), settings(*SIX.cancel_rules, late)).why
    never = CancelRule("price_extra", on_request=True)
    assert "can’t be canceled here" in judged(facts, monthly(1), settings(*SIX.cancel_rules, never)).why


def test_the_day_is_the_merchants() -> None:
    rule = CancelRule("price_pro", not_before="2026-01-21")
    in_kiritimati = settings(rule, time_zone="Pacific/Kiritimati")
    in_honolulu = settings(rule, time_zone="Pacific/Honolulu")
    assert judged(a_subscription(), monthly(1), in_kiritimati).allowed
    assert "from January 21, 2026" in judged(a_subscription(), monthly(1), replace(in_honolulu, locale="en-US")).why


@pytest.mark.parametrize("paid", [1, 2, 5])
def test_it_says_from_which_billing_day_on_and_whom_to_write_to(paid: int) -> None:
    why = judged(in_month(paid - 1), monthly(paid), SIX).why
    assert why == f"This subscription can be canceled here from 1 June 2026. Until then, please write to {SUPPORT}."


@pytest.mark.parametrize("paid", [6, 7, 30])
def test_after_the_last_of_the_agreed_payments_it_can_be_canceled(paid: int) -> None:
    assert judged(in_month(paid - 1), monthly(paid), SIX).allowed


def test_what_is_billed_and_unpaid_brings_no_later_date_but_must_be_paid() -> None:
    owed = an_open_bill(created=month(5), reason="subscription_cycle")
    assert "once what is open is paid" in judged(in_month(5, status="past_due"), (*monthly(5), owed), SIX).why
    earlier = an_open_bill(created=month(2), reason="subscription_cycle")
    assert "from 1 June 2026" in judged(in_month(2, status="past_due"), (*monthly(2), earlier), SIX).why


@pytest.mark.parametrize(
    "facts",
    [
        a_subscription(status="trialing", trial_end=month(1)),
        a_subscription(status="incomplete"),
        a_subscription(status="paused"),
        a_subscription(status="past_due", trial_end=START + DAY),
    ],
    ids=lambda facts: facts.status,
)
def test_a_commitment_binds_from_the_first_payment_on(facts) -> None:  # type: ignore[no-untyped-def]
    for rule in (CancelRule("price_pro", after_periods=6), CancelRule("price_pro", not_before="2030-01-01")):
        assert judged(facts, (), settings(rule)).allowed
    assert not judged(facts, (), settings(CancelRule("price_pro", on_request=True))).allowed


def test_a_free_month_given_later_is_no_way_out() -> None:
    facts = in_month(2, status="trialing", trial_end=month(3))
    assert "from 1 July 2026" in judged(facts, monthly(2), SIX).why


def test_what_is_bought_on_account_is_bound_before_it_is_paid() -> None:
    owed = an_open_bill(created=START, reason="subscription_create", collection_method="send_invoice")
    facts = a_subscription(status="past_due", collection_method="send_invoice")
    assert not judged(facts, (owed,), SIX).allowed


def test_while_nothing_is_charged_no_day_is_promised() -> None:
    assert "after 4 more payments" in judged(in_month(1, collection_paused=True), monthly(2), SIX).why
    assert "after one more payment" in judged(in_month(4, status="unpaid"), monthly(5), SIX).why


def test_a_fixed_term_that_ends_before_says_when_it_ends() -> None:
    why = judged(in_month(0), monthly(1), SIX, [a_schedule(a_phase(0, 3))]).why
    assert "ends by itself on 1 April 2026. To cancel it before, please write to" in why
    assert "from 1 June 2026" in judged(in_month(0), monthly(1), SIX, [a_schedule(a_phase(0, 12))]).why


# What counts as a paid period.


def count(facts, bills) -> PaidPeriods:  # type: ignore[no-untyped-def]
    """As a HOME that forgets old bills knows it."""
    home = a_home(subscriptions=(facts,))
    for bill in bills:
        home = fold.with_fact(home, bill)
    return paid_periods(facts, home.bills)


@pytest.mark.parametrize("months", [1, 9, 10, 11, 12, 25, 60])
def test_long_subscriptions_are_counted_though_old_bills_are_forgotten(months: int) -> None:
    assert count(in_month(months - 1), monthly(months)) == PaidPeriods(months, 0)


@pytest.mark.parametrize("months", [5, 15, 40])
def test_a_trials_zero_bill_is_none(months: int) -> None:
    bills = list(monthly(months))
    bills[0] = replace(bills[0], total=0, subtotal=0, amount_due=0)
    assert count(in_month(months - 1, trial_end=month(1)), bills) == PaidPeriods(months - 1, 0)


@pytest.mark.parametrize("months", [5, 15, 40])
def test_an_extra_bill_for_a_change_is_none(months: int) -> None:
    extras = [a_bill(id=f"in_x{n}", created=month(n) + 9 * DAY, reason="subscription_update") for n in range(months)]
    assert count(in_month(months - 1), (*monthly(months), *extras)) == PaidPeriods(months, 0)


@pytest.mark.parametrize("months", [5, 15, 40])
def test_an_old_unpaid_period_is_not_counted_as_paid(months: int) -> None:
    bills = list(monthly(months))
    bills[2] = replace(bills[2], status="open", amount_remaining=1000)
    assert count(in_month(months - 1), bills) == PaidPeriods(months - 1, 1)


def test_a_trial_that_was_cut_short_begins_with_a_paid_period() -> None:
    begun = START + 5 * DAY
    bill = a_bill(created=begun, reason="subscription_update")
    assert count(a_subscription(anchor=begun, trial_end=begun), (bill,)) == PaidPeriods(1, 0)


def test_waived_periods_and_charges_besides_are_none_and_a_refund_takes_nothing_away() -> None:
    bills = list(monthly(4))
    bills[1] = replace(bills[1], status="void")
    charge = a_bill(id="ch_1", kind="charge", subscription="", reason="")
    assert count(in_month(3), (*bills, charge)) == PaidPeriods(3, 0)


@pytest.mark.parametrize(("interval", "times"), [("day", 40), ("week", 30), ("year", 14), ("month", 31)])
def test_every_interval_is_counted(interval: str, times: int) -> None:
    dates = list(islice(billing_dates(START, START, interval, 1), times + 1))
    line = an_item(price=a_price(interval=interval), period_start=dates[-2], period_end=dates[-1])
    bills = [a_bill(id=f"in_{n:03}", created=when) for n, when in enumerate(dates[:-1])]
    bills[0] = replace(bills[0], reason="subscription_create")
    assert count(a_subscription(items=(line,)), bills) == PaidPeriods(times, 0)
