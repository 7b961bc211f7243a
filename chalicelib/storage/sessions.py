"""Sessions in DynamoDB: stamping and ending them. They lie in their mailbox's partition."""

from pynamodb.exceptions import UpdateError

from chalicelib.storage.mailbox_reads import mailbox_key
from chalicelib.storage.mailboxes import HoldersRow, SessionRow
from chalicelib.storage.table import lost_a_condition, storage_errors


class DynamoSessions:
    """SessionStore (see `access/sessions.py`) over the one table."""

    def touch(self, ref: str, session: str, seen: float) -> bool:
        """Only if it is still there: an update alone would bring an ended session back."""
        try:
            with storage_errors():
                _row(ref, session).update([SessionRow.seen.set(seen)], condition=SessionRow.pk.exists())
        except UpdateError as error:
            if lost_a_condition(error):
                return False
            raise
        return True

    def end(self, ref: str, session: str) -> None:
        """One delete."""
        with storage_errors():
            _row(ref, session).delete()

    def end_all(self, ref: str) -> None:
        """First the epoch, which a session that begins meanwhile does not outlive either; then the rows."""
        with storage_errors():
            HoldersRow(mailbox_key(ref), "HOLDERS").update([HoldersRow.epoch.add(1)])
            for row in SessionRow.query(mailbox_key(ref), SessionRow.sk.startswith("SESSION#"), consistent_read=True):
                row.delete()


def _row(ref: str, session: str) -> SessionRow:
    return SessionRow(mailbox_key(ref), f"SESSION#{session}")
