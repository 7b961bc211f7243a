"""Sign-in links and codes in DynamoDB. Only hashes are kept; who may use what is decided by conditional writes."""

import random
import time
from collections.abc import Callable

import msgspec
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.access.links import Code, Link, newest
from chalicelib.access.sessions import Opening
from chalicelib.errors import Busy
from chalicelib.storage.mailbox_reads import mailbox_key
from chalicelib.storage.mailboxes import GRACE, SessionRow, moment, session_row
from chalicelib.storage.table import Row, get, lost_a_condition, storage_errors, transaction_connection

TRIES = 5
ASK_KEPT = 86400


class LinkRow(Row):
    """pk `LINK#<hash of the token>`. `used` holds the session that used it."""

    mailbox = UnicodeAttribute()
    browser = UnicodeAttribute()
    next = UnicodeAttribute()
    expires = NumberAttribute()
    used = UnicodeAttribute(null=True)
    tries = NumberAttribute(null=True)


class CodeRow(Row):
    """pk `BROWSER#<hash of the binding cookie>`, sk `CODE`: the newest code of this browser."""

    digest = UnicodeAttribute()
    link = UnicodeAttribute()
    mailbox = UnicodeAttribute()
    expires = NumberAttribute()
    tries = NumberAttribute(null=True)


class LiveRow(Row):
    """pk `BROWSER#…`, sk `LIVE#<mailbox>`: ids and expiries of this pair's live links, as JSON."""

    links = UnicodeAttribute()


class AskRow(Row):
    """pk `ASK#<id>`: the link that answers one ask, and whether its mail went out."""

    link = UnicodeAttribute()
    mailed = BooleanAttribute(null=True)


class DynamoLinks:
    """LinkStore (see `access/links.py`) over the one table."""

    def find(self, link: str) -> Link | None:
        """One strong GetItem."""
        row = get(LinkRow, *_link_key(link))
        return Link(link, row.mailbox, row.browser, row.next, row.expires, row.used is not None) if row else None

    def issue(self, ask: str, link: Link, code: Code, now: float) -> bool:
        """Two reads and one transaction, which only holds if both rows read are unchanged."""
        answered = get(AskRow, *_ask_key(ask))
        if answered and answered.mailed:
            return False
        replaced = answered.link if answered else ""
        pair = (f"BROWSER#{link.browser}", f"LIVE#{link.mailbox}")
        before = get(LiveRow, *pair)
        had = _unpacked(before.links) if before else ()
        live = newest(tuple(one for one in had if one[0] != replaced), link, now)
        gone = {one for one, _ in had} - {one for one, _ in live}
        not_answered = AskRow.link == replaced if replaced else AskRow.pk.does_not_exist()
        unchanged = LiveRow.links == before.links if before else LiveRow.pk.does_not_exist()
        try:
            with storage_errors(), TransactWrite(connection=transaction_connection()) as together:
                together.save(_ask_row(ask, link, now), not_answered & AskRow.mailed.does_not_exist())
                together.save(LiveRow(*pair, links=_packed(live), ttl=moment(link.expires + GRACE)), unchanged)
                together.save(_link_row(link))
                together.save(_code_row(link.browser, code))
                for one in gone:
                    together.delete(LinkRow(*_link_key(one)))
        except TransactWriteError as error:
            if lost_a_condition(error):
                raise Busy from error
            raise
        return True

    def mailed(self, ask: str) -> None:
        """One update."""
        with storage_errors():
            AskRow(*_ask_key(ask)).update([AskRow.mailed.set(True)])

    def put_code(self, browser: str, code: Code) -> None:
        """One put."""
        with storage_errors():
            _code_row(browser, code).save()

    def find_code(self, browser: str) -> Code | None:
        """One strong GetItem."""
        row = get(CodeRow, *_code_key(browser))
        return Code(row.digest, row.link, row.mailbox, row.expires) if row else None

    def take_retype(self, link: str, most: int) -> bool:
        """One conditional update."""
        left = LinkRow.pk.exists() & (LinkRow.tries.does_not_exist() | (LinkRow.tries < most))
        return _took(lambda: LinkRow(*_link_key(link)).update([LinkRow.tries.add(1)], condition=left))

    def take_code_try(self, browser: str, code: Code, most: int) -> bool:
        """One conditional update; a newer code has tries of its own."""
        same = CodeRow.digest == code.digest
        left = same & (CodeRow.tries.does_not_exist() | (CodeRow.tries < most))
        return _took(lambda: CodeRow(*_code_key(browser)).update([CodeRow.tries.add(1)], condition=left))

    def redeem(self, link: str, now: float, opening: Opening) -> bool:
        """One transaction. Sessions that were touched at the same moment make it try again, a used link ends it."""
        unused = LinkRow.used.does_not_exist() & (LinkRow.expires > now)
        for attempt in range(TRIES):
            try:
                with storage_errors(), TransactWrite(connection=transaction_connection()) as together:
                    together.update(LinkRow(*_link_key(link)), [LinkRow.used.set(opening.session.id)], unused)
                    together.save(session_row(opening.ref, opening.session))
                    for ref, session in opening.ended:
                        together.delete(SessionRow(mailbox_key(ref), f"SESSION#{session}"))
                return True
            except TransactWriteError as error:
                if _refused(error):
                    return False
                if not lost_a_condition(error):
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 jitter, not a secret
        raise Busy


def _took(update: Callable[[], object]) -> bool:
    try:
        with storage_errors():
            update()
    except UpdateError as error:
        if lost_a_condition(error):
            return False
        raise
    return True


def _refused(error: TransactWriteError) -> bool:
    """By the condition itself, and not merely by another transaction at the same moment."""
    return any(reason and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons or [])


def _link_key(link: str) -> tuple[str, str]:
    return f"LINK#{link}", "LINK"


def _code_key(browser: str) -> tuple[str, str]:
    return f"BROWSER#{browser}", "CODE"


def _ask_key(ask: str) -> tuple[str, str]:
    return f"ASK#{ask}", "ASK"


def _link_row(link: Link) -> LinkRow:
    return LinkRow(
        *_link_key(link.id),
        mailbox=link.mailbox,
        browser=link.browser,
        next=link.next,
        expires=link.expires,
        ttl=moment(link.expires + GRACE),
    )


def _code_row(browser: str, code: Code) -> CodeRow:
    kept = moment(code.expires + GRACE)
    key = _code_key(browser)
    return CodeRow(*key, digest=code.digest, link=code.link, mailbox=code.mailbox, expires=code.expires, ttl=kept)


def _ask_row(ask: str, link: Link, now: float) -> AskRow:
    return AskRow(*_ask_key(ask), link=link.id, ttl=moment(now + ASK_KEPT))


def _packed(links: tuple[tuple[str, float], ...]) -> str:
    return msgspec.json.encode(links).decode()


def _unpacked(links: str) -> tuple[tuple[str, float], ...]:
    return msgspec.json.decode(links, type=tuple[tuple[str, float], ...])
