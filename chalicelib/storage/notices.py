"""Notices about expiring cards in DynamoDB: rows `NOTICE#<days>` beside those of the card (see `watched.py`)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.notices.card_expiring import Notice
from chalicelib.notices.expiry import moment
from chalicelib.notices.watching import Watched, expired_on
from chalicelib.storage.table import Row, get, lost_a_condition, storage_errors
from chalicelib.storage.watched import CARD, CardRow, card_key, card_of, expiry_of, partition, shard_name

# Few, so that a job stopped half way has read little for nothing.
PAGE = 20
KEPT = timedelta(days=120)
NOTICE = "NOTICE#"


class NoticeRow(Row):
    """One notice: pending, taken or done. It outlives the card's row, so that none is made twice."""

    state = UnicodeAttribute()
    outcome = UnicodeAttribute(null=True)


class DynamoNotices:
    """Notices (see `notices/card_expiring.py`) over the one table."""

    def due(self, shard: int, day: date) -> Iterator[Watched]:
        """One Query per page; the next page only when this one is used up."""
        rows = CardRow.due_index.query(shard_name(shard), CardRow.due <= moment(day), page_size=PAGE)
        while True:
            with storage_errors():
                row = next(rows, None)
            if row is None:
                return
            yield card_of(row.pk, row.sk)

    def make(self, notice: Notice, due: float) -> bool:
        """One conditional put."""
        row = _notice(notice, "pending", due)
        try:
            with storage_errors():
                row.save(condition=NoticeRow.pk.does_not_exist())
        except PutError as error:
            if lost_a_condition(error):
                return False
            raise
        return True

    def move_on(self, card: Watched, day: date | None) -> None:
        """One conditional update; after the last day the row leaves the index."""
        actions: list[Action] = [CardRow.due.set(moment(day))] if day else []
        if day is None:
            actions = [CardRow.due_kind.remove(), CardRow.due.remove()]
        _changed(CardRow(*card_key(card)), actions, CardRow.pk.exists())

    def cards(self, expiry: str) -> tuple[Watched, ...]:
        """One strongly consistent Query."""
        with storage_errors():
            rows = CardRow.query(partition(expiry), CardRow.sk.startswith(CARD), consistent_read=True)
            return tuple(card_of(row.pk, row.sk) for row in rows)

    def is_pending(self, notice: Notice) -> bool:
        """One strongly consistent read."""
        found = get(NoticeRow, *_notice_key(notice))
        return found is not None and found.state == "pending"

    def take(self, notice: Notice, until: float) -> bool:
        """One conditional update."""
        actions: list[Action] = [NoticeRow.state.set("taken"), NoticeRow.due.set(until)]
        return _changed(NoticeRow(*_notice_key(notice)), actions, NoticeRow.state == "pending")

    def give_back(self, notice: Notice, due: float) -> None:
        """One conditional update."""
        actions: list[Action] = [NoticeRow.state.set("pending"), NoticeRow.due.set(due)]
        _changed(NoticeRow(*_notice_key(notice)), actions, NoticeRow.state == "taken")

    def finish(self, notice: Notice, outcome: str) -> None:
        """Out of the due index; the row stays."""
        actions: list[Action] = [NoticeRow.state.set("done"), NoticeRow.outcome.set(outcome)]
        actions += [NoticeRow.due_kind.remove(), NoticeRow.due.remove()]
        with storage_errors():
            NoticeRow(*_notice_key(notice)).update(actions)

    def overdue(self, now: float, limit: int) -> tuple[tuple[Notice, bool], ...]:
        """By the sparse due index."""
        with storage_errors():
            keys = [(r.pk, r.sk) for r in NoticeRow.due_index.query("notice", NoticeRow.due <= now, limit=limit)]
            rows = tuple(NoticeRow.batch_get(keys)) if keys else ()
        return tuple((_notice_of(row), row.state == "taken") for row in rows if row.state != "done")

    def postpone(self, notice: Notice, due: float) -> None:
        """Only the due time moves, and only while it is pending."""
        _changed(NoticeRow(*_notice_key(notice)), [NoticeRow.due.set(due)], NoticeRow.state == "pending")


def _notice_key(notice: Notice) -> tuple[str, str]:
    return partition(notice.expiry), f"{NOTICE}{notice.days}"


def _notice(notice: Notice, state: str, due: float) -> NoticeRow:
    kept = datetime.fromtimestamp(moment(expired_on(notice.expiry)), UTC) + KEPT
    return NoticeRow(*_notice_key(notice), state=state, due_kind="notice", due=due, ttl=kept)


def _notice_of(row: NoticeRow) -> Notice:
    return Notice(expiry_of(row.pk), int(row.sk.removeprefix(NOTICE)))


def _changed(row: Row, actions: list[Action], condition: Condition) -> bool:
    try:
        with storage_errors():
            row.update(actions, condition=condition)
    except UpdateError as error:
        if lost_a_condition(error):
            return False
        raise
    return True
