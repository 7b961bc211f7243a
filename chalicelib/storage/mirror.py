"""The mirror in DynamoDB: one compressed HOME per holder, one row per bill, one guard per Stripe object.

Guard, bill row and HOME change in one transaction, so a page never sees half a write, and HOME is exactly the fold of
all writes that won. See `docs/decisions/0003-home-is-the-mirror.md`.
"""

import random
import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.billing import home as fold
from chalicelib.billing.facts import Home, Preview
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.home import Fact
from chalicelib.errors import Busy
from chalicelib.storage.failing import begin
from chalicelib.storage.mirror_reads import MirrorReads, holder_key, load
from chalicelib.storage.packing import pack
from chalicelib.storage.table import Row, lost_a_condition, storage_errors, transaction_connection
from chalicelib.storage.watched import watch

TRIES = 12
# Two rows each at most, with HOME, the watched cards and a few failed bills: a transaction takes a hundred.
BATCH = 25


class GuardRow(Row):
    """Ticket counter of one Stripe object, the ticket that wrote last, and whose HOME holds it."""

    ticket = NumberAttribute(null=True)
    stored = NumberAttribute(null=True)
    holder = UnicodeAttribute(null=True)


class HomeRow(Row):
    """A holder's HOME, compressed, with a version that every write raises.

    `watched` names the cards whose expiry is watched in rows of their own, `failing` the bills known to have failed;
    `due` says when to compare it with Stripe.
    """

    data = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute()
    watched = UnicodeAttribute(null=True)
    failing = UnicodeAttribute(null=True)


class BillRow(Row):
    """One bill, whole and compressed."""

    data = BinaryAttribute(legacy_encoding=False)


class DynamoMirror(MirrorReads):
    """Mirror (see `billing/ports.py`) over the one table."""

    def take_ticket(self, object_id: str) -> int:
        """Atomic counter: one write."""
        guard = _guard(object_id)
        with storage_errors():
            guard.update(actions=[GuardRow.ticket.add(1)])
        return int(guard.ticket or 0)

    def write(self, fact: Fact, ticket: int) -> bool:
        """One transaction: guard, HOME, and the bill's own row when it is one."""
        return self._change(fold.holder_of(fact), fact.id, ticket, lambda home: fold.with_fact(home, fact), fact)

    def forget(self, object_id: str, ticket: int) -> bool:
        """The object leaves HOME; a bill's own row stays, receipts outlive everything. Filling brings nothing back."""
        known = _known(object_id)
        if known is None or not known.holder:
            return _gone_unseen(object_id, ticket)
        return self._change(known.holder, object_id, ticket, lambda home: fold.without(home, object_id), None)

    def fill(self, holder: str, facts: Sequence[Fact]) -> None:
        """Transactions of up to 30 objects. An object that an event stored meanwhile is left out of the next try."""
        waiting = list(facts)
        for start in range(0, len(waiting), BATCH):
            self._fill(holder, waiting[start : start + BATCH])

    def compared(self, holder: str, moment: float) -> None:
        """Under HOME's version only."""
        self._rewrite(holder, lambda home: replace(home, compared_at=moment))

    def to_compare(self, now: float, limit: int) -> tuple[str, ...]:
        """By the sparse due index: HOME is in it, so nothing is read but what is due."""
        with storage_errors():
            rows = HomeRow.due_index.query("compare", HomeRow.due <= now, limit=limit)
            return tuple(row.pk.removeprefix("HOLDER#") for row in rows)

    def write_preview(self, holder: str, preview: Preview) -> None:
        """Under HOME's version only: a preview has no guard, its inputs tell whether it still holds."""
        self._rewrite(holder, lambda home: fold.with_preview(home, preview))

    def _fill(self, holder: str, batch: Sequence[Fact]) -> None:
        left = list(batch)
        for attempt in range(TRIES):
            try:
                _fill_once(holder, left)
                return
            except TransactWriteError as error:
                _wait_or_raise(error, attempt)
                left = [fact for fact in left if not _stored(fact.id)]
        raise Busy

    def _change(
        self, holder: str, object_id: str, ticket: int, change: Callable[[Home], Home], fact: Fact | None
    ) -> bool:
        newer = GuardRow.stored.does_not_exist() | (GuardRow.stored < ticket)
        for attempt in range(TRIES):
            try:
                with storage_errors(), TransactWrite(connection=transaction_connection()) as together:
                    _save_home(together, holder, change)
                    _save_bill(together, holder, fact)
                    together.update(_guard(object_id), _won(holder, ticket), _still_held(newer, together, holder, fact))
                return True
            except TransactWriteError as error:
                if _refused_by_guard(error):
                    return False
                _wait_or_raise(error, attempt)
        raise Busy

    def _rewrite(self, holder: str, change: Callable[[Home], Home]) -> None:
        for attempt in range(TRIES):
            try:
                with storage_errors(), TransactWrite(connection=transaction_connection()) as together:
                    _save_home(together, holder, change)
                return
            except TransactWriteError as error:
                _wait_or_raise(error, attempt)
        raise Busy


