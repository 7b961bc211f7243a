"""The action runner says only what is so, whatever fails around it."""

from dataclasses import dataclass

import pytest

from chalicelib import clock
from chalicelib.billing.errors import NotPossible, OutcomeUnknown, StripeUnavailable
from chalicelib.billing.intents import FIND_OUT_AFTER, LEASE, BillingEvent, Intent, Outcome
from chalicelib.billing.runner import Attempt, Case, Runner
from chalicelib.errors import Busy
from tests.fakes.intents import FakeIntents, FakeQueue

DONE = Outcome("done")


@dataclass
class Store(FakeIntents):
    """Out of reach once the effect has happened, when told so."""

    busy_at_end: bool = False

    def finish(self, intent: Intent, outcome: Outcome, event: BillingEvent | None) -> None:
        if self.busy_at_end:
            raise Busy
        super().finish(intent, outcome, event)


def an_attempt(key: str = "key-1") -> Intent:
    return Intent(key, "cancel", "ada@example.com", "cus_ada", f"sub_{key}", clock.now())


def nothing(intent: Intent, outcome: Outcome) -> None:
    """No event."""


def raising(error: Exception) -> Outcome:
    raise error


def test_what_cannot_be_recorded_after_the_effect_is_unknown_and_not_undone() -> None:
    store = Store(busy_at_end=True)
    with pytest.raises(OutcomeUnknown):
        Runner(store, FakeQueue()).run(an_attempt(), lambda attempt: DONE, nothing)
    assert store.overdue(clock.now() + FIND_OUT_AFTER + 1, 10) == (store.get("cus_ada", "key-1"),)


def test_what_surely_did_not_happen_may_be_tried_again() -> None:
    store = Store()
    with pytest.raises(StripeUnavailable):
        Runner(store, FakeQueue()).run(an_attempt(), lambda attempt: raising(StripeUnavailable()), nothing)
    assert Runner(store, FakeQueue()).run(an_attempt(), lambda attempt: DONE, nothing) == DONE


def test_an_attempt_begun_before_stays_unknown_when_stripe_is_out_of_reach_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store()
    runner = Runner(store, FakeQueue())
    with pytest.raises(OutcomeUnknown):
        runner.run(an_attempt(), lambda attempt: raising(OutcomeUnknown()), nothing)
    later = clock.now() + LEASE + 1
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(OutcomeUnknown):
        runner.run(an_attempt(), lambda attempt: raising(StripeUnavailable()), nothing)
    assert len(store.overdue(later + FIND_OUT_AFTER + 1, 10)) == 1


@pytest.mark.parametrize("trouble", [StripeUnavailable(), OutcomeUnknown(), NotPossible(), Busy()])
def test_an_attempt_that_cannot_be_closed_does_not_keep_the_sweep_from_the_others(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    for key in ("key-1", "key-2", "key-3"):
        store.start(an_attempt(key), clock.now())

    def found_out(attempt: Attempt) -> Outcome:
        return raising(trouble) if attempt.intent.id == "key-2" else DONE

    later = clock.now() + FIND_OUT_AFTER + 1
    monkeypatch.setattr(clock, "now", lambda: later)
    assert Runner(store, FakeQueue()).sweep({"cancel": Case(found_out, nothing)}) == 2
    assert [intent.id for intent in store.overdue(later, 10)] == ["key-2"]
