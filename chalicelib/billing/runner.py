"""The one way anything that moves money or rights is done: intent, call, record, publish.

A crash between any two steps leaves a pending intent; `sweep` finds out what became of it and never tries anew.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import figures
from chalicelib.billing.errors import OutcomeUnknown
from chalicelib.billing.inbox import Queue
from chalicelib.billing.intents import BillingEvent, Intent, Intents, Outcome
from chalicelib.errors import Busy, PortalError

log = logging.getLogger(__name__)
PATIENCE = 9.0
PAUSE = 0.25
Answer = TypeVar("Answer")

Effect = Callable[["Attempt"], Outcome]
Publish = Callable[[Intent, Outcome], BillingEvent | None]


class Attempt(Struct):
    """An intent being carried out, counting the steps that Stripe has confirmed.

    `late`: the mirror could not be brought up to date yet, so pages do not show the effect.
    """

    intent: Intent
    confirmed: int = 0
    late: bool = False

    def step(self, name: str, call: Callable[..., Answer], *args: object) -> Answer:
        """One call that changes something at Stripe, under the key of this step; a repeated attempt repeats the key."""
        answer = call(*args, key=self.intent.step(name))
        self.confirmed += 1
        return answer


class Case(Struct, frozen=True):
    """How the sweep closes one kind of attempt: read what is true, and what to publish when it was done."""

    find_out: Effect
    publish: Publish


class Runner(Struct, frozen=True):
    """Runs attempts over the store of intents; the queue only makes publishing prompt, the sweep makes it sure."""

    intents: Intents
    queue: Queue

    def run(self, intent: Intent, effect: Effect, publish: Publish) -> Outcome:
        """Carry out one attempt once. A second press waits for the first and gets the same answer.

        Raises OutcomeUnknown when Stripe has not said, now or when this attempt was begun before (the sweep finds out),
        StripeUnavailable when nothing was done.
        """
        unfinished = self.intents.get(intent.holder, intent.id) is not None
        standing = self.intents.start(intent, clock.now())
        if standing is not None:
            return standing.outcome or self._wait(intent)
        attempt = Attempt(intent)
        try:
            outcome = effect(attempt)
        except OutcomeUnknown:
            raise
        except PortalError as error:
            if attempt.confirmed or unfinished:
                raise OutcomeUnknown from error
            self.intents.release(intent)
            raise
        try:
            return self._close(attempt, outcome, publish)
        except Busy as error:
            raise OutcomeUnknown from error

    def sweep(self, cases: Mapping[str, Case], limit: int = 50) -> int:
        """Close attempts that a crash or silence left open, by reading what is true now. Returns how many."""
        closed = 0
        for intent in self.intents.overdue(clock.now(), limit):
            try:
                self.find_out(intent, cases[intent.kind])
            except PortalError as error:
                trouble = type(error).__name__
                log.warning("still unknown", extra={"intent": intent.id, "kind": intent.kind, "trouble": trouble})
                continue
            closed += 1
        return closed

    def find_out(self, intent: Intent, case: Case) -> None:
        """Close one attempt by reading what is true now. Raises PortalError while that cannot be told."""
        attempt = Attempt(intent)
        self._close(attempt, case.find_out(attempt), case.publish)

    def _close(self, attempt: Attempt, outcome: Outcome, publish: Publish) -> Outcome:
        intent, outcome = attempt.intent, replace(outcome, late=attempt.late)
        event = publish(intent, outcome) if outcome.status != "not_done" else None
        self.intents.finish(intent, outcome, event)
        figures.count(intent, outcome)
        if event:
            try:
                self.queue.send({"kind": "outbox", "event": event.id})
            except Busy:
                log.warning("published later by the sweep", extra={"event": event.id})
        return outcome

    def _wait(self, intent: Intent) -> Outcome:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            time.sleep(PAUSE)
            standing = self.intents.get(intent.holder, intent.id)
            if standing and standing.outcome:
                return standing.outcome
        raise OutcomeUnknown
