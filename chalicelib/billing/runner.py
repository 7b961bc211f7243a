"""The one way anything that moves money or rights is done: intent, call, record, publish.

A crash between any two steps leaves a pending intent; `sweep` finds out what became of it and never tries anew.
"""

import logging
import time
from collections.abc import Callable

from chalicelib import clock
from chalicelib.billing.errors import OutcomeUnknown, StripeUnavailable
from chalicelib.billing.intents import BillingEvent, Intent, Intents, Outcome
from chalicelib.errors import PortalError

log = logging.getLogger(__name__)
PATIENCE = 9.0
PAUSE = 0.25

Effect = Callable[[Intent], Outcome]
Publish = Callable[[Intent, Outcome], BillingEvent | None]


def run(intent: Intent, effect: Effect, publish: Publish, intents: Intents) -> Outcome:
    """Carry out one attempt once. A second press waits for the first and gets the same answer.

    Raises OutcomeUnknown when Stripe has not said (the sweep finds out), StripeUnavailable when nothing was done.
    """
    standing = intents.start(intent, clock.now())
    if standing is not None:
        return standing.outcome or _wait(intent, intents)
    try:
        outcome = effect(intent)
    except OutcomeUnknown:
        raise
    except PortalError:
        intents.release(intent)
        raise
    intents.finish(intent, outcome, publish(intent, outcome))
    return outcome


def sweep(intents: Intents, find_out: Callable[[Intent], Outcome], publish: Publish, limit: int = 50) -> int:
    """Close attempts a crash or silence left open, by reading what is true now. Returns how many were closed."""
    closed = 0
    for intent in intents.overdue(clock.now(), limit):
        try:
            outcome = find_out(intent)
        except (StripeUnavailable, OutcomeUnknown):
            log.warning("still unknown", extra={"intent": intent.id, "kind": intent.kind})
            continue
        intents.finish(intent, outcome, publish(intent, outcome) if outcome.status == "done" else None)
        closed += 1
    return closed


def _wait(intent: Intent, intents: Intents) -> Outcome:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        time.sleep(PAUSE)
        standing = intents.get(intent.holder, intent.id)
        if standing and standing.outcome:
            return standing.outcome
    raise OutcomeUnknown
