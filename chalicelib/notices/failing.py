"""Which bills of a holder their owner is told about: what was to be taken by itself for an item, and could not be."""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.billing.bills import FAILED, has_failed, is_waiting, last_try
from chalicelib.billing.facts import Home, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.status import canceled_here, has_ended, schedule_of
from chalicelib.notices.watching import mailbox

# https://docs.stripe.com/api/subscriptions/object#subscription_object-cancellation_details-reason
UNPAID = "payment_failed"
# What one write of HOME can carry along; the rest begins with the next.
MOST = 8


class Changes(Struct, frozen=True):
    """What a write to HOME does: bills that begin to fail (each with the moment it did), and all that fail now."""

    begin: dict[str, int]
    failing: frozenset[str]


def failing(home: Home) -> tuple[Bill, ...]:
    """The bills their owner should hear of. Neither the clock nor the merchant's settings have a say in it."""
    customer = home.customer
    if customer.deleted or customer.hidden or not mailbox(customer.email):
        return ()
    items = {facts.id: facts for facts in home.subscriptions}
    tried = filter(_failed, home.bills)
    return tuple(bill for bill in tried if _is_collected(bill, items.get(bill.subscription), home))


def changes(known: Iterable[str], before: Home | None, home: Home, now: float) -> Changes:
    """From the bills known to fail before to those HOME gives now."""
    earlier, remembered = {bill.id: bill for bill in before.bills} if before else {}, frozenset(known)
    found = {bill.id: bill for bill in failing(home)}
    new = sorted(found.keys() - remembered)[:MOST]
    begin = {bill: first_failed(found[bill], earlier.get(bill), now) for bill in new}
    return Changes(begin, (remembered & found.keys()) | frozenset(new))


def first_failed(bill: Bill, before: Bill | None, now: float) -> int:
    """When a bill failed first (UTC epoch seconds). `before` is how it was known: a delayed payment fails days after
    it was made, so what was still processing failed now."""
    awaited = last_try(before) if before else None
    delayed = awaited if awaited and awaited.status == "processing" else None
    tries = [p.created for p in bill.payments if p.status in FAILED and not (delayed and p.created >= delayed.created)]
    if tries or delayed:
        return min(tries, default=int(now))
    return bill.issued or bill.created


def _failed(bill: Bill) -> bool:
    return is_waiting(bill) and bill.collection_method == "charge_automatically" and has_failed(bill)


def _is_collected(bill: Bill, facts: SubscriptionFacts | None, home: Home) -> bool:
    """Not a purchase nobody completed, and not what we said we take no more (see `cancel`).

    Stripe may have tried for the last time, and ended the item over it: the bill is still expected, and can be paid.
    """
    if facts is None or facts.status == "incomplete":
        return False
    if has_ended(facts):
        return facts.status == "canceled" and facts.ended_because == UNPAID
    leaving = facts.cancel_at_period_end or canceled_here(facts, schedule_of(facts, home.schedules))
    return bill.auto_advance or not leaving
