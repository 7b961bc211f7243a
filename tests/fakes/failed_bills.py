"""The list of failed bills in memory, with the promises of the real store. A mirror puts them on it."""

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from chalicelib.notices.payment_failed import Failed
from tests.fakes.mirror import FakeMirror


@dataclass
class FakeFailedBills:
    """`outcomes` holds how each day of each bill ended."""

    mirror: FakeMirror
    outcomes: dict[tuple[str, int], str] = field(default_factory=dict)

    def due(self, now: float, limit: int) -> tuple[Failed, ...]:
        found = [each for each in self.mirror.failed.values() if each.due is not None and each.due <= now]
        return tuple(sorted(found, key=lambda each: (each.due or 0, each.bill))[:limit])

    def find(self, holder: str, bill: str) -> Failed | None:
        return self.mirror.failed.get((holder, bill))

    def look_again(self, failed: Failed, due: float | None) -> None:
        if self._unchanged(failed):
            self._put(failed, due=due)

    def take(self, failed: Failed, day: int, until: float) -> bool:
        if not self._unchanged(failed):
            return False
        self._put(failed, taking=day, due=until)
        return True

    def give_back(self, failed: Failed, due: float) -> None:
        self._put(failed, taking=None, due=due)

    def settle(self, failed: Failed, day: int, outcome: str, due: float | None) -> None:
        self._put(failed, settled=day, taking=None, due=due)
        self.outcomes[failed.bill, day] = outcome

    def _unchanged(self, failed: Failed) -> bool:
        now = self.mirror.failed[failed.holder, failed.bill]
        return now.taking is None and (now.settled, now.due) == (failed.settled, failed.due)

    def _put(self, failed: Failed, **changes: Any) -> None:
        key = failed.holder, failed.bill
        self.mirror.failed[key] = replace(self.mirror.failed[key], **changes)
