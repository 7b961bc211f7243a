"""What every store of intents promises, held against the one in memory and the real one."""

import pytest
from msgspec.structs import replace

from chalicelib.billing.intents import FIND_OUT_AFTER, LEASE, BillingEvent, Intent, Intents, Outcome
from chalicelib.storage.intents import DynamoIntents
from chalicelib.storage.outbox import DynamoOutbox
from tests.builders import NOW
from tests.fakes.intents import FakeIntents

CANCEL = Intent(
    "key-1", "cancel", "ada@example.com", "cus_ada", "sub_studio", NOW, {"feedback": "unused"}, {"bills": ""}
)
DONE = Outcome("done", ends=NOW + 5)
EVENT = BillingEvent("key-1-canceled", "subscription.canceling", "ada@example.com", "cus_ada", "sub_studio", NOW)


@pytest.fixture(params=["memory", "dynamodb"])
def intents(request: pytest.FixtureRequest) -> Intents:
    if request.param == "memory":
        return FakeIntents()
    request.getfixturevalue("table")
    return DynamoIntents()


def test_a_new_attempt_is_ours_to_run(intents: Intents) -> None:
    assert intents.start(CANCEL, NOW) is None
    assert intents.get("cus_ada", "key-1") == CANCEL


def test_a_second_press_finds_the_first_under_way(intents: Intents) -> None:
    intents.start(CANCEL, NOW)
    assert intents.start(CANCEL, NOW + 1) == CANCEL


def test_a_press_after_the_end_finds_the_outcome(intents: Intents) -> None:
    intents.start(CANCEL, NOW)
    intents.finish(CANCEL, DONE, None)
    standing = intents.start(CANCEL, NOW + 9999)
    assert standing is not None
    assert standing.outcome == DONE


def test_an_attempt_left_behind_may_be_taken_up_again(intents: Intents) -> None:
    intents.start(CANCEL, NOW)
    assert intents.start(CANCEL, NOW + LEASE + 1) is None


def test_a_released_attempt_may_be_started_again(intents: Intents) -> None:
    intents.start(CANCEL, NOW)
    intents.release(CANCEL)
    assert intents.overdue(NOW + 9999, 10) == ()
    assert intents.get("cus_ada", "key-1") is None
    assert intents.start(CANCEL, NOW + 1) is None


def test_another_customers_attempt_is_not_found(intents: Intents) -> None:
    intents.start(CANCEL, NOW)
    assert intents.get("cus_other", "key-1") is None


def test_only_attempts_without_an_end_fall_due(intents: Intents) -> None:
    intents.start(CANCEL, NOW)
    assert intents.overdue(NOW + FIND_OUT_AFTER - 1, 10) == ()
    assert intents.overdue(NOW + FIND_OUT_AFTER, 10) == (CANCEL,)
    intents.finish(CANCEL, DONE, None)
    assert intents.overdue(NOW + 9999, 10) == ()


def test_the_first_outcome_stands(intents: Intents) -> None:
    intents.start(CANCEL, NOW)
    intents.finish(CANCEL, DONE, None)
    intents.finish(CANCEL, Outcome("not_done"), None)
    kept = intents.get("cus_ada", "key-1")
    assert kept is not None
    assert kept.outcome == DONE


def test_the_event_waits_in_the_outbox_until_it_is_published(table: object) -> None:
    store, outbox = DynamoIntents(), DynamoOutbox()
    store.start(CANCEL, NOW)
    store.finish(CANCEL, DONE, EVENT)
    assert outbox.pending(EVENT.id) == EVENT
    assert outbox.overdue(NOW + 9999, 10) == (EVENT,)
    outbox.done(EVENT.id)
    assert outbox.pending(EVENT.id) is None
    assert outbox.overdue(NOW + 9999, 10) == ()


def test_what_two_attempts_tell_of_is_published_once_and_both_are_closed(table: object) -> None:
    store, outbox, other = DynamoIntents(), DynamoOutbox(), replace(CANCEL, id="key-2")
    for attempt in (CANCEL, other):
        store.start(attempt, NOW)
    store.finish(CANCEL, DONE, EVENT)
    outbox.done(EVENT.id)
    store.finish(other, DONE, EVENT)
    closed = store.get("cus_ada", "key-2")
    assert closed is not None
    assert closed.outcome == DONE
    assert outbox.pending(EVENT.id) is None
    assert store.overdue(NOW + 9999, 10) == ()
    assert not outbox.add(EVENT)
    assert outbox.add(replace(EVENT, id="another"))
