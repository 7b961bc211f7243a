"""Row about the daily job: what it reads to find the cards that are due, among few customers and among many."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from bench.meter import counted
from bench.processes import Failed
from bench.rows import Row
from chalicelib import clock
from chalicelib.notices.expiry import day_at, moment
from chalicelib.notices.watching import Watched
from chalicelib.storage import dynamodb
from chalicelib.storage.watched import CardRow, card_key, shard_name
from tests.stack import TestStack

DUE = 300
CUSTOMERS = (1_000, 10_000, 100_000)


class Notices:
    """Every customer has one card that is watched; of as many as ever, one is due today."""

    def __init__(self, stack: TestStack) -> None:
        self._stack = stack

    def rows(self) -> Iterator[Callable[[], Row]]:
        """One for each number of customers."""
        for customers in CUSTOMERS:
            yield lambda customers=customers: self._read(customers)

    def _read(self, customers: int) -> Row:
        self._stack.reset()
        today = day_at(clock.now(), "UTC")
        with CardRow.batch_write() as batch:
            for number in range(customers):
                batch.save(_row(number, today))
        index = Index()
        with counted() as meter, index:
            self._stack.jobs.run("expiring")
        if meter.names.count("PutItem") != DUE:
            raise Failed(f"{meter.names.count('PutItem')} notices were made, not {DUE}")
        name = f"card-expiring, {customers:,} customers: index items read"
        return Row(name, "source", f"items, against {DUE} cards due", index.items, DUE, index.items / DUE, 1.2)


class Index:
    """Counts what reads of the index of cards bring."""

    items = 0

    def __enter__(self) -> None:
        events = dynamodb.client().meta.events
        events.register("provide-client-params.dynamodb.Query", self._asked)
        events.register("after-call.dynamodb.Query", self._answered)

    def __exit__(self, *_: Any) -> None:
        events = dynamodb.client().meta.events
        events.unregister("provide-client-params.dynamodb.Query", self._asked)
        events.unregister("after-call.dynamodb.Query", self._answered)

    def _asked(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["of the index"] = params.get("IndexName") == "due"

    def _answered(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        self.items += parsed["ScannedCount"] if context.get("of the index") else 0


def _row(number: int, today: date) -> CardRow:
    """The first 300 are due today, 30 days before they expire; the others on some later day."""
    later = 0 if number < DUE else 1 + number % 400
    day = today + timedelta(days=later)
    mailbox = hashlib.sha256(str(number).encode()).hexdigest()[:32]
    card = Watched(f"{(day + timedelta(days=30)).isoformat()}#{mailbox}", f"cus_{number:06}", f"pm_{number:06}")
    return CardRow(*card_key(card), due_kind=shard_name(int(mailbox[0], 16)), due=moment(day))
