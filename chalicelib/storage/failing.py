"""Failed bills whose owners are mailed, put on the list by the same transaction as the HOME that says so.

A row `FAILED#<bill>` lies beside the holder's HOME and is in the sparse index while anything is to be done about it.
HOME remembers which bills it has put on the list, so that one is put there again only after it had stopped failing;
the row outlives that, so that no day is mailed about twice.
"""

from datetime import UTC, datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib import clock
from chalicelib.billing.facts import Home
from chalicelib.notices.failing import changes
from chalicelib.storage.table import Row

KEPT = timedelta(days=120)
HOLDER, FAILED = "HOLDER#", "FAILED#"
NOTHING = -1


class FailedRow(Row):
    """One failed bill: since when, the last day dealt with and how, and the day that somebody is sending."""

    began = NumberAttribute()
    settled = NumberAttribute()
    taking = NumberAttribute(null=True)
    outcome = UnicodeAttribute(null=True)


def begin(together: TransactWrite, known: str, before: Home | None, home: Home) -> str:
    """Put newly failed bills on the list, due at once. `known` and the answer are what HOME remembers of it."""
    moved = changes(known.split(), before, home, clock.now())
    for bill, since in moved.begin.items():
        actions: list[Action] = [
            FailedRow.began.set(FailedRow.began | since),
            FailedRow.settled.set(FailedRow.settled | NOTHING),
            FailedRow.ttl.set(datetime.fromtimestamp(clock.now(), UTC) + KEPT),
        ]
        together.update(FailedRow(*failed_key(home.holder, bill)), [*actions, *due_at(clock.now())])
    return " ".join(sorted(moved.failing))


def failed_key(holder: str, bill: str) -> tuple[str, str]:
    """Where a failed bill lies."""
    return f"{HOLDER}{holder}", f"{FAILED}{bill}"


def due_at(due: float | None) -> list[Action]:
    """To be looked at then, or no more."""
    if due is None:
        return [FailedRow.due_kind.remove(), FailedRow.due.remove()]
    return [FailedRow.due_kind.set("failed"), FailedRow.due.set(due)]
