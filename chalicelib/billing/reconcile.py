"""Repair after any loss: events Stripe remembers and we never finished, and holders whose lists differ."""

import logging

from chalicelib.billing import inbox
from chalicelib.billing.inbox import Inbox, Queue
from chalicelib.billing.ports import Gateway
from chalicelib.billing.sync import KIND_OF_OBJECT, Sync

log = logging.getLogger(__name__)
OVERLAP = 2 * 3600


def by_events(gateway: Gateway, box: Inbox, queue: Queue, now: float, since: float | None = None) -> int:
    """Pass every event of the last two hours (or since a moment, at most 30 days back) through the door again.

    Events that are done stop there. Returns how many were enqueued. https://docs.stripe.com/webhooks/process-undelivered-events
    """
    start = int(since if since is not None else now - OVERLAP)
    hints = [hint for hint in gateway.events_since(start) if hint.object in KIND_OF_OBJECT]
    return sum(inbox.receive(hint, box, queue, now) for hint in hints)


def by_lists(sync: Sync, holder: str) -> tuple[str, ...]:
    """Compare everything Stripe lists of a holder with the mirror and repair it. Returns the ids that had drifted."""
    drifted = sync.repair(holder)
    if drifted:
        log.warning("drift", extra={"holder": holder, "objects": len(drifted)})
    return drifted
