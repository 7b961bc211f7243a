"""The mirror follows Stripe: an event is a hint, the object is read again, the newest ticket writes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from chalicelib.billing import home as fold
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.billing.facts import Bill, CustomerFacts, Home, SubscriptionFacts
from chalicelib.billing.home import Fact
from chalicelib.billing.ports import EventHint, Gateway, Mirror

TRIES = 3

# Type of the object an event carries → how it is read again (https://docs.stripe.com/api/events/types).
# An object that is not named here tells the portal nothing it shows.
KIND_OF_OBJECT = {
    "customer": "customer",
    "subscription": "subscription",
    "subscription_schedule": "schedule",
    "invoice": "bill",
    "payment_method": "card",
    "charge": "charge",
}
KIND_OF_PREFIX = {
    "cus_": "customer",
    "sub_sched_": "schedule",
    "sub_": "subscription",
    "pm_": "card",
    "in_": "bill",
    "ch_": "bill",
    "py_": "bill",
}


class Rights(Protocol):
    """Who may see which holder, kept by the access room: told whenever a customer's e-mail or visibility changes."""

    def customer_changed(self, before: CustomerFacts | None, after: CustomerFacts | None) -> None:
        """Take the holder out of the mailbox it left and put it into the one it now belongs to."""


class Sync:
    """Reads single objects again after an event, and everything of a holder when it is first needed."""

    def __init__(
        self, gateway: Gateway, mirror: Mirror, rights: Rights, first_class: Callable[[SubscriptionFacts], str]
    ) -> None:
        self._gateway = gateway
        self._mirror = mirror
        self._rights = rights
        self._first_class = first_class

    def follow(self, hint: EventHint) -> None:
        """Bring the mirror up to date with the object an event names. Raises StripeUnavailable to be tried again."""
        kind = KIND_OF_OBJECT.get(hint.object, "")
        object_id = hint.object_id
        if kind == "charge":
            kind, object_id = "bill", self._gateway.bill_of_charge(object_id)
        if kind and object_id:
            self.refresh(kind, object_id)

    def refresh(self, kind: str, object_id: str) -> None:
        """Ticket, read, guarded write; a refused write means someone newer is at it: read again, three times."""
        for _ in range(TRIES):
            if self._refresh_once(kind, object_id):
                return
        raise StripeUnavailable

    def fill(self, holder: str) -> None:
        """Read everything Stripe has of one holder into the mirror, once. What events stored meanwhile wins."""
        home = self._mirror.home(holder, fresh=True)
        if home and home.filled:
            return
        self._mirror.fill(holder, self.everything(holder))

    def repair(self, holder: str) -> tuple[str, ...]:
        """Compare lists at Stripe with the mirror and refresh each object that differs. Returns their ids (drift)."""
        home = self._mirror.home(holder, fresh=True) or fold.empty(holder)
        actual = {fact.id: fact for fact in self.everything(holder)}
        drifted = [i for i, fact in actual.items() if not self._same(home, fact)]
        known: tuple[Fact, ...] = (*home.subscriptions, *home.schedules, *home.cards)
        gone = [fact.id for fact in known if fact.id not in actual]
        for object_id in (*drifted, *gone):
            self.refresh(kind_of_id(object_id), object_id)
        return (*drifted, *gone)

    def everything(self, holder: str) -> tuple[Fact, ...]:
        """All facts of one holder, by list calls."""
        customer = self._gateway.customer(holder)
        if customer is None:
            return ()
        return (
            customer,
            *map(self._classed, self._gateway.subscriptions_of(holder)),
            *self._gateway.schedules_of(holder),
            *self._gateway.cards_of(holder),
            *self._gateway.bills_of(holder),
        )

    def _same(self, home: Home, fact: Fact) -> bool:
        if isinstance(fact, Bill):
            return self._mirror.bill(home.holder, fact.id) == fact
        stored = fold.fact(home, fact.id)
        if isinstance(stored, SubscriptionFacts) and isinstance(fact, SubscriptionFacts):
            return stored == replace(fact, first_seen_as=stored.first_seen_as)
        return stored == fact

    def _refresh_once(self, kind: str, object_id: str) -> bool:
        ticket = self._mirror.take_ticket(object_id)
        fact = self._read(kind, object_id)
        if isinstance(fact, SubscriptionFacts):
            fact = self._classed(fact)
        if kind == "customer":
            self._tell_rights(object_id, fact)
        if fact is None:
            return self._mirror.forget(object_id, ticket)
        return self._mirror.write(fact, ticket)

    def _read(self, kind: str, object_id: str) -> Fact | None:
        read: dict[str, Callable[[str], Fact | None]] = {
            "customer": self._gateway.customer,
            "subscription": self._gateway.subscription,
            "schedule": self._gateway.schedule,
            "card": self._gateway.card,
            "bill": self._gateway.bill,
        }
        return read[kind](object_id)

    def _classed(self, fact: SubscriptionFacts) -> SubscriptionFacts:
        return replace(fact, first_seen_as=self._first_class(fact))

    def _tell_rights(self, holder: str, after: Fact | None) -> None:
        home = self._mirror.home(holder, fresh=True)
        before = home.customer if home and home.customer.email else None
        self._rights.customer_changed(before, after if isinstance(after, CustomerFacts) else None)


def kind_of_id(object_id: str) -> str:
    """Which kind of object a Stripe id names (longest prefix wins)."""
    matches = [prefix for prefix in KIND_OF_PREFIX if object_id.startswith(prefix)]
    return KIND_OF_PREFIX[max(matches, key=len)]
