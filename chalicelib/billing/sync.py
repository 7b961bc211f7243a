"""The mirror follows Stripe: an event is a hint, the object is read again, the newest ticket writes."""

from collections.abc import Callable, Collection
from typing import Protocol

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import guests
from chalicelib.billing import home as fold
from chalicelib.billing.errors import StillMoving
from chalicelib.billing.facts import CustomerFacts, Home, Preview, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.home import Fact
from chalicelib.billing.next_amount import inputs_fingerprint, needs_preview
from chalicelib.billing.ports import EventHint, Gateway, Mirror

TRIES = 3
# One call to Stripe each, within the time a function has.
REPAIRS = 100

# Type of the object an event carries → how it is read again (https://docs.stripe.com/api/events/types).
# An object that is not named here tells the portal nothing it shows.
KIND_OF_OBJECT = {
    "customer": "customer",
    "subscription": "subscription",
    "subscription_schedule": "schedule",
    "invoice": "bill",
    "payment_method": "card",
    "charge": "charge",
    "checkout.session": "session",
}
KIND_OF_PREFIX = {
    "cus_": "customer",
    "sub_sched_": "schedule",
    "sub_": "subscription",
    "pm_": "card",
    "in_": "bill",
    "ch_": "bill",
    "py_": "bill",
    "cs_": "bill",
}


MOVES_NEXT_AMOUNT = {"customer", "subscription", "schedule"}

# Whether a subscription, driven by this schedule or none, is a "plan" or a "subscription" when first seen.
Classify = Callable[[SubscriptionFacts, ScheduleFacts | None], str]


class Rights(Protocol):
    """Who may see which holder, kept by the access room: told whenever a customer's e-mail or visibility changes."""

    def customer_changed(self, before: CustomerFacts | None, after: CustomerFacts | None) -> None:
        """Take the holder out of the mailbox it left and put it into the one it now belongs to."""


