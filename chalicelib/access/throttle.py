"""How often things may happen: sign-in mails, codes, look-ups, cards. A flood never locks the owner out."""

import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from chalicelib import clock
from chalicelib.access import tokens
from chalicelib.errors import Busy

log = logging.getLogger(__name__)

TRIES = 4
YEAR = 365 * 86400


class Limit(Struct, frozen=True):
    """At most `most` times in any `seconds`."""

    most: int
    seconds: int


MAILS = (Limit(1, 60), Limit(5, 3600), Limit(10, 86400))
NETWORK = (Limit(20, 3600),)
CODES = (Limit(10, 86400),)
STACK_PER_MINUTE = 120
LANES = {"any": 3, "known": 2}
LONGEST_WAIT = 4
MOMENT = 1.0


class Counters(Protocol):
    """Where it is written down how often things happened."""

    def times(self, key: str) -> tuple[float, ...] | None:
        """The moments kept under `key`, or None when nothing is (strongly consistent)."""

    def replace(self, key: str, old: tuple[float, ...] | None, new: tuple[float, ...], until: float) -> bool:
        """Write `new` if `old` is still what is kept; it may be swept after `until`."""

    def count(self, key: str, until: float) -> int:
        """Add one atomically and give the sum; it may be swept after `until`."""


class Throttle:
    """Exact sliding windows: the moments themselves are kept, so no window's edge can be played."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def admits(self, source: str) -> bool:
        """May this IP address ask for anything at all now? One network's flood does not count against the stack."""
        return self.allow(f"network:{network_of(source)}", NETWORK) and self._below_ceiling()

    def knows(self, mailbox: str, browser: str) -> bool:
        """Did this browser (its digest) sign in to this mailbox (its ref) before?"""
        return self._counters.times(_pair(mailbox, browser)) is not None

    def may_mail(self, mailbox: str, browser: str, known: bool) -> bool:
        """May this request lead to a mail? A known browser has a count of its own, out of reach of any flood.

        The same calls are made whatever the answer is: they tell nothing about the mailbox.
        """
        if known:
            return self.allow(_pair(mailbox, browser), MAILS, keep=YEAR)
        return self.allow(f"mails:{mailbox}", MAILS)

    def remember(self, mailbox: str, browser: str) -> None:
        """This browser signed in to this mailbox: it gets its own count from now on, for a year."""
        self._counters.replace(_pair(mailbox, browser), None, (), clock.now() + YEAR)

    def allow(self, key: str, limits: tuple[Limit, ...], keep: float = 0) -> bool:
        """Count one more under `key` unless that breaks a limit."""
        return not self.wait(key, limits, keep)

    def wait(self, key: str, limits: tuple[Limit, ...], keep: float = 0) -> float:
        """Count one more under `key` and give 0; if that breaks a limit, the seconds until it no longer would."""
        longest = max(limit.seconds for limit in limits)
        for _ in range(TRIES):
            now = clock.now()
            old = self._counters.times(key)
            recent = tuple(t for t in old or () if now - t < longest)
            wait = max(_seconds_left(recent, limit, now) for limit in limits)
            new = recent if wait else (*recent, now)
            if self._counters.replace(key, old, new, now + max(longest, keep)):
                return wait
        return MOMENT

    def give_back(self, key: str) -> None:
        """Take the latest count under `key` back."""
        for _ in range(TRIES):
            old = self._counters.times(key)
            if not old or self._counters.replace(key, old, old[:-1], clock.now() + CODES[0].seconds):
                return

    def _below_ceiling(self) -> bool:
        now = clock.now()
        asked = self._counters.count(f"stack:{int(now // 60)}", now + 3600)
        if asked == STACK_PER_MINUTE + 1:
            log.warning("sign-in ceiling reached", extra={"metric": "SignInCeiling", "per_minute": STACK_PER_MINUTE})
        return asked <= STACK_PER_MINUTE


class Pace:
    """At most five look-ups at Stripe a second per stack. Two of them are kept for mailboxes we know."""

    def __init__(self, counters: Counters, sleep: Callable[[float], None] = time.sleep) -> None:
        self._counters, self._sleep = counters, sleep

    def wait(self, known: bool) -> None:
        """Return when the look-up may be made. Raises Busy when that takes longer than a few seconds."""
        now = clock.now()
        lanes = ("known", "any") if known else ("any",)
        for ahead in range(LONGEST_WAIT):
            second = int(now) + ahead
            if any(self._counters.count(f"look-ups:{lane}:{second}", second + 60) <= LANES[lane] for lane in lanes):
                self._sleep(max(0.0, second - now))
                return
        raise Busy


def network_of(source: str) -> str:
    """The part of an IP address one household or office shares: IPv4 whole, IPv6 its /64 (RFC 6177)."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


def _seconds_left(moments: tuple[float, ...], limit: Limit, now: float) -> float:
    """How long until there is room for one more; 0 when there is."""
    within = sorted(t for t in moments if now - t < limit.seconds)
    return max(within[-limit.most] + limit.seconds - now, MOMENT) if len(within) >= limit.most else 0


def _pair(mailbox: str, browser: str) -> str:
    return "pair:" + tokens.digest(f"{mailbox} {browser}")
