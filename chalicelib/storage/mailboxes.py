"""Mailboxes in DynamoDB: who may see what, and who is signed in, in one partition that one strong read brings."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib import clock
from chalicelib.access.mailboxes import Holder, Mailbox, Session
from chalicelib.storage.table import Row, client, lost_a_condition, storage_errors

# rows without any use are swept an hour after their last meaning
GRACE = 3600
# longer than any session lasts: when an emptied mailbox is swept with its epoch, no session is left to come alive
UNKNOWN_KEPT = 86400


class HoldersRow(Row):
    """A mailbox, its holders (id and stored address), and when Stripe was last asked. sk `HOLDERS`."""

    mailbox = UnicodeAttribute()
    holders = UnicodeAttribute()
    checked_at = NumberAttribute()
    version = NumberAttribute(null=True)
    epoch = NumberAttribute(null=True)


class SessionRow(Row):
    """One session. sk `SESSION#<hash of its token>`."""

    created = NumberAttribute()
    seen = NumberAttribute()
    ends = NumberAttribute()
    epoch = NumberAttribute()


class DynamoMailboxes:
    """MailboxStore (see `access/mailboxes.py`) over the one table."""

    def open(self, ref: str) -> Mailbox | None:
        """One Query by the shared client: 1 read unit up to 4 kB, which is some 8 sessions and 25 holders."""
        with storage_errors():
            answer = client().query(
                TableName=Row.Meta.table_name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": mailbox_key(ref)}},
                ConsistentRead=True,
            )
        rows = {row["sk"]["S"]: row for row in answer["Items"]}
        found = rows.pop("HOLDERS", None)
        return _mailbox(found, [_session(row) for row in rows.values()]) if found else None

    def save(self, mailbox: Mailbox) -> bool:
        """An update, not a put: the epoch belongs to signing out."""
        row = HoldersRow(mailbox_key(mailbox.ref), "HOLDERS")
        held = [(holder.id, holder.address) for holder in mailbox.holders]
        actions: list[Action] = [
            HoldersRow.mailbox.set(mailbox.address),
            HoldersRow.holders.set(msgspec.json.encode(held).decode()),
            HoldersRow.checked_at.set(mailbox.checked_at),
            HoldersRow.version.set(mailbox.version + 1),
            HoldersRow.ttl.remove() if held else HoldersRow.ttl.set(moment(clock.now() + UNKNOWN_KEPT)),
        ]
        unchanged = HoldersRow.version == mailbox.version if mailbox.version else HoldersRow.version.does_not_exist()
        try:
            with storage_errors():
                row.update(actions, condition=unchanged)
        except UpdateError as error:
            if lost_a_condition(error):
                return False
            raise
        return True


def mailbox_key(ref: str) -> str:
    """Partition of a mailbox."""
    return f"MAILBOX#{ref}"


def session_row(ref: str, session: Session) -> SessionRow:
    """The row of a session, to be written with the link that opens it."""
    return SessionRow(
        mailbox_key(ref),
        f"SESSION#{session.id}",
        created=session.created,
        seen=session.seen,
        ends=session.ends,
        epoch=session.epoch,
        ttl=moment(session.ends + GRACE),
    )


def moment(epoch_seconds: float) -> datetime:
    """Epoch seconds as PynamoDB wants a TTL."""
    return datetime.fromtimestamp(epoch_seconds, UTC)


def _mailbox(row: dict[str, Any], sessions: list[Session]) -> Mailbox:
    return Mailbox(
        address=row["mailbox"]["S"],
        holders=tuple(Holder(*held) for held in msgspec.json.decode(row["holders"]["S"], type=list[tuple[str, str]])),
        checked_at=float(row["checked_at"]["N"]),
        epoch=_number(row, "epoch"),
        version=_number(row, "version"),
        sessions=tuple(sessions),
    )


def _session(row: dict[str, Any]) -> Session:
    created, seen, ends = (float(row[name]["N"]) for name in ("created", "seen", "ends"))
    return Session(row["sk"]["S"].removeprefix("SESSION#"), created, seen, ends, _number(row, "epoch"))


def _number(row: dict[str, Any], name: str) -> int:
    return int(row[name]["N"]) if name in row else 0
