"""Who may do what with an item of their own."""

import pytest
from msgspec.structs import replace

from chalicelib.billing import policy
from chalicelib.billing.view_item import item
from tests.unit.billing.builders import (
    NOW,
    SETTINGS,
    a_home,
    a_phase,
    a_schedule,
    a_subscription,
    an_open_bill,
    bills,
    in_month,
    month,
)

NO_SELF_CANCEL = replace(SETTINGS, self_cancel=False)
SUPPORT = SETTINGS.company.support_email


def shown(facts, bills=(), schedules=()):
    home = a_home(subscriptions=(facts,), bills=tuple(bills), schedules=tuple(schedules))
    return item(facts, home, NOW, SETTINGS)


RUNNING = shown(a_subscription())
PAST_DUE = shown(a_subscription(status="past_due"), [an_open_bill()])
INVOICED = shown(
    a_subscription(collection_method="send_invoice"), [an_open_bill(collection_method="send_invoice", attempts=0)]
)
CANCELED = shown(a_subscription(status="canceled", ended_at=month(1)))
CANCELED_OWING = shown(a_subscription(status="canceled", ended_at=month(1)), [an_open_bill()])
CANCELING = shown(a_subscription(cancel_at_period_end=True, portal_cancel="att_1"))
CANCELED_ELSEWHERE = shown(a_subscription(cancel_at_period_end=True))
FIXED_TERM = shown(in_month(0), schedules=[a_schedule(a_phase(0, 12))])
FIXED_TERM_CANCELED = shown(in_month(0), schedules=[a_schedule(a_phase(0, 1), portal_cancel="att_1")])
ENDS_LATER = shown(a_subscription(cancel_at=month(5)))
INCOMPLETE = shown(a_subscription(status="incomplete"), [an_open_bill(reason="subscription_create")])
PLAN = shown(in_month(2, mark="plan"), bills(3), [a_schedule()])
PLAN_PAST_DUE = shown(in_month(0, mark="plan", status="past_due"), [an_open_bill()], [a_schedule()])
COMPLETED = shown(in_month(5, mark="plan"), bills(6), [a_schedule()])
UNKNOWN = shown(a_subscription(status="brand_new"))

EVERY_ITEM = [
    RUNNING,
    PAST_DUE,
    INVOICED,
    CANCELED,
    CANCELED_OWING,
    CANCELING,
    CANCELED_ELSEWHERE,
    FIXED_TERM,
    FIXED_TERM_CANCELED,
    ENDS_LATER,
    INCOMPLETE,
    PLAN,
    PLAN_PAST_DUE,
    COMPLETED,
    UNKNOWN,
]


@pytest.mark.parametrize("subject", EVERY_ITEM, ids=lambda i: i.shown.word)
def test_seeing_an_item_and_its_receipts_is_never_withheld(subject):
    assert policy.view(subject, NO_SELF_CANCEL).allowed
    assert policy.receipt(subject, NO_SELF_CANCEL).allowed


@pytest.mark.parametrize("subject", [RUNNING, PAST_DUE, INCOMPLETE, FIXED_TERM, ENDS_LATER, UNKNOWN])
def test_a_running_subscription_may_be_canceled(subject):
    assert policy.cancel(subject, SETTINGS).allowed


@pytest.mark.parametrize("settings", [SETTINGS, NO_SELF_CANCEL])
@pytest.mark.parametrize("subject", [PLAN, PLAN_PAST_DUE, COMPLETED])
def test_a_payment_plan_is_never_canceled_and_says_whom_to_ask(subject, settings):
    decision = policy.cancel(subject, settings)
    assert not decision.allowed
    assert SUPPORT in decision.why


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        (CANCELED, "already ended"),
        (CANCELED_OWING, "already ended"),
        (CANCELING, "already canceled"),
        (CANCELED_ELSEWHERE, "already canceled"),
        (FIXED_TERM_CANCELED, "already canceled"),
    ],
)
def test_what_is_canceled_or_over_is_not_canceled_again(subject, why):
    decision = policy.cancel(subject, SETTINGS)
    assert not decision.allowed
    assert why in decision.why


def test_the_merchants_switch_forbids_cancelling_and_says_whom_to_ask():
    decision = policy.cancel(RUNNING, NO_SELF_CANCEL)
    assert not decision.allowed
    assert SUPPORT in decision.why


def test_a_cancellation_made_here_can_be_taken_back_even_when_self_cancel_is_off():
    assert policy.undo(CANCELING, NO_SELF_CANCEL).allowed
    assert policy.undo(FIXED_TERM_CANCELED, SETTINGS).allowed


@pytest.mark.parametrize("subject", [RUNNING, CANCELED, CANCELED_ELSEWHERE, FIXED_TERM, ENDS_LATER, PLAN, COMPLETED])
def test_nothing_else_can_be_taken_back(subject):
    decision = policy.undo(subject, SETTINGS)
    assert not decision.allowed
    assert decision.why


@pytest.mark.parametrize(
    "subject", [RUNNING, PAST_DUE, CANCELING, FIXED_TERM, INCOMPLETE, PLAN, PLAN_PAST_DUE, UNKNOWN, CANCELED_OWING]
)
def test_the_card_of_what_runs_or_still_owes_may_be_changed(subject):
    assert policy.change_card(subject, NO_SELF_CANCEL).allowed


@pytest.mark.parametrize("subject", [INVOICED, CANCELED, COMPLETED])
def test_there_is_no_card_to_change_on_what_ended_or_is_invoiced(subject):
    decision = policy.change_card(subject, SETTINGS)
    assert not decision.allowed
    assert decision.why


@pytest.mark.parametrize("subject", [PAST_DUE, CANCELED_OWING, INCOMPLETE, PLAN_PAST_DUE])
def test_what_is_owed_may_be_paid_even_after_the_end(subject):
    assert policy.pay(subject, NO_SELF_CANCEL).allowed


@pytest.mark.parametrize("subject", [RUNNING, INVOICED, CANCELED, CANCELING, PLAN, COMPLETED])
def test_nothing_is_charged_to_a_card_when_nothing_is_owed_or_it_is_invoiced(subject):
    decision = policy.pay(subject, SETTINGS)
    assert not decision.allowed
    assert decision.why
