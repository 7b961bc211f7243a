"""Which cards of a holder are watched for their expiry: those that something will be charged to afterwards."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import takewhile

from msgspec import Struct

from chalicelib.billing.charged import charged_card
from chalicelib.billing.facts import CardFacts, Home, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.plan_dates import billing_dates
from chalicelib.billing.status import ends_at, period_end, schedule_of
from chalicelib.mail.addresses import BadAddress, deliverable
from chalicelib.notices.expiry import first_day_after, moment, next_day

CHARGING = {"active", "trialing", "past_due"}
# What one write can carry along; nobody pays with more.
MOST = 20


class Watched(Struct, frozen=True, order=True):
    """A saved card of a holder. `expiry` is the same for every copy of one card under one mailbox:
    the first day it is no longer good, and a hash of mailbox and fingerprint."""

    expiry: str
    holder: str
    card: str

    @property
    def expired_on(self) -> date:
        """The first day the card is no longer good."""
        return expired_on(self.expiry)


class Changes(Struct, frozen=True):
    """What a write to HOME does to the watched cards: some begin (with the day of their first notice), some end."""

    begin: dict[Watched, date]
    end: frozenset[Watched]
    watched: frozenset[Watched]


def expired_on(expiry: str) -> date:
    """The first day the cards of this expiry are no longer good."""
    return date.fromisoformat(expiry.partition("#")[0])


def watched(home: Home) -> frozenset[Watched]:
    """The cards of this holder whose expiry matters, the soonest first if there are too many."""
    customer = home.customer
    owner = mailbox(customer.email)
    if not owner or customer.deleted or customer.hidden:
        return frozenset()
    found = [_watched(home, owner, card) for card in home.cards]
    return frozenset(sorted(each for each in found if each)[:MOST])


def changes(before: Iterable[Watched], home: Home, today: date) -> Changes:
    """From the cards watched before to those HOME gives now. A card all of whose days are past is not begun with."""
    known, now = frozenset(before), watched(home)
    days = {each: next_day(each.expired_on, today - timedelta(days=1)) for each in now - known}
    begin = {each: day for each, day in days.items() if day}
    return Changes(begin, known - now, (known & now) | frozenset(begin))


def mailbox(address: str) -> str:
    """Whom mails to this address reach, in one spelling; "" when none can be sent there."""
    try:
        return deliverable(address).lower()
    except BadAddress:
        return ""


def items_charged_after(home: Home, card: CardFacts) -> tuple[SubscriptionFacts, ...]:
    """What goes on being charged to this card after it has expired."""
    day = first_day_after(card)
    if day is None:
        return ()
    return tuple(
        facts
        for facts in home.subscriptions
        if charged_card(facts, home)[0] == card.id
        and is_charged_after(facts, schedule_of(facts, home.schedules), moment(day))
    )


def is_charged_after(facts: SubscriptionFacts, schedule: ScheduleFacts | None, when: int) -> bool:
    """Whether a charge comes by itself at `when` (UTC epoch seconds) or later."""
    start, end = period_end(facts), ends_at(facts, schedule)
    stands_still = facts.collection_paused and facts.resumes_at is None
    if facts.status not in CHARGING or facts.collection_method != "charge_automatically" or stands_still:
        return False
    if start is None or end is None:
        return start is not None
    price = facts.items[0].price
    dates = billing_dates(start, facts.anchor or facts.started, price.interval or "month", price.interval_count)
    return any(due >= when for due in takewhile(lambda due: due < end, dates))


def _watched(home: Home, owner: str, card: CardFacts) -> Watched | None:
    day = first_day_after(card)
    if day is None or not items_charged_after(home, card):
        return None
    same = hashlib.sha256(f"{owner} {card.fingerprint or card.id}".encode()).hexdigest()[:32]
    return Watched(f"{day.isoformat()}#{same}", home.holder, card.id)
