"""A mirror in memory that keeps the promises of the real one (held to them by the contract tests)."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import home as fold
from chalicelib.billing.facts import Home, Preview
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.home import Fact
from chalicelib.notices import failing
from chalicelib.notices.expiry import day_at
from chalicelib.notices.payment_failed import Failed
from chalicelib.notices.watching import Watched, changes


@dataclass
class Guard:
    """Counter, the ticket that wrote last, and whose HOME holds the object."""

    ticket: int = 0
    stored: int | None = None
    holder: str = ""


@dataclass
class FakeMirror:
    """Everything in dictionaries, one lock for what is one transaction in the real store."""

    homes: dict[str, Home] = field(default_factory=dict)
    bills: dict[tuple[str, str], Bill] = field(default_factory=dict)
    guards: dict[str, Guard] = field(default_factory=dict)
    watched: dict[Watched, date | None] = field(default_factory=dict)
    known_failing: dict[str, frozenset[str]] = field(default_factory=dict)
    failed: dict[tuple[str, str], Failed] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def take_ticket(self, object_id: str) -> int:
        with self.lock:
            guard = self.guards.setdefault(object_id, Guard())
            guard.ticket += 1
            return guard.ticket

    def write(self, fact: Fact, ticket: int) -> bool:
        holder = fold.holder_of(fact)
        with self.lock:
            before = self.guards.get(fact.id, Guard()).holder
            if not self._wins(fact.id, ticket, holder):
                return False
            if before not in ("", holder):
                self._keep(fold.without(self._home(before), fact.id))
                self.bills.pop((before, fact.id), None)
            self._keep(fold.with_fact(self._home(holder), fact))
            self._keep_bill(holder, fact)
            return True

    def forget(self, object_id: str, ticket: int) -> bool:
        with self.lock:
            holder = self.guards.get(object_id, Guard()).holder
            if not holder:
                return self._wins(object_id, ticket, "")
            if not self._wins(object_id, ticket, holder):
                return False
            self._keep(fold.without(self._home(holder), object_id))
            return True

    def fill(self, holder: str, facts: Sequence[Fact]) -> None:
        with self.lock:
            for fact in facts:
                guard = self.guards.setdefault(fact.id, Guard())
                if guard.stored is None:
                    guard.stored, guard.holder = 0, holder
                    self._keep(fold.with_fact(self._home(holder), fact))
                    self._keep_bill(holder, fact)

    def compared(self, holder: str, moment: float) -> None:
        with self.lock:
            self._keep(replace(self._home(holder), compared_at=moment))

    def to_compare(self, now: float, limit: int) -> tuple[str, ...]:
        moments = {holder: fold.compare_at(home) for holder, home in self.homes.items()}
        late = sorted((moment, holder) for holder, moment in moments.items() if moment is not None and moment <= now)
        return tuple(holder for _, holder in late[:limit])

    def write_preview(self, holder: str, preview: Preview) -> None:
        with self.lock:
            self._keep(fold.with_preview(self._home(holder), preview))

    def home(self, holder: str, fresh: bool = False) -> Home | None:
        return self.homes.get(holder)

    def bill(self, holder: str, bill: str) -> Bill | None:
        return self.bills.get((holder, bill))

    def history(self, holder: str, item: str = "", before: str = "", limit: int = 25) -> tuple[tuple[Bill, ...], str]:
        mine = [b for (owner, _), b in self.bills.items() if owner == holder]
        keyed = sorted(
            ((_mark(b, item), b) for b in mine if not item or (b.subscription or b.id) == item), reverse=True
        )
        rest = [(mark, b) for mark, b in keyed if not before or mark < before]
        page = rest[:limit]
        return tuple(b for _, b in page), page[-1][0] if len(rest) > limit else ""

    def _wins(self, object_id: str, ticket: int, holder: str) -> bool:
        guard = self.guards.setdefault(object_id, Guard())
        if guard.stored is not None and guard.stored >= ticket:
            return False
        guard.stored, guard.holder = ticket, holder
        return True

    def _home(self, holder: str) -> Home:
        return self.homes.get(holder) or fold.empty(holder)

    def _keep(self, home: Home) -> None:
        before = [card for card in self.watched if card.holder == home.holder]
        moved = changes(before, home, day_at(clock.now(), "UTC"))
        self._begin_failing(home)
        self.homes[home.holder] = home
        self.watched = {card: day for card, day in self.watched.items() if card not in moved.end} | moved.begin

    def _begin_failing(self, home: Home) -> None:
        known = self.known_failing.get(home.holder, frozenset())
        moved = failing.changes(known, self.homes.get(home.holder), home, clock.now())
        self.known_failing[home.holder] = moved.failing
        for bill, since in moved.begin.items():
            entry = self.failed.get((home.holder, bill)) or Failed(home.holder, bill, since)
            self.failed[home.holder, bill] = replace(entry, due=clock.now())

    def _keep_bill(self, holder: str, fact: Fact) -> None:
        if isinstance(fact, Bill):
            self.bills[holder, fact.id] = fact


def _mark(bill: Bill, item: str) -> str:
    when = f"{bill.created:011d}#{bill.id}"
    return f"{item}#{when}" if item else when
