"""Events seen, in memory, with the promises of the real inbox."""

from dataclasses import dataclass, field

from chalicelib.billing.ports import EventHint


@dataclass
class FakeInbox:
    """`seen` holds each event with its state and due time."""

    seen: dict[str, tuple[str, float, EventHint]] = field(default_factory=dict)
    until: float | None = None

    def claim(self, hint: EventHint, due: float) -> bool:
        if self.seen.get(hint.id, ("", 0.0, hint))[0] == "done":
            return False
        self.seen[hint.id] = ("pending", due, hint)
        return True

    def done(self, event: str) -> None:
        self.seen[event] = ("done", 0.0, self.seen[event][2])

    def overdue(self, now: float, limit: int) -> tuple[EventHint, ...]:
        return tuple(h for state, due, h in self.seen.values() if state == "pending" and due <= now)[:limit]

    def postpone(self, event: str, due: float) -> None:
        self.seen[event] = ("pending", due, self.seen[event][2])

    def followed_until(self) -> float | None:
        return self.until

    def follow_until(self, moment: float) -> None:
        self.until = moment
