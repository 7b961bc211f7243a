"""Reading a mailbox: who may see what and who is signed in lie in one partition that one strong read brings."""

from typing import Any

import msgspec

from chalicelib.access.mailboxes import Holder, Mailbox, Session
from chalicelib.storage.dynamodb import client, storage_errors, table_name


class MailboxReads:
    """What a page needs of the MailboxStore (see `access/mailboxes.py`)."""

    def open(self, ref: str) -> Mailbox | None:
        """One Query by the shared client: 1 read unit up to 4 kB, which is some 8 sessions and 25 holders."""
        with storage_errors():
            answer = client().query(
                TableName=table_name(),
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": mailbox_key(ref)}},
                ConsistentRead=True,
            )
        rows = {row["sk"]["S"]: row for row in answer["Items"]}
        found = rows.pop("HOLDERS", None)
        return _mailbox(found, [_session(row) for row in rows.values()]) if found else None


def mailbox_key(ref: str) -> str:
    """Partition of a mailbox."""
    return f"MAILBOX#{ref}"


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
