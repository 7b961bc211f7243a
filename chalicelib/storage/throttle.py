"""Counters in DynamoDB."""

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.access.tokens import digest
from chalicelib.storage.mailboxes import moment
from chalicelib.storage.table import Row, get, lost_a_condition, storage_errors


class TimesRow(Row):
    """The moments something happened, as one JSON text, so that a condition can compare them."""

    times = UnicodeAttribute(null=True)


class CountRow(Row):
    """An atomic counter."""

    sum = NumberAttribute(null=True)


class DynamoCounters:
    """Counters (see `access/throttle.py`) over the one table. Keys are hashed: none shows an address."""

    def times(self, key: str) -> tuple[float, ...] | None:
        """One strong GetItem."""
        row = get(TimesRow, _pk(key), "TIMES")
        return msgspec.json.decode(row.times, type=tuple[float, ...]) if row else None

    def replace(self, key: str, old: tuple[float, ...] | None, new: tuple[float, ...], until: float) -> bool:
        """One conditional put."""
        unchanged = TimesRow.times.does_not_exist() if old is None else TimesRow.times == _text(old)
        try:
            with storage_errors():
                TimesRow(_pk(key), "TIMES", times=_text(new), ttl=moment(until)).save(condition=unchanged)
        except PutError as error:
            if lost_a_condition(error):
                return False
            raise
        return True

    def count(self, key: str, until: float) -> int:
        """One update."""
        row = CountRow(_pk(key), "COUNT")
        with storage_errors():
            row.update([CountRow.sum.add(1), CountRow.ttl.set(moment(until))])
        return int(row.sum)


def _pk(key: str) -> str:
    return f"THROTTLE#{digest(key)}"


def _text(times: tuple[float, ...]) -> str:
    return msgspec.json.encode(times).decode()
