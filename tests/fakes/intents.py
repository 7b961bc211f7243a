"""Intents and outbox in memory, with the promises of the real store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from msgspec.structs import replace

from chalicelib.billing.intents import FIND_OUT_AFTER, LEASE, BillingEvent, Intent, Outcome


@dataclass
class FakeIntents:
    """`kept` holds every attempt with its state; `events` every billing event still to be published."""

    kept: dict[tuple[str, str], tuple[str, float, Intent]] = field(default_factory=dict)
    events: dict[str, BillingEvent] = field(default_factory=dict)
    lock: Any = field(default_factory=Lock, repr=False)

    def start(self, intent: Intent, now: float) -> Intent | None:
        with self.lock:
            known = self.kept.get((intent.holder, intent.id))
            if known and known[0] != "released" and not (known[0] == "pending" and known[1] < now):
                return known[2]
            self.kept[intent.holder, intent.id] = ("pending", now + LEASE, intent)
        return None

    def get(self, holder: str, intent: str) -> Intent | None:
        known = self.kept.get((holder, intent))
        return known[2] if known and known[0] != "released" else None

    def finish(self, intent: Intent, outcome: Outcome, event: BillingEvent | None) -> None:
        state = self.kept[intent.holder, intent.id][0]
        if state == "done":
            return
        self.kept[intent.holder, intent.id] = ("done", 0, replace(intent, outcome=outcome))
        if event:
            self.events.setdefault(event.id, event)

    def release(self, intent: Intent) -> None:
        self.kept[intent.holder, intent.id] = ("released", 0, intent)

    def overdue(self, now: float, limit: int) -> tuple[Intent, ...]:
        pending = [
            i for state, lease, i in self.kept.values() if state == "pending" and lease - LEASE + FIND_OUT_AFTER <= now
        ]
        return tuple(pending[:limit])


@dataclass
class FakeQueue:
    """Remembers what was sent, and how long each was to be held back."""

    sent: list[Mapping[str, object]] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)

    def send(self, message: Mapping[str, object], delay: int = 0) -> None:
        self.sent.append(message)
        self.delays.append(delay)
