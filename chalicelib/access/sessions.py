"""Sessions and what they may see right now. One strongly consistent read answers both."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from chalicelib import clock
from chalicelib.access import addresses, tokens
from chalicelib.access.mailboxes import Mailbox, MailboxReader, Session
from chalicelib.errors import SignInNeeded

IDLE = 30 * 60
STAMP_EVERY = 5 * 60
LONGEST = 8 * 3600
KEPT = 8


class Visit(Struct, frozen=True):
    """A live session: whose mailbox it is and which holders that mailbox may see at this moment."""

    mailbox: str
    holders: tuple[str, ...]
    session: str
    csrf: str

    @property
    def ref(self) -> str:
        """What stands for the mailbox in keys, cookies and logs."""
        return addresses.ref(self.mailbox)

    def owns_token(self, token: str) -> bool:
        """True when `token` is this session's form token (constant time)."""
        return tokens.same(token, self.csrf)


class Opening(Struct, frozen=True):
    """A session about to begin: the cookie that will prove it, its record, and the sessions that end with it."""

    ref: str
    cookie: str
    session: Session
    ended: tuple[tuple[str, str], ...]


class SessionStore(Protocol):
    """Where sessions are kept; they begin in the transaction that uses up a link (`LinkStore.redeem`)."""

    def touch(self, ref: str, session: str, seen: float) -> bool:
        """Stamp a session as just seen, if it is still there."""

    def end(self, ref: str, session: str) -> None:
        """Remove one session."""

    def end_all(self, ref: str) -> None:
        """Raise the mailbox's epoch, which ends every session at once, then remove them."""


class Sessions:
    """Tells who is asking, and signs out."""

    def __init__(self, mailboxes: MailboxReader, store: Callable[[], SessionStore]) -> None:
        """`store` is asked for when a session is written: most pages only read."""
        self._mailboxes, self._store = mailboxes, store

    def visit(self, cookie: str) -> Visit:
        """The live session a cookie proves, with the holders its mailbox has at this moment. Raises SignInNeeded."""
        ref, _, token = cookie.partition(".")
        mailbox = self._mailboxes.open(ref) if len(ref) == 64 and tokens.is_token(token) else None
        if mailbox is None or not mailbox.holders:
            raise SignInNeeded
        now = clock.now()
        session = _live(mailbox, tokens.digest(token), now)
        if now - session.seen >= STAMP_EVERY and not self._store().touch(ref, session.id, now):
            raise SignInNeeded
        holders = tuple(holder.id for holder in mailbox.holders)
        return Visit(mailbox.address, holders, session.id, tokens.form_token(token))

    def end(self, visit: Visit) -> None:
        """Sign out here."""
        self._store().end(visit.ref, visit.session)

    def end_everywhere(self, visit: Visit) -> None:
        """Sign out in every browser, at once."""
        self._store().end_all(visit.ref)


def opening(mailbox: Mailbox, replaced: Visit | None = None) -> Opening:
    """A new session of `mailbox` with a new id, ending the one it replaces and, beyond eight, the oldest."""
    now, token = clock.now(), tokens.new_token()
    session = Session(tokens.digest(token), now, now, now + LONGEST, mailbox.epoch)
    live = sorted((s for s in mailbox.sessions if is_live(s, mailbox.epoch, now)), key=lambda s: s.created)
    kept = {s.id for s in live[-(KEPT - 1) :]}
    ended = [(mailbox.ref, s.id) for s in mailbox.sessions if s.id not in kept]
    if replaced:
        ended.append((replaced.ref, replaced.session))
    return Opening(mailbox.ref, f"{mailbox.ref}.{token}", session, tuple(dict.fromkeys(ended)))


def is_live(session: Session, epoch: int, now: float) -> bool:
    """True until it was idle for 30 minutes, lasted 8 hours, or the mailbox was signed out everywhere."""
    return session.epoch == epoch and now - session.seen < IDLE and now < session.ends


def _live(mailbox: Mailbox, session_id: str, now: float) -> Session:
    for session in mailbox.sessions:
        if tokens.same(session.id, session_id) and is_live(session, mailbox.epoch, now):
            return session
    raise SignInNeeded
