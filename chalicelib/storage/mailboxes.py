"""Mailboxes in DynamoDB: who may see what, and who is signed in. Written here, read in `mailbox_reads.py`."""

from datetime import UTC, datetime

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib import clock
from chalicelib.access.mailboxes import Mailbox, Session
from chalicelib.storage.mailbox_reads import MailboxReads, mailbox_key
from chalicelib.storage.table import Row, lost_a_condition, storage_errors

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


class DynamoMailboxes(MailboxReads):
    """MailboxStore (see `access/mailboxes.py`) over the one table."""

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
