"""A holder's HOME as a pure fold: one fact in, the next HOME out."""

from typing import TypeVar

from msgspec.structs import replace

from chalicelib.billing import guests
from chalicelib.billing.facts import CardFacts, CustomerFacts, Home, Preview, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill

Fact = SubscriptionFacts | ScheduleFacts | CardFacts | CustomerFacts | Bill
Kept = TypeVar("Kept", SubscriptionFacts, ScheduleFacts, CardFacts)

RECENT = 10
PLAN_LENGTH = 120
OPEN = {"open", "uncollectible", "draft"}
FIRST = "subscription_create"
# How long what events brought is trusted before everything Stripe lists of a holder is read again.
COMPARE_EVERY = 7 * 86400


def empty(holder: str) -> Home:
    """The HOME of a holder of whom nothing is known yet."""
    return Home(holder=holder, customer=CustomerFacts(id=holder, email="", name="", created=0))


def holder_of(fact: Fact) -> str:
    """Whose HOME the fact belongs to."""
    if isinstance(fact, CustomerFacts):
        return fact.id
    return fact.holder if isinstance(fact, Bill) else fact.customer


def with_fact(home: Home, fact: Fact) -> Home:
    """`home` with this fact in place of what was known of the same object."""
    match fact:
        case CustomerFacts():
            return replace(home, customer=fact)
        case SubscriptionFacts():
            return replace(home, subscriptions=_put(home.subscriptions, _remember_class(home, fact)))
        case ScheduleFacts():
            return replace(home, schedules=_put(home.schedules, fact))
        case CardFacts():
            return replace(home, cards=_put(home.cards, fact))
        case Bill():
            return _with_bill(home, fact)


def without(home: Home, object_id: str) -> Home:
    """`home` after Stripe no longer has this object; a deleted customer stays as a mark."""
    if object_id == home.holder:
        return replace(home, customer=replace(home.customer, deleted=True))
    return replace(
        home,
        subscriptions=tuple(s for s in home.subscriptions if s.id != object_id),
        schedules=tuple(s for s in home.schedules if s.id != object_id),
        cards=tuple(c for c in home.cards if c.id != object_id),
        bills=tuple(b for b in home.bills if b.id != object_id),
    )


def compare_at(home: Home) -> float | None:
    """When to compare a holder with Stripe's lists (UTC epoch seconds): at once if it never was, or never (None)."""
    if home.customer.deleted or guests.is_guest(home.holder):
        return None
    return home.compared_at + COMPARE_EVERY if home.compared_at else 0.0


def with_preview(home: Home, preview: Preview) -> Home:
    """`home` with Stripe's own figure for the next invoice of one subscription."""
    others = tuple(p for p in home.previews if p.subscription != preview.subscription)
    return replace(home, previews=(*others, preview))


def fact(home: Home, object_id: str) -> Fact | None:
    """What HOME holds of one object, or None."""
    if object_id == home.holder:
        return home.customer
    known: tuple[Fact, ...] = (*home.subscriptions, *home.schedules, *home.cards, *home.bills)
    return next((f for f in known if f.id == object_id), None)


def _put(known: tuple[Kept, ...], fact: Kept) -> tuple[Kept, ...]:
    by_id = {f.id: f for f in known} | {fact.id: fact}
    return tuple(by_id[object_id] for object_id in sorted(by_id))


def _remember_class(home: Home, fact: SubscriptionFacts) -> SubscriptionFacts:
    before = next((s for s in home.subscriptions if s.id == fact.id), None)
    return replace(fact, first_seen_as=before.first_seen_as) if before and before.first_seen_as else fact


def _with_bill(home: Home, bill: Bill) -> Home:
    others = tuple(b for b in home.bills if b.id != bill.id)
    shown = filter(guests.is_shown, (*others, bill.short()))
    newest = sorted(shown, key=lambda b: (b.created, b.id), reverse=True)
    plans = {s.id for s in home.subscriptions if s.instalments or "plan" in (s.first_seen_as, s.mark)}
    kept = _kept(newest, plans)
    customer = guests.buyer(home.customer, bill) if guests.is_guest(home.holder) else home.customer
    return replace(home, customer=customer, bills=kept, more_bills=home.more_bills or len(kept) < len(newest))


def _kept(newest: list[Bill], plans: set[str]) -> tuple[Bill, ...]:
    """Open bills all; of each item the latest few, of plans enough for the whole instalment table."""
    seen: dict[str, int] = {}
    kept = []
    for bill in newest:
        seen[bill.item] = seen.get(bill.item, 0) + 1
        limit = PLAN_LENGTH if bill.item in plans else RECENT
        if _wanted(bill) or seen[bill.item] <= limit:
            kept.append(bill)
    return tuple(kept)


def _wanted(bill: Bill) -> bool:
    """Kept however old: what may still be paid, and the purchase itself."""
    return bill.reason == FIRST or bill.status in OPEN
