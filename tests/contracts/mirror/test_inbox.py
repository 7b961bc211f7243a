"""What every inbox promises, held against the one in memory and the real one."""

import pytest

from chalicelib.billing.inbox import Inbox
from chalicelib.billing.ports import EventHint
from chalicelib.storage.inbox import DynamoInbox
from tests.builders import NOW
from tests.fakes.inbox import FakeInbox

HINT = EventHint("evt_1", "invoice.paid", "invoice", "in_1", "cus_ada", NOW)


@pytest.fixture(params=["memory", "dynamodb"])
def box(request: pytest.FixtureRequest) -> Inbox:
    if request.param == "memory":
        return FakeInbox()
    request.getfixturevalue("table")
    return DynamoInbox()


def test_a_new_event_is_claimed_and_falls_due(box: Inbox) -> None:
    assert box.claim(HINT, NOW + 120)
    assert box.overdue(NOW + 119, 10) == ()
    assert box.overdue(NOW + 120, 10) == (HINT,)


def test_a_pending_event_may_be_claimed_again(box: Inbox) -> None:
    box.claim(HINT, NOW)
    assert box.claim(HINT, NOW + 5)


def test_a_done_event_is_a_duplicate_and_never_due(box: Inbox) -> None:
    box.claim(HINT, NOW)
    box.done(HINT.id)
    assert not box.claim(HINT, NOW + 5)
    assert box.overdue(NOW + 9999, 10) == ()


def test_a_postponed_event_is_due_later(box: Inbox) -> None:
    box.claim(HINT, NOW)
    box.postpone(HINT.id, NOW + 300)
    assert box.overdue(NOW + 299, 10) == ()
    assert box.overdue(NOW + 300, 10) == (HINT,)


def test_the_last_good_round_is_remembered(box: Inbox) -> None:
    assert box.followed_until() is None
    box.follow_until(NOW)
    box.follow_until(NOW + 3600)
    assert box.followed_until() == NOW + 3600
