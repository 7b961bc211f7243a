"""Watched cards and notices in memory, with the promises of the real store. The cards are those of a mirror."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from chalicelib.notices.card_expiring import Notice
from chalicelib.notices.watching import Watched
from tests.fakes.mirror import FakeMirror


@dataclass
class FakeNotices:
    """`made` holds each notice with its state, due time and outcome."""

    mirror: FakeMirror
    made: dict[Notice, tuple[str, float, str]] = field(default_factory=dict)

    def due(self, shard: int, day: date) -> Iterator[Watched]:
        for card, its_day in sorted(self.mirror.watched.items()):
            if int(card.expiry.partition("#")[2][0], 16) == shard and its_day is not None and its_day <= day:
                yield card

    def make(self, notice: Notice, due: float) -> bool:
        if notice in self.made:
            return False
        self.made[notice] = ("pending", due, "")
        return True

    def move_on(self, card: Watched, day: date | None) -> None:
        if card in self.mirror.watched:
            self.mirror.watched[card] = day

    def cards(self, expiry: str) -> tuple[Watched, ...]:
        return tuple(sorted(card for card in self.mirror.watched if card.expiry == expiry))

    def is_pending(self, notice: Notice) -> bool:
        return self._state(notice) == "pending"

    def take(self, notice: Notice, until: float) -> bool:
        if self._state(notice) != "pending":
            return False
        self.made[notice] = ("taken", until, "")
        return True

    def give_back(self, notice: Notice, due: float) -> None:
        if self._state(notice) == "taken":
            self.made[notice] = ("pending", due, "")

    def finish(self, notice: Notice, outcome: str) -> None:
        self.made[notice] = ("done", 0.0, outcome)

    def overdue(self, now: float, limit: int) -> tuple[tuple[Notice, bool], ...]:
        waiting = [(n, state == "taken") for n, (state, due, _) in self.made.items() if state != "done" and due <= now]
        return tuple(waiting[:limit])

    def postpone(self, notice: Notice, due: float) -> None:
        if self._state(notice) == "pending":
            self.made[notice] = ("pending", due, "")

    def _state(self, notice: Notice) -> str:
        return self.made.get(notice, ("", 0.0, ""))[0]
