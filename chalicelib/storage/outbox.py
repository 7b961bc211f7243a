"""The outbox in DynamoDB (rows are written together with their intent, see `storage/intents.py`)."""

from pynamodb.exceptions import DoesNotExist, PutError
from pynamodb.expressions.update import Action

from chalicelib.billing.intents import BillingEvent
from chalicelib.storage.intents import OutboxRow, outbox_row
from chalicelib.storage.packing import unpack
from chalicelib.storage.table import lost_a_condition, storage_errors


class DynamoOutbox:
    """Outbox (see `events/outbox.py`) over the one table."""

    def add(self, event: BillingEvent) -> bool:
        """One conditional put."""
        try:
            with storage_errors():
                outbox_row(event, event.created + 60).save(condition=OutboxRow.pk.does_not_exist())
        except PutError as error:
            if not lost_a_condition(error):
                raise
            return False
        return True

    def pending(self, event: str) -> BillingEvent | None:
        """One strongly consistent read."""
        try:
            with storage_errors():
                row = OutboxRow.get(*_key(event), consistent_read=True)
        except DoesNotExist:
            return None
        return unpack(row.data, BillingEvent) if row.state == "pending" else None

    def done(self, event: str) -> None:
        """Out of the due index; the record stays."""
        actions: list[Action] = [OutboxRow.state.set("done"), OutboxRow.due_kind.remove(), OutboxRow.due.remove()]
        with storage_errors():
            OutboxRow(*_key(event)).update(actions=actions)

    def overdue(self, now: float, limit: int) -> tuple[BillingEvent, ...]:
        """By the sparse due index."""
        with storage_errors():
            keys = [(r.pk, r.sk) for r in OutboxRow.due_index.query("outbox", OutboxRow.due <= now, limit=limit)]
            return tuple(unpack(row.data, BillingEvent) for row in OutboxRow.batch_get(keys)) if keys else ()

    def postpone(self, event: str, due: float) -> None:
        """Only the due time moves."""
        with storage_errors():
            OutboxRow(*_key(event)).update(actions=[OutboxRow.due.set(due)])


def _key(event: str) -> tuple[str, str]:
    return f"OUTBOX#{event}", "OUTBOX"
