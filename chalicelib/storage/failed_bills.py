"""The list of failed bills in DynamoDB (see `failing.py`)."""

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.notices.payment_failed import Failed
from chalicelib.storage.failing import FAILED, HOLDER, FailedRow, due_at, failed_key
from chalicelib.storage.table import get, lost_a_condition, storage_errors


class DynamoFailedBills:
    """FailedBills (see `notices/payment_failed.py`) over the one table."""

    def due(self, now: float, limit: int) -> tuple[Failed, ...]:
        """By the sparse due index."""
        with storage_errors():
            keys = [(row.pk, row.sk) for row in FailedRow.due_index.query("failed", FailedRow.due <= now, limit=limit)]
            rows = tuple(FailedRow.batch_get(keys, consistent_read=True)) if keys else ()
        found = sorted(map(_failed_of, rows), key=lambda failed: (failed.due or 0, failed.bill))
        return tuple(failed for failed in found if failed.due is not None and failed.due <= now)

    def find(self, holder: str, bill: str) -> Failed | None:
        """One strongly consistent read."""
        row = get(FailedRow, *failed_key(holder, bill))
        return _failed_of(row) if row else None

    def look_again(self, failed: Failed, due: float | None) -> None:
        """One conditional update; without a moment the row leaves the index."""
        _changed(failed, due_at(due), _unchanged(failed))

    def take(self, failed: Failed, day: int, until: float) -> bool:
        """One conditional update."""
        return _changed(failed, [FailedRow.taking.set(day), *due_at(until)], _unchanged(failed))

    def give_back(self, failed: Failed, due: float) -> None:
        """One update."""
        _changed(failed, [FailedRow.taking.remove(), *due_at(due)])

    def settle(self, failed: Failed, day: int, outcome: str, due: float | None) -> None:
        """One update; without a next moment the row leaves the index and stays."""
        done: list[Action] = [FailedRow.settled.set(day), FailedRow.outcome.set(outcome), FailedRow.taking.remove()]
        _changed(failed, [*done, *due_at(due)])


def _unchanged(failed: Failed) -> Condition:
    """Nobody took it, settled a day or put it on the list again since it was read."""
    same_due = FailedRow.due.does_not_exist() if failed.due is None else FailedRow.due == failed.due
    same: Condition = FailedRow.taking.does_not_exist() & (FailedRow.settled == failed.settled) & same_due
    return same


def _changed(failed: Failed, actions: list[Action], condition: Condition | None = None) -> bool:
    try:
        with storage_errors():
            FailedRow(*failed_key(failed.holder, failed.bill)).update(actions, condition=condition)
    except UpdateError as error:
        if lost_a_condition(error):
            return False
        raise
    return True


def _failed_of(row: FailedRow) -> Failed:
    return Failed(
        holder=row.pk.removeprefix(HOLDER),
        bill=row.sk.removeprefix(FAILED),
        began=int(row.began),
        settled=int(row.settled),
        due=None if row.due is None else float(row.due),
        taking=None if row.taking is None else int(row.taking),
    )
