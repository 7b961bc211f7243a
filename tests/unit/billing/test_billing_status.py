"""The status table of subscriptions and plans, and when an item ends."""

import pytest

from chalicelib.billing import status
from chalicelib.billing.account import Status
from tests.unit.billing.builders import a_phase, a_schedule, a_subscription, an_item, in_month, month


@pytest.mark.parametrize(
    ("changes", "word", "tone"),
    [
        ({"status": "canceled"}, "Canceled", "quiet"),
        ({"status": "incomplete_expired"}, "Canceled", "quiet"),
        ({"status": "unpaid"}, "Unpaid", "bad"),
        ({"status": "incomplete"}, "Payment needed", "bad"),
        ({"status": "past_due"}, "Past due", "bad"),
        ({"status": "paused"}, "Paused", "warn"),
        ({"collection_paused": True}, "Paused", "warn"),
        ({"status": "trialing"}, "Trialing", "ok"),
        ({"status": "active"}, "Active", "ok"),
        ({"status": "hibernating_deeply"}, "Hibernating deeply", "quiet"),
        ({"status": ""}, "Unknown", "quiet"),
    ],
)
def test_each_stripe_status_has_its_word(changes, word, tone):
    shown = status.shown(a_subscription(**changes))
    assert (shown.word, shown.tone) == (word, tone)


def test_only_an_unknown_status_is_none_of_ours():
    assert status.shown(a_subscription(status="hibernating")).status is None
    assert status.shown(a_subscription(status="past_due")).status is Status.PAST_DUE


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"status": "canceled", "collection_paused": True}, "Canceled"),
        ({"status": "unpaid", "collection_paused": True}, "Unpaid"),
        ({"status": "past_due", "collection_paused": True}, "Past due"),
        ({"status": "trialing", "collection_paused": True}, "Paused"),
    ],
)
def test_the_first_match_of_the_table_wins(changes, word):
    assert status.shown(a_subscription(**changes), canceling=True).word == word


@pytest.mark.parametrize("running", ["active", "trialing"])
def test_canceling_comes_before_trialing_and_active(running):
    assert status.shown(a_subscription(status=running), canceling=True).word == "Canceling"


@pytest.mark.parametrize("any_status", ["active", "past_due", "canceled", "brand_new"])
def test_a_completed_plan_is_completed_whatever_stripe_says(any_status):
    assert status.shown(a_subscription(status=any_status), completed=True).word == "Completed"


def test_every_status_has_a_tone():
    assert set(status.TONES) == set(Status)


def test_an_end_that_was_set_makes_a_subscription_canceling():
    assert status.is_canceling(a_subscription(cancel_at_period_end=True), None, plan=False)
    assert status.is_canceling(a_subscription(cancel_at=month(4)), None, plan=False)
    assert not status.is_canceling(a_subscription(), None, plan=False)


def test_a_plan_or_an_ended_item_is_never_canceling():
    assert not status.is_canceling(a_subscription(cancel_at=month(4)), None, plan=True)
    assert not status.is_canceling(a_subscription(status="canceled", cancel_at=month(1)), None, plan=False)


def test_a_fixed_term_is_not_canceling_while_its_schedule_renews_it():
    schedule = a_schedule(a_phase(0, 12))
    assert not status.is_canceling(in_month(0), schedule, plan=False)
    assert not status.is_canceling(in_month(0, cancel_at=month(12)), schedule, plan=False)
    assert status.is_canceling(in_month(11), schedule, plan=False)


def test_a_fixed_term_canceled_here_is_canceling():
    shortened = a_schedule(a_phase(0, 1), portal_cancel="att_1")
    assert status.is_canceling(in_month(0), shortened, plan=False)
    still_long = a_schedule(a_phase(0, 12), portal_cancel="att_1")
    assert status.is_canceling(in_month(0), still_long, plan=False)


@pytest.mark.parametrize(
    ("facts", "schedule", "end"),
    [
        (a_subscription(), None, None),
        (a_subscription(cancel_at=month(3)), None, month(3)),
        (a_subscription(cancel_at_period_end=True), None, month(1)),
        (a_subscription(), a_schedule(a_phase(0, 2), a_phase(2, 6)), month(6)),
        (a_subscription(), a_schedule(a_phase(0, 6), end_behavior="release"), None),
        (a_subscription(items=(), cancel_at_period_end=True), None, None),
    ],
)
def test_the_end_is_stripes_date_the_periods_or_the_schedules(facts, schedule, end):
    assert status.ends_at(facts, schedule) == end


def test_the_first_item_to_renew_sets_the_date():
    later = an_item(id="si_2", period_end=month(3))
    assert status.period_end(a_subscription(items=(later, an_item()))) == month(1)


def test_only_a_running_schedule_drives_its_own_subscription():
    facts = a_subscription()
    running, over, foreign = a_schedule(), a_schedule(status="released"), a_schedule(subscription="sub_2")
    assert status.schedule_of(facts, (over, foreign, running)) is running
    assert status.schedule_of(facts, (over, foreign)) is None
    done = a_schedule(status="completed")
    assert status.schedule_of(a_subscription(status="canceled"), (foreign, done)) is done
