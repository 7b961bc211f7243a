"""Mails about cards that expire: handed over once, paced, checked again, sent at most once.

1. `begin` (daily) reads the cards due and makes each a pending notice: one row per mailbox, card, expiry and offset,
   which is never made twice. Only then the card moves on to its next day. Stopped anywhere, it can begin again.
2. `deliver` (a queue message each) reads the mirror again, takes the notice and calls SES. Of two deliveries one takes.
3. `sweep` enqueues notices that are still pending long after their time.

Until a notice is taken it is delivered as often as it needs: it arrives at least once. From taking it to writing down
SES's answer lies one call of which nobody can know, when the process dies in it, whether the mail is out. Then it is
not sent again: at most once. SES has no idempotency keys. An answer that says "not now" gives the notice back.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Protocol

from msgspec import Struct

from chalicelib import clock
from chalicelib.billing.inbox import Queue
from chalicelib.billing.ports import Mirror
from chalicelib.mail.mailer import Mailer, MailRefused, MailUnavailable, Message
from chalicelib.notices.expiry import day_at, next_day, offset_due
from chalicelib.notices.letter import letter
from chalicelib.notices.watching import Watched, expired_on
from chalicelib.settings.merchant import Settings

log = logging.getLogger(__name__)

# What SES gives an account out of its sandbox (inside it is 1 a second: the rest is refused and comes again later).
# https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html
SES_MAILS_A_SECOND = 14
# Sign-in links and confirmations must not wait for notices.
LEFT_FOR_OTHERS = 4
PACE = SES_MAILS_A_SECOND - LEFT_FOR_OTHERS
# A minute's worth of mails; a message begins the next round when this one's mails are out.
ROUND = 60 * PACE
SHARDS = range(16)
RETRY_AFTER = 180
# Longer than any function may run: whoever took the notice is no longer at it.
TAKEN_FOR = 900

LinkTo = Callable[[str], str]


class Notice(Struct, frozen=True):
    """One mail: about which expiry (see `Watched.expiry`), how many days before."""

    expiry: str
    days: int


class Notices(Protocol):
    """Watched cards by the day they are due, and notices by whether they went out."""

    def due(self, shard: int, day: date) -> Iterator[Watched]:
        """The cards of one shard whose next notice falls on this day or earlier, read a few at a time."""

    def make(self, notice: Notice, due: float) -> bool:
        """Remember a notice as pending, to be looked after at `due`. False if it was ever made before."""

    def move_on(self, card: Watched, day: date | None) -> None:
        """Its next notice falls on this day, or never. Nothing happens to a card no longer watched."""

    def cards(self, expiry: str) -> tuple[Watched, ...]:
        """The cards of this expiry that are watched now."""

    def is_pending(self, notice: Notice) -> bool:
        """Whether it is still to be sent."""

    def take(self, notice: Notice, until: float) -> bool:
        """Make a pending notice ours to send. False for everybody but the first."""

    def give_back(self, notice: Notice, due: float) -> None:
        """It was certainly not sent: pending again."""

    def finish(self, notice: Notice, outcome: str) -> None:
        """Nothing more is to be done: sent, needless, refused or unsure."""

    def overdue(self, now: float, limit: int) -> tuple[tuple[Notice, bool], ...]:
        """Notices whose time has passed, each with whether it was taken."""

    def postpone(self, notice: Notice, due: float) -> None:
        """Look after it again at `due`."""


class CardExpiring:
    """The notices about expiring cards."""

    def __init__(self, notices: Notices, mirror: Mirror, mailer: Mailer, queue: Queue) -> None:
        self._notices, self._mirror, self._mailer, self._queue = notices, mirror, mailer, queue

    def begin(self, settings: Settings) -> int:
        """Hand over the notices due today, or a round of them and the wish for the next. Gives how many."""
        now = clock.now()
        today = day_at(now, settings.time_zone)
        made = 0
        for shard in SHARDS:
            for card in self._notices.due(shard, today):
                made += self._hand_over(card, today, now, made // PACE)
                if made == ROUND:
                    self._queue.send({"kind": "card_notices"}, ROUND // PACE)
                    return made
        return made

    def deliver(self, notice: Notice, settings: Settings, link_to: LinkTo) -> None:
        """Send one notice if it still says something true. Raises MailUnavailable to be tried again."""
        if not self._notices.is_pending(notice):
            return
        message = self._letter(notice, settings, link_to)
        if message is None:
            self._notices.finish(notice, "needless")
        elif self._notices.take(notice, clock.now() + TAKEN_FOR):
            self._notices.finish(notice, self._send(notice, message))

    def sweep(self, now: float, limit: int = 100) -> int:
        """Enqueue overdue notices again, and close those whose sender died in the call to SES. Gives how many."""
        found = self._notices.overdue(now, limit)
        for number, (notice, taken) in enumerate(found):
            if taken:
                self._notices.finish(notice, "unsure")
                log.warning("a notice may not have been sent", extra={"expiry": notice.expiry, "days": notice.days})
            else:
                self._notices.postpone(notice, now + RETRY_AFTER)
                self._queue.send(message_of(notice), number // PACE)
        return len(found)

    def _hand_over(self, card: Watched, today: date, now: float, delay: int) -> bool:
        days = offset_due(card.expired_on, today)
        notice = Notice(card.expiry, days) if days is not None else None
        made = notice is not None and self._notices.make(notice, now + delay + RETRY_AFTER)
        if notice and made:
            self._queue.send(message_of(notice), delay)
        self._notices.move_on(card, next_day(card.expired_on, today))
        return made

    def _letter(self, notice: Notice, settings: Settings, link_to: LinkTo) -> Message | None:
        today = day_at(clock.now(), settings.time_zone)
        if offset_due(expired_on(notice.expiry), today) != notice.days:
            return None
        cards = self._notices.cards(notice.expiry)
        homes = {holder: self._mirror.home(holder, fresh=True) for holder in holders(cards)}
        known = [home for home in homes.values() if home]
        return letter(notice.expiry, cards, known, clock.now(), settings, link_to)

    def _send(self, notice: Notice, message: Message) -> str:
        try:
            self._mailer.send(message)
        except MailRefused:
            log.warning("a notice was refused", extra={"expiry": notice.expiry, "days": notice.days})
            return "refused"
        except MailUnavailable:
            self._notices.give_back(notice, clock.now() + RETRY_AFTER)
            raise
        return "sent"


def holders(cards: Iterable[Watched]) -> tuple[str, ...]:
    """Whose cards these are, each once."""
    return tuple(dict.fromkeys(card.holder for card in cards))


def message_of(notice: Notice) -> dict[str, object]:
    """The notice as a queue message."""
    return {"kind": "card_notice", "expiry": notice.expiry, "days": notice.days}
