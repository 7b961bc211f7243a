"""Billing events on their way out: each is written with the outcome it tells of, and published from here."""

from collections.abc import Callable
from typing import Protocol

from chalicelib.billing.inbox import Queue
from chalicelib.billing.intents import BillingEvent

RETRY_AFTER = 120


class Outbox(Protocol):
    """Billing events that are pending until every channel has taken them."""

    def add(self, event: BillingEvent) -> bool:
        """Keep the event to be published. False when it is known already."""

    def pending(self, event: str) -> BillingEvent | None:
        """The event if it is still to be published."""

    def done(self, event: str) -> None:
        """All channels have it."""

    def overdue(self, now: float, limit: int) -> tuple[BillingEvent, ...]:
        """Events that should have been published by now."""

    def postpone(self, event: str, due: float) -> None:
        """Look at it again at `due`."""


def publish(event_id: str, outbox: Outbox, channels: tuple[Callable[[BillingEvent], None], ...]) -> None:
    """Give the event to every channel, then mark it done. A failure leaves it pending, to be tried again."""
    event = outbox.pending(event_id)
    if event is None:
        return
    for channel in channels:
        channel(event)
    outbox.done(event_id)


def sweep(outbox: Outbox, queue: Queue, now: float, limit: int = 100) -> int:
    """Enqueue overdue events again. Returns how many."""
    found = outbox.overdue(now, limit)
    for event in found:
        outbox.postpone(event.id, now + RETRY_AFTER)
        queue.send({"kind": "outbox", "event": event.id})
    return len(found)