class Sync:
    """Reads single objects again after an event, and everything of a holder when it is first needed."""

    def __init__(self, gateway: Gateway, mirror: Mirror, rights: Rights, classify: Classify) -> None:
        self._gateway = gateway
        self._mirror = mirror
        self._rights = rights
        self._classify = classify

    def follow(self, hint: EventHint) -> None:
        """Bring the mirror up to date with the object an event names. Raises StripeUnavailable to be tried again."""
        kind = KIND_OF_OBJECT.get(hint.object, "")
        object_id = hint.object_id
        if kind == "charge":
            kind, object_id = "bill", self._gateway.bill_of_charge(object_id)
        elif kind == "session":
            # a customer's purchase is told of by other events as well
            kind, object_id = "bill", "" if hint.customer else self._gateway.bill_of_session(object_id)
        if kind and object_id:
            self.refresh(kind, object_id)

    def refresh(self, kind: str, object_id: str) -> None:
        """Ticket, read, guarded write; a refused write means someone newer is at it: read again, three times.

        Raises StillMoving after that (the queue tries again), StripeUnavailable when Stripe cannot be read.
        """
        told: Fact | None = None
        for _ in range(TRIES):
            ticket = self._mirror.take_ticket(object_id)
            fact = self._read(kind, object_id)
            if kind == "customer":
                self._tell_rights(object_id, told, fact)
            if self._write(kind, object_id, fact, ticket):
                return
            told = fact
        raise StillMoving

    def fill(self, holder: str, address: str = "") -> float:
        """Read everything Stripe has of one holder into the mirror, once. What events stored meanwhile wins.

        `address` is how a guest was found, for Stripe compares letter by letter: what is listed under a spelling
        that is new to us is added later, too.
        Returns when the holder was last compared with everything (UTC epoch seconds).
        """
        home = self._mirror.home(holder, fresh=True)
        if home and home.compared_at:
            if guests.is_guest(holder) and address not in ("", guests.mailbox_of(holder), home.customer.email):
                self._mirror.fill(holder, self._purchases(holder, address))
            return home.compared_at
        now = clock.now()
        self._mirror.fill(holder, self.everything(holder, address))
        self._mirror.compared(holder, now)
        self._preview(holder)
        return now

    def repair(self, holder: str) -> tuple[str, ...]:
        """Refresh each object in which Stripe and the mirror differ. Returns the ids of all that did (drift).

        More than REPAIRS of them are left for the next time, which comes soon: the holder then counts as not compared.
        """
        now, differ = clock.now(), self.differences(holder)
        for object_id in differ[:REPAIRS]:
            self.refresh(kind_of_id(object_id), object_id)
        if len(differ) <= REPAIRS:
            self._mirror.compared(holder, now)
        return differ

    def differences(self, holder: str) -> tuple[str, ...]:
        """Ids of what the mirror has otherwise than the lists at Stripe, or has no longer there. Changes nothing."""
        home = self._mirror.home(holder, fresh=True) or fold.empty(holder)
        actual = {fact.id: fact for fact in self.everything(holder)}
        actual |= {bill.id: bill for bill in self._unlisted(home, actual)}
        drifted = [i for i, fact in actual.items() if not self._same(home, fact)]
        purchases = home.bills if guests.is_guest(holder) else ()
        known: tuple[Fact, ...] = (*home.subscriptions, *home.schedules, *home.cards, *purchases)
        gone = [fact.id for fact in known if fact.id not in actual]
        return (*drifted, *gone)

    def everything(self, holder: str, address: str = "") -> tuple[Fact, ...]:
        """All facts of one holder, by list calls."""
        if guests.is_guest(holder):
            return self._purchases(holder, address)
        customer = self._gateway.customer(holder)
        if customer is None:
            return ()
        schedules = {schedule.id: schedule for schedule in self._gateway.schedules_of(holder)}
        subscriptions = self._gateway.subscriptions_of(holder)
        return (
            customer,
            *(self._classed(fact, schedules.get(fact.schedule)) for fact in subscriptions),
            *schedules.values(),
            *self._gateway.cards_of(holder),
            *self._gateway.bills_of(holder),
        )

    def _purchases(self, guest: str, address: str) -> tuple[Bill, ...]:
        home = self._mirror.home(guest, fresh=True) or fold.empty(guest)
        spellings = dict.fromkeys((guests.mailbox_of(guest), address, home.customer.email))
        listed = self._gateway.bills_of_guest([spelling for spelling in spellings if spelling])
        return tuple(bill for bill in listed if bill.holder == guest)

    def _unlisted(self, home: Home, listed: Collection[str]) -> tuple[Bill, ...]:
        """A guest's latest purchases that no list at Stripe brings, read one by one."""
        known = [bill.id for bill in home.bills if guests.is_guest(home.holder) and bill.id not in listed]
        return tuple(bill for bill in map(self._gateway.bill, known) if bill)

    def _same(self, home: Home, fact: Fact) -> bool:
        if isinstance(fact, Bill):
            return self._mirror.bill(home.holder, fact.id) == fact
        stored = fold.fact(home, fact.id)
        if isinstance(stored, SubscriptionFacts) and isinstance(fact, SubscriptionFacts):
            return stored == replace(fact, first_seen_as=stored.first_seen_as)
        return stored == fact

    def _write(self, kind: str, object_id: str, fact: Fact | None, ticket: int) -> bool:
        if fact is None:
            return self._mirror.forget(object_id, ticket)
        if isinstance(fact, SubscriptionFacts):
            fact = self._classed(fact, self._gateway.schedule(fact.schedule) if fact.schedule else None)
        if isinstance(fact, Bill) and guests.is_guest(fact.holder) and guests.is_shown(fact):
            # before the write, as with customers
            self._rights.customer_changed(None, guests.as_customer(fact))
        written = self._mirror.write(fact, ticket)
        if written and kind in MOVES_NEXT_AMOUNT:
            self._preview(fold.holder_of(fact))
        return written

    def _read(self, kind: str, object_id: str) -> Fact | None:
        read: dict[str, Callable[[str], Fact | None]] = {
            "customer": self._gateway.customer,
            "subscription": self._gateway.subscription,
            "schedule": self._gateway.schedule,
            "card": self._gateway.card,
            "bill": self._gateway.bill,
        }
        return read[kind](object_id)

    def _classed(self, fact: SubscriptionFacts, schedule: ScheduleFacts | None) -> SubscriptionFacts:
        return replace(fact, first_seen_as=self._classify(fact, schedule))

    def _preview(self, holder: str) -> None:
        """Ask Stripe for next amounts that cannot be worked out, where the inputs changed since it was last asked."""
        home = self._mirror.home(holder, fresh=True)
        for wanted in missing_previews(home) if home else ():
            answer = self._gateway.preview(wanted.subscription)
            if answer:
                amount, currency, due = answer
                known = replace(wanted, amount=amount, currency=currency, due=due)
                self._mirror.write_preview(holder, known)

    def _tell_rights(self, holder: str, told: Fact | None, after: Fact | None) -> None:
        """Before the write, so that a crash cannot lose it; `told` is an older reading whose write was refused."""
        home = self._mirror.home(holder, fresh=True)
        known = home.customer if home and home.customer.email else None
        before = told if isinstance(told, CustomerFacts) else known
        self._rights.customer_changed(before, after if isinstance(after, CustomerFacts) else None)


def kind_of_id(object_id: str) -> str:
    """Which kind of object a Stripe id names (longest prefix wins)."""
    matches = [prefix for prefix in KIND_OF_PREFIX if object_id.startswith(prefix)]
    return KIND_OF_PREFIX[max(matches, key=len)]


def missing_previews(home: Home) -> tuple[Preview, ...]:
    """What Stripe must be asked: subscriptions whose next amount is not simple and whose inputs are new."""
    known = {(p.subscription, p.inputs) for p in home.previews}
    wanted = []
    for facts in home.subscriptions:
        schedule = next((s for s in home.schedules if s.id == facts.schedule), None)
        inputs = inputs_fingerprint(facts, home.customer, schedule)
        if needs_preview(facts, home.customer, schedule) and (facts.id, inputs) not in known:
            wanted.append(Preview(facts.id, inputs, 0, facts.currency, 0))
    return tuple(wanted)
