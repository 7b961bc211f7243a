"""Repair after any loss: events Stripe remembers and we never finished, and holders whose lists differ."""

import logging
import time

from chalicelib import metrics
from chalicelib.billing import guests, inbox
from chalicelib.billing.errors import StillMoving
from chalicelib.billing.inbox import Inbox, Queue
from chalicelib.billing.ports import Gateway, Mirror
from chalicelib.billing.sync import KIND_OF_OBJECT, Sync

log = logging.getLogger(__name__)
OVERLAP = 2 * 3600
# https://docs.stripe.com/api/events/list goes no further back.
FARTHEST = 30 * 86400
# Holders compared in one round, and when no further one is begun: each takes some six lists and a call per difference.
SAMPLE, SECONDS = 25, 60


def by_events(gateway: Gateway, box: Inbox, queue: Queue, now: float) -> int:
    """Pass every event since shortly before the last good round through the door again.

    Events that are done stop there. Returns how many were enqueued. A gap longer than Stripe's memory is logged;
    holders are compared by lists when they sign in. https://docs.stripe.com/webhooks/process-undelivered-events
    """
    known = box.followed_until() or now
    if now - known > FARTHEST:
        log.error("events are missing", extra={"days": round((now - known - FARTHEST) / 86400, 1)})
    found = since(gateway, box, queue, now, known - OVERLAP)
    box.follow_until(now)
    return found


def since(gateway: Gateway, box: Inbox, queue: Queue, now: float, start: float) -> int:
    """Pass every event since a moment, at most 30 days ago, through the door. Returns how many were enqueued."""
    hints = [hint for hint in gateway.events_since(int(max(start, now - FARTHEST))) if hint.object in KIND_OF_OBJECT]
    return sum(inbox.receive(hint, box, queue, now) for hint in hints)


def by_sample(sync: Sync, mirror: Mirror, now: float) -> tuple[int, int]:
    """Compare the holders that were not for the longest time. Returns how many, and how many objects had drifted."""
    began, compared, drifted = time.monotonic(), 0, 0
    for holder in mirror.to_compare(now, SAMPLE):
        if time.monotonic() - began > SECONDS:
            break
        try:
            drifted += len(_compare(sync, mirror, holder))
            compared += 1
        except StillMoving:
            log.warning("a holder is compared later", extra={"holder": guests.in_logs(holder)})
    return compared, drifted


def by_lists(sync: Sync, holder: str) -> tuple[str, ...]:
    """Compare everything Stripe lists of a holder with the mirror and repair it. Returns the ids that had drifted."""
    drifted = sync.repair(holder)
    if drifted:
        metrics.count("drift", len(drifted))
        log.warning("drift", extra={"holder": guests.in_logs(holder), "objects": len(drifted)})
    return drifted


def _compare(sync: Sync, mirror: Mirror, holder: str) -> tuple[str, ...]:
    """What was never read whole is filled, which is no drift."""
    home = mirror.home(holder, fresh=True)
    if home and home.compared_at:
        return by_lists(sync, holder)
    sync.fill(holder)
    return ()