def _guard(object_id: str) -> GuardRow:
    return GuardRow(f"OBJECT#{object_id}", "GUARD")


def _won(holder: str, ticket: int) -> list[Action]:
    return [GuardRow.stored.set(ticket), GuardRow.holder.set(holder)]


def _known(object_id: str) -> GuardRow | None:
    with storage_errors():
        return next(iter(GuardRow.query(f"OBJECT#{object_id}", consistent_read=True)), None)


def _gone_unseen(object_id: str, ticket: int) -> bool:
    """Remember that what was never stored is gone; False when it was stored in this moment, or a newer ticket wrote."""
    newer = GuardRow.stored.does_not_exist() | (GuardRow.stored < ticket)
    try:
        with storage_errors():
            gone: list[Action] = [GuardRow.stored.set(ticket)]
            _guard(object_id).update(actions=gone, condition=newer & GuardRow.holder.does_not_exist())
    except UpdateError as error:
        if not lost_a_condition(error):
            raise
        return False
    return True


def _stored(object_id: str) -> bool:
    found = _known(object_id)
    return found is not None and found.stored is not None


def _still_held(newer: Condition, together: TransactWrite, holder: str, fact: Fact | None) -> Condition:
    """A purchase that came to name another holder leaves the one that had it: `newer`, and that this still has it."""
    if not isinstance(fact, Bill) or fact.kind != "charge":
        return newer
    known = _known(fact.id)
    had = known.holder if known else None
    if had and had != holder:
        _save_home(together, had, lambda home: fold.without(home, fact.id))
        together.delete(BillRow(holder_key(had), f"BILL#{fact.id}"))
    both: Condition = newer & (GuardRow.holder == had if had else GuardRow.holder.does_not_exist())
    return both


def _fill_once(holder: str, facts: Sequence[Fact]) -> None:
    with storage_errors(), TransactWrite(connection=transaction_connection()) as together:
        _save_home(together, holder, lambda home: _folded(home, facts))
        for fact in facts:
            together.update(_guard(fact.id), _won(holder, 0), GuardRow.stored.does_not_exist())
            _save_bill(together, holder, fact)


def _folded(home: Home, facts: Sequence[Fact]) -> Home:
    for fact in facts:
        home = fold.with_fact(home, fact)
    return home


def _save_home(together: TransactWrite, holder: str, change: Callable[[Home], Home]) -> None:
    before, version, watched, failing = load(holder, strong=True)
    home = change(before or fold.empty(holder))
    row = HomeRow(holder_key(holder), "HOME", data=pack(home), version=version + 1, due=fold.compare_at(home))
    row.due_kind = None if row.due is None else "compare"
    row.watched = watch(together, watched, home) or None
    row.failing = begin(together, failing, before, home) or None
    unchanged = HomeRow.version == version if version else HomeRow.version.does_not_exist()
    together.save(row, condition=unchanged)


def _save_bill(together: TransactWrite, holder: str, fact: Fact | None) -> None:
    if isinstance(fact, Bill):
        when = f"{fact.created:011d}#{fact.id}"
        item = f"{fact.item or fact.id}#{when}"
        together.save(BillRow(holder_key(holder), f"BILL#{fact.id}", data=pack(fact), item=item, moment=when))


def _refused_by_guard(error: TransactWriteError) -> bool:
    """The guard's update is the last action of the transaction: PynamoDB sends puts before updates."""
    reason = error.cancellation_reasons[-1] if error.cancellation_reasons else None
    return reason is not None and reason.code == "ConditionalCheckFailed"


def _wait_or_raise(error: TransactWriteError, attempt: int) -> None:
    """Another write came between: try again after a jittered pause; any other refusal is a defect."""
    if not lost_a_condition(error):
        raise error
    time.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 5)))  # noqa: S311 jitter, not a secret
