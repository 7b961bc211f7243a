"""The door: a link or a code, and what proves that its owner is the one standing here, open a session."""

import logging

from msgspec import Struct

from chalicelib import clock, metrics
from chalicelib.access import addresses, tokens
from chalicelib.access.links import CODE_TRIES, RETYPES, Code, Link, LinkStore
from chalicelib.access.mailboxes import MailboxStore
from chalicelib.access.sessions import Visit, opening
from chalicelib.access.throttle import CODES, Throttle
from chalicelib.errors import PortalError
from chalicelib.mail.addresses import BadAddress

log = logging.getLogger(__name__)


class LinkOver(PortalError):
    """Expired, used, mistyped, foreign or made up: all the same to the person asking."""

    status = 410
    title = "This link or code doesn’t work any more"
    say = "Links and codes work once, for 15 minutes. Nothing is wrong with your account; just ask for a new one."


class AddressNeeded(PortalError):
    """The link was not asked for in this browser: its owner retypes the address. `wrong` after a try that failed."""

    status = 200
    title = "One more step"
    say = "Please type the e-mail address the link was sent to."

    def __init__(self, wrong: bool = False) -> None:
        super().__init__()
        self.wrong = wrong


class OtherVisit(PortalError):
    """Somebody else is signed in in this browser; they are asked before they are signed out."""

    status = 200
    title = "You’re already signed in"
    say = "Going on signs you out of the account that is open in this browser."


class Arrival(Struct, frozen=True):
    """A browser at the door: its binding cookie, who is signed in there, and whether that may be replaced."""

    browser: str
    visit: Visit | None = None
    replace: bool = False


class Opened(Struct, frozen=True):
    """The session cookie to set ("" when the session that is there stays) and the path to go to."""

    cookie: str
    next: str


class Entrance:
    """Lets people in by link or by code. A token alone never opens a session."""

    def __init__(self, mailboxes: MailboxStore, links: LinkStore, throttle: Throttle) -> None:
        self._mailboxes, self._links, self._throttle = mailboxes, links, throttle

    def by_link(self, token: str, arrival: Arrival, retyped: str = "") -> Opened:
        """One click in the browser that asked; elsewhere the address has to be retyped, three tries a link.

        Raises LinkOver, AddressNeeded, OtherVisit; the latter two have spent nothing.
        """
        link = self._links.find(tokens.digest(token)) if tokens.is_token(token) else None
        if link is None:
            raise LinkOver
        if not link.works(clock.now()):
            return _already_in(link, arrival)
        _ask_before_replacing(link.mailbox, arrival)
        if not tokens.same(tokens.digest(arrival.browser), link.browser):
            self._check_retyped(link, retyped)
        return self._enter(link, arrival)

    def by_code(self, typed: str, arrival: Arrival) -> Opened:
        """The six digits, only in the browser that asked; five tries a code, ten wrong ones a day for a mailbox.

        Raises LinkOver, OtherVisit.
        """
        browser, digits = tokens.digest(arrival.browser), tokens.plain_code(typed)
        code = self._links.find_code(browser) if digits else None
        if code is None or clock.now() >= code.expires:
            raise LinkOver
        _ask_before_replacing(code.mailbox, arrival)
        if not self._is_right(code, digits, browser):
            raise LinkOver
        link = self._links.find(code.link)
        if link is None:
            raise LinkOver
        return self._enter(link, arrival) if link.works(clock.now()) else _already_in(link, arrival)

    def _check_retyped(self, link: Link, retyped: str) -> None:
        """A scanner that sends the form empty or with nonsense spends no try."""
        if not retyped.strip():
            raise AddressNeeded
        try:
            ref = addresses.ref(addresses.canonical(retyped))
        except BadAddress:
            raise AddressNeeded(wrong=True) from None
        if not self._links.take_retype(link.id, RETYPES):
            raise LinkOver
        if not tokens.same(ref, link.mailbox):
            raise AddressNeeded(wrong=True)

    def _is_right(self, code: Code, digits: str, browser: str) -> bool:
        """Every try is counted before it is judged; only a right one is given back to the mailbox's day."""
        day = f"codes:{code.mailbox}"
        if not self._links.take_code_try(browser, code, CODE_TRIES) or not self._throttle.allow(day, CODES):
            return False
        right = tokens.same(tokens.code_digest(digits, browser), code.digest)
        if right:
            self._throttle.give_back(day)
        return right

    def _enter(self, link: Link, arrival: Arrival) -> Opened:
        mailbox = self._mailboxes.open(link.mailbox)
        if mailbox is None or not mailbox.holders:
            raise LinkOver
        beginning = opening(mailbox, replaced=arrival.visit)
        if not self._links.redeem(link.id, clock.now(), beginning):
            raise LinkOver
        self._throttle.remember(link.mailbox, tokens.digest(arrival.browser))
        metrics.count("sign_ins")
        log.info("signed in", extra={"mailbox": link.mailbox[:12]})
        return Opened(beginning.cookie, link.next)


def _already_in(link: Link, arrival: Arrival) -> Opened:
    """A link pressed twice leads on when the session it opened, or another of the same mailbox, is there."""
    if arrival.visit and arrival.visit.ref == link.mailbox:
        return Opened("", link.next)
    raise LinkOver


def _ask_before_replacing(mailbox: str, arrival: Arrival) -> None:
    if arrival.visit and arrival.visit.ref != mailbox and not arrival.replace:
        raise OtherVisit
