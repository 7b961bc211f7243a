"""Mails about bills that failed: one for each day the merchant set, while the bill is open, sent at most once.

1. The write to HOME that first shows a bill as failed puts it on the list, due at once (see `storage/failed_bills.py`).
2. `sweep` (every few minutes) reads what is due, works out which day it is, enqueues a message and notes when to look
   again. Nothing else is remembered, so a lost message is simply sent again.
3. `deliver` reads the list and the mirror again, takes the bill and calls SES. Of two deliveries one takes.

From taking it to writing down SES's answer lies one call of which nobody can know, when the process dies in it, whether
the mail is out: then it is not sent again, and the next day follows anyway (see `card_expiring.py`).
"""

import logging
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from chalicelib import clock, metrics
from chalicelib.billing.inbox import Queue
from chalicelib.billing.ports import Mirror
from chalicelib.mail.mailer import Mailer, MailRefused, MailUnavailable, Message
from chalicelib.notices.card_expiring import PACE, RETRY_AFTER, TAKEN_FOR, LinkTo
from chalicelib.notices.failed_letter import letter
from chalicelib.notices.reminder_days import day_due, next_moment
from chalicelib.settings.merchant import Settings

log = logging.getLogger(__name__)
# Half a minute's worth of mails.
ROUND = 30 * PACE


class Failed(Struct, frozen=True):
    """A failed bill on the list: when it failed first, the last day dealt with (-1: none), when to look at it (None:
    never), and the day that is being sent by somebody who is certainly over at `due`."""

    holder: str
    bill: str
    began: int
    settled: int = -1
    due: float | None = None
    taking: int | None = None


class FailedBills(Protocol):
    """The list of failed bills; HOME puts them on it."""

    def due(self, now: float, limit: int) -> tuple[Failed, ...]:
        """Those to be looked at now."""

    def find(self, holder: str, bill: str) -> Failed | None:
        """One of them as it is now."""

    def look_again(self, failed: Failed, due: float | None) -> None:
        """Look at it at `due`, or no more; nothing happens when it changed since it was read."""

    def take(self, failed: Failed, day: int, until: float) -> bool:
        """Make the mail of this day ours to send. False when it changed since it was read."""

    def give_back(self, failed: Failed, due: float) -> None:
        """It was certainly not sent: look at it again at `due`."""

    def settle(self, failed: Failed, day: int, outcome: str, due: float | None) -> None:
        """Nothing more is to be done for this day: sent, refused or unsure. The next one is at `due`, or none."""


class PaymentFailed:
    """The mails about failed bills."""

    def __init__(self, bills: FailedBills, mirror: Mirror, mailer: Mailer, queue: Queue) -> None:
        self._bills, self._mirror, self._mailer, self._queue = bills, mirror, mailer, queue

    def sweep(self, settings: Callable[[], Settings], now: float, limit: int = ROUND) -> int:
        """Enqueue the mails that are due, spread over time within SES's rate. Gives how many."""
        found, sent = self._bills.due(now, limit), 0
        for failed in found:
            sent += self._look(failed, settings(), now, sent // PACE)
        return sent

    def deliver(self, holder: str, bill: str, day: int, settings: Settings, link_to: LinkTo) -> None:
        """Send the mail of one day if it still says something true. Raises MailUnavailable to be tried again."""
        failed = self._bills.find(holder, bill)
        if failed is None or _day(failed, settings, clock.now()) != day:
            return
        home = self._mirror.home(holder, fresh=True)
        message = letter(home, bill, day, clock.now(), settings, link_to) if home else None
        if message is None:
            self._bills.look_again(failed, None)
        elif self._bills.take(failed, day, clock.now() + TAKEN_FOR):
            outcome = self._send(failed, message)
            self._bills.settle(failed, day, outcome, _next(failed, settings, clock.now()))

    def _look(self, failed: Failed, settings: Settings, now: float, delay: int) -> bool:
        if failed.taking is not None:
            log.warning("a mail may not have been sent", extra={"bill": failed.bill, "day": failed.taking})
            self._bills.settle(failed, failed.taking, "unsure", _next(failed, settings, now))
            return False
        day = _day(failed, settings, now)
        if day is None:
            self._bills.look_again(failed, _next(failed, settings, now))
            return False
        self._bills.look_again(failed, now + delay + RETRY_AFTER)
        self._queue.send(message_of(failed, day), delay)
        return True

    def _send(self, failed: Failed, message: Message) -> str:
        try:
            self._mailer.send(message)
        except MailRefused:
            log.warning("a mail was refused", extra={"bill": failed.bill})
            return "refused"
        except MailUnavailable:
            self._bills.give_back(failed, clock.now() + RETRY_AFTER)
            raise
        metrics.count("payment_failed_mails")
        return "sent"


def message_of(failed: Failed, day: int) -> dict[str, object]:
    """The mail of a day as a queue message."""
    return {"kind": "payment_failed", "holder": failed.holder, "bill": failed.bill, "day": day}


def _day(failed: Failed, settings: Settings, now: float) -> int | None:
    return day_due(failed.began, failed.settled, settings.payment_failed_days, now, settings.time_zone)


def _next(failed: Failed, settings: Settings, now: float) -> float | None:
    return next_moment(failed.began, settings.payment_failed_days, now, settings.time_zone)
