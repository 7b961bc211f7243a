"""Stripe's events: remembered at the door as pending, followed by the worker, found again by the sweep."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from chalicelib.billing.ports import EventHint
from chalicelib.errors import BadRequest

WORD = re.compile(r"[A-Za-z0-9_.:\-]{1,255}")
FAR_AWAY = 10**12
RETRY_AFTER = 120
KEEP_DAYS = 35


class Inbox(Protocol):
    """Events seen, each pending with a due time or done."""

    def claim(self, hint: EventHint, due: float) -> bool:
        """Remember the event as pending. False when it is known and done; a pending one is True again."""

    def done(self, event: str) -> None:
        """The mirror holds what the event told."""

    def overdue(self, now: float, limit: int) -> tuple[EventHint, ...]:
        """Pending events whose due time has passed."""

    def postpone(self, event: str, due: float) -> None:
        """Look at it again at `due`."""

    def followed_until(self) -> float | None:
        """The moment up to which a round over Stripe's events has found all of them; None before the first."""

    def follow_until(self, moment: float) -> None:
        """Remember the moment of a good round."""


class Queue(Protocol):
    """The work queue."""

    def send(self, message: Mapping[str, object], delay: int = 0) -> None:
        """Hand over one message, to be seen `delay` (at most 900) seconds later; raises Busy when out of reach."""


def receive(hint: EventHint, inbox: Inbox, queue: Queue, now: float) -> bool:
    """The door: safe first, then enqueue. Answers may be 2xx only after this returns. False for a duplicate."""
    if not inbox.claim(hint, now + RETRY_AFTER):
        return False
    queue.send(message_of(hint))
    return True


def work(message: Mapping[str, Any], follow: Callable[[EventHint], None], inbox: Inbox) -> None:
    """The worker: follow the hint, then mark it done. A failure leaves it pending."""
    hint = hint_of(message)
    follow(hint)
    inbox.done(hint.id)


def sweep(inbox: Inbox, queue: Queue, now: float, limit: int = 100) -> int:
    """Enqueue overdue events again. Returns how many."""
    found = inbox.overdue(now, limit)
    for hint in found:
        inbox.postpone(hint.id, now + RETRY_AFTER)
        queue.send(message_of(hint))
    return len(found)


def hint_from_event(event: Mapping[str, Any], livemode: bool) -> EventHint:
    """Only the id, type, mode and the object's id, type and customer are believed.

    Raises BadRequest for anything that is not an event of our mode.
    """
    data = event.get("data")
    body = data.get("object") if isinstance(data, dict) else None
    if event.get("object") != "event" or event.get("livemode") is not livemode or not isinstance(body, dict):
        raise BadRequest
    customer = body.get("customer") if body.get("object") != "customer" else body.get("id")
    hint = EventHint(
        id=_text(event.get("id")),
        type=_text(event.get("type")),
        object=_text(body.get("object")),
        object_id=_text(body.get("id")),
        customer=_text(customer.get("id") if isinstance(customer, dict) else customer),
        created=_moment(event.get("created")),
    )
    if not hint.id.startswith("evt_"):
        raise BadRequest
    return hint


def message_of(hint: EventHint) -> dict[str, object]:
    """The hint as a queue message."""
    return {
        "kind": "stripe_event",
        "event": hint.id,
        "type": hint.type,
        "object": hint.object,
        "object_id": hint.object_id,
        "customer": hint.customer,
        "created": hint.created,
    }


def hint_of(message: Mapping[str, Any]) -> EventHint:
    """The hint a queue message carries."""
    return EventHint(
        id=message["event"],
        type=message["type"],
        object=message["object"],
        object_id=message["object_id"],
        customer=message["customer"],
        created=message["created"],
    )


def _text(value: object) -> str:
    """An id or type as Stripe makes them, or "": only such may become keys and messages."""
    return value if isinstance(value, str) and WORD.fullmatch(value) else ""


def _moment(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < FAR_AWAY else 0
