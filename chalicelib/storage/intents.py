"""Intents and the outbox in DynamoDB. An outcome and its billing event are one transaction."""

import secrets
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.billing.intents import FIND_OUT_AFTER, LEASE, BillingEvent, Intent, Outcome
from chalicelib.storage.packing import pack, unpack
from chalicelib.storage.table import Row, lost_a_condition, storage_errors, transaction_connection

KEEP = timedelta(days=400)


class IntentRow(Row):
    """One attempt; `lease` says until when another press must wait for the one running it, `claim` who that is."""

    data = BinaryAttribute(legacy_encoding=False)
    state = UnicodeAttribute()
    lease = NumberAttribute()
    claim = UnicodeAttribute(null=True)


class OutboxRow(Row):
    """One billing event still to be published, or done."""

    data = BinaryAttribute(legacy_encoding=False)
    state = UnicodeAttribute()


class DynamoIntents:
    """Intents (see `billing/intents.py`) over the one table."""

    def start(self, intent: Intent, now: float) -> Intent | None:
        """A conditional put: new, released, or left behind with its lease run out.

        When the reply is lost the client puts again and is refused by its own first put: the claim tells.
        """
        row = _row(intent, "pending", now + LEASE)
        row.claim = secrets.token_hex(8)
        free = IntentRow.pk.does_not_exist() | (IntentRow.state == "released")
        abandoned = (IntentRow.state == "pending") & (IntentRow.lease < now)
        try:
            with storage_errors():
                row.save(condition=free | abandoned)
        except PutError as error:
            if not lost_a_condition(error):
                raise
            standing = _read(intent.holder, intent.id)
            return unpack(standing.data, Intent) if standing.claim != row.claim else None
        return None

    def get(self, holder: str, intent: str) -> Intent | None:
        """One strongly consistent read."""
        try:
            row = _read(holder, intent)
        except DoesNotExist:
            return None
        return unpack(row.data, Intent) if row.state != "released" else None

    def finish(self, intent: Intent, outcome: Outcome, event: BillingEvent | None) -> None:
        """Outcome and event together, once; a second finish (sweep and late answer) changes nothing.

        An event that is known already (another attempt, or Stripe, told of the same) is not told again.
        """
        row = _row(replace(intent, outcome=outcome), "done", 0)
        try:
            with storage_errors(), TransactWrite(connection=transaction_connection()) as together:
                together.save(row, condition=IntentRow.state != "done")
                if event:
                    together.save(outbox_row(event, event.created + 60), condition=OutboxRow.pk.does_not_exist())
        except TransactWriteError as error:
            if not lost_a_condition(error):
                raise
            if event:
                _close(row)

    def release(self, intent: Intent) -> None:
        """The attempt may be claimed again; nothing is due."""
        with storage_errors():
            _row(intent, "released", 0).save()

    def overdue(self, now: float, limit: int) -> tuple[Intent, ...]:
        """By the sparse due index: pending intents only."""
        with storage_errors():
            keys = [(r.pk, r.sk) for r in IntentRow.due_index.query("intent", IntentRow.due <= now, limit=limit)]
            return tuple(unpack(row.data, Intent) for row in IntentRow.batch_get(keys)) if keys else ()


def _read(holder: str, intent: str) -> IntentRow:
    with storage_errors():
        return IntentRow.get(*_key(holder, intent), consistent_read=True)


def _close(row: IntentRow) -> None:
    """The outcome alone, unless it is there already."""
    try:
        with storage_errors():
            row.save(condition=IntentRow.state != "done")
    except PutError as error:
        if not lost_a_condition(error):
            raise


def outbox_row(event: BillingEvent, due: float) -> OutboxRow:
    """The event as pending work, due at `due` should the queue lose it."""
    return OutboxRow(
        f"OUTBOX#{event.id}",
        "OUTBOX",
        data=pack(event),
        state="pending",
        due_kind="outbox",
        due=due,
        ttl=_ttl(event.created),
    )


def _row(intent: Intent, state: str, lease: float) -> IntentRow:
    pk, sk = _key(intent.holder, intent.id)
    row = IntentRow(pk, sk, data=pack(intent), state=state, lease=lease, ttl=_ttl(intent.created))
    if state == "pending":
        row.due_kind, row.due = "intent", lease - LEASE + FIND_OUT_AFTER
    return row


def _key(holder: str, intent: str) -> tuple[str, str]:
    return f"HOLDER#{holder}", f"INTENT#{intent}"


def _ttl(created: float) -> datetime:
    return datetime.fromtimestamp(created, UTC) + KEEP
