"""Stripe events seen, in DynamoDB: pending with a due time, or done. Kept longer than Stripe may resend them."""

from datetime import UTC, datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.expressions.update import Action

from chalicelib.billing.inbox import KEEP_DAYS
from chalicelib.billing.ports import EventHint
from chalicelib.storage.table import Row, lost_a_condition, storage_errors


class EventRow(Row):
    """One event id with the little we believe of it."""

    state = UnicodeAttribute()
    type = UnicodeAttribute(null=True)
    object = UnicodeAttribute(null=True)
    object_id = UnicodeAttribute(null=True)
    customer = UnicodeAttribute(null=True)
    created = NumberAttribute(null=True)


class RoundRow(Row):
    """Up to when a round over Stripe's events has found all of them."""

    until = NumberAttribute()


class DynamoInbox:
    """Inbox (see `billing/inbox.py`) over the one table."""

    def claim(self, hint: EventHint, due: float) -> bool:
        """One conditional put; only a done event is a duplicate."""
        row = EventRow(
            *_key(hint.id),
            state="pending",
            type=hint.type,
            object=hint.object,
            object_id=hint.object_id,
            customer=hint.customer,
            created=hint.created,
            due_kind="event",
            due=due,
            ttl=datetime.fromtimestamp(due, UTC) + timedelta(days=KEEP_DAYS),
        )
        try:
            with storage_errors():
                row.save(condition=EventRow.pk.does_not_exist() | (EventRow.state != "done"))
        except PutError as error:
            if not lost_a_condition(error):
                raise
            return False
        return True

    def done(self, event: str) -> None:
        """Out of the due index; the id stays."""
        actions: list[Action] = [EventRow.state.set("done"), EventRow.due_kind.remove(), EventRow.due.remove()]
        with storage_errors():
            EventRow(*_key(event)).update(actions=actions)

    def overdue(self, now: float, limit: int) -> tuple[EventHint, ...]:
        """By the sparse due index."""
        with storage_errors():
            keys = [(r.pk, r.sk) for r in EventRow.due_index.query("event", EventRow.due <= now, limit=limit)]
            return tuple(map(_hint, EventRow.batch_get(keys))) if keys else ()

    def postpone(self, event: str, due: float) -> None:
        """Only the due time moves."""
        with storage_errors():
            EventRow(*_key(event)).update(actions=[EventRow.due.set(due)])

    def followed_until(self) -> float | None:
        """One strongly consistent read."""
        with storage_errors():
            found = next(iter(RoundRow.query("ROUND#events", consistent_read=True)), None)
        return found.until if found else None

    def follow_until(self, moment: float) -> None:
        """One put; two rounds at once end with one of their moments, both true."""
        with storage_errors():
            RoundRow("ROUND#events", "ROUND", until=moment).save()


def _key(event: str) -> tuple[str, str]:
    return f"EVENT#{event}", "EVENT"


def _hint(row: EventRow) -> EventHint:
    return EventHint(
        id=row.pk.removeprefix("EVENT#"),
        type=row.type or "",
        object=row.object or "",
        object_id=row.object_id or "",
        customer=row.customer or "",
        created=int(row.created or 0),
    )
