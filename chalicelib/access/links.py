"""Sign-in links and codes: what is kept of them, and how a new pair is made. `entrance` lets people in by them."""

from typing import Protocol

from msgspec import Struct

from chalicelib import clock
from chalicelib.access import tokens
from chalicelib.access.sessions import Opening

LIFE = 15 * 60
LIVE_PER_BROWSER = 3
RETYPES = 3
CODE_TRIES = 5


class Link(Struct, frozen=True):
    """One mailed link: for which mailbox, asked from which browser (digest), where it leads, until when."""

    id: str
    mailbox: str
    browser: str
    next: str
    expires: float
    used: bool = False

    def works(self, now: float) -> bool:
        """True while it is unused and its 15 minutes are not over."""
        return not self.used and now < self.expires


class Code(Struct, frozen=True):
    """The newest code mailed for one browser. It opens `link`; with a link that never was, it opens nothing."""

    digest: str
    link: str
    mailbox: str
    expires: float


class Secrets(Struct, frozen=True):
    """What goes into the mail and nowhere else."""

    token: str
    code: str


class LinkStore(Protocol):
    """Where links and codes are kept. Every method that changes something is one conditional write."""

    def find(self, link: str) -> Link | None:
        """The link with this id, used or expired or not (strongly consistent)."""

    def issue(self, ask: str, link: Link, code: Code, now: float) -> bool:
        """Store a link and its code as the answer to `ask`, in one transaction.

        Of one mailbox and browser the three newest live links stay. A repeated `ask` replaces the link it had, unless
        its mail went out: then nothing is written and the answer is False. Raises Busy when another is at it.
        """

    def mailed(self, ask: str) -> None:
        """The mail for `ask` went out; it is never answered again."""

    def put_code(self, browser: str, code: Code) -> None:
        """Make `code` the newest of this browser."""

    def find_code(self, browser: str) -> Code | None:
        """The newest code of this browser (strongly consistent)."""

    def take_retype(self, link: str, most: int) -> bool:
        """Use one of the `most` tries to retype the address."""

    def take_code_try(self, browser: str, code: Code, most: int) -> bool:
        """Use one of the `most` tries of this very code."""

    def redeem(self, link: str, now: float, opening: Opening) -> bool:
        """Mark the link used if it is unused and unexpired, and begin the session, in one transaction."""


class Desk:
    """Hands out links and codes."""

    def __init__(self, store: LinkStore) -> None:
        self._store = store

    def issue(self, ask: str, mailbox: str, browser: str, next_path: str) -> Secrets | None:
        """A new link and code for a mailbox (its ref), or None when this `ask` was answered before. Raises Busy."""
        now = clock.now()
        secrets = Secrets(tokens.new_token(), tokens.new_code())
        link = Link(tokens.digest(secrets.token), mailbox, browser, next_path, now + LIFE)
        code = Code(tokens.code_digest(secrets.code, browser), link.id, mailbox, link.expires)
        return secrets if self._store.issue(ask, link, code, now) else None

    def mailed(self, ask: str) -> None:
        """The mail for `ask` went out."""
        self._store.mailed(ask)

    def issue_nothing(self, mailbox: str, browser: str) -> None:
        """For an unknown address: a code nobody has, so that trying codes behaves the same as for a known one."""
        never = tokens.digest(tokens.new_token())
        self._store.put_code(browser, Code(never, never, mailbox, clock.now() + LIFE))


def newest(live: tuple[tuple[str, float], ...], link: Link, now: float) -> tuple[tuple[str, float], ...]:
    """The (id, expiry) of links that stay live when `link` joins those of its mailbox and browser, oldest first."""
    others = [(other, expires) for other, expires in live if now < expires and other != link.id]
    return (*others[-(LIVE_PER_BROWSER - 1) :], (link.id, link.expires))
