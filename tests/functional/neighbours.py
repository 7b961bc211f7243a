"""Two customers with one of everything each, for tests of who may see and do what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.functional.visitor import Page, Visitor
from tests.functional.wire import Wire, session_of
from tests.shop import MASTERCARD, Shop
from tests.stack import TestStack

ADA, EVE = "ada@mail.example", "eve@mail.example"
ATTEMPT = "0123456789abcdef01234567"


@dataclass(frozen=True)
class Person:
    """A customer, the ids of what they have, and their open session."""

    mailbox: str
    visitor: Visitor
    session: str
    csrf: str
    ids: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class Route:
    """One line of the app's own route table."""

    method: str
    pattern: str
    guard: str

    @property
    def names(self) -> list[str]:
        """The variable parts of the path."""
        return [part[1:-1] for part in self.pattern.split("/") if part.startswith("{") and not part.endswith("+}")]

    def path(self, values: dict[str, str]) -> str:
        """The path with its variable parts filled in. KeyError names a part these tests were not taught."""
        return self.pattern.format(**{name: values[name] for name in self.names})

    def __str__(self) -> str:
        return f"{self.method} {self.pattern}"


def routes(stack: TestStack, *guards: str) -> list[Route]:
    """All routes of the app with one of these guards."""
    table: Any = stack.app.routes
    found = [
        Route(method, pattern, entry.view_function.guard)
        for pattern, methods in table.items()
        for method, entry in methods.items()
    ]
    return [route for route in found if route.guard in guards]


@contextmanager
def bought_before_we_came(stack: TestStack) -> Iterator[None]:
    """Stripe sends no events meanwhile; signing in reads all there is. Far quicker than event by event."""
    stack.stripe.call("POST", "deliveries/mode", {"drop": True})
    yield
    stack.stripe.call("POST", "deliveries/mode", {})


class Neighbours:
    """Ada and Eve, both signed in; everything under way has been handled."""

    def __init__(self, stack: TestStack, shop: Shop, wire: Wire) -> None:
        self.stack, self.shop, self.wire = stack, shop, wire
        with bought_before_we_came(stack):
            self.ada, self.eve = self._person(ADA), self._person(EVE)

    def own(self, person: Person, **changed: str) -> dict[str, str]:
        """Values for all variable parts of paths and all id fields, all of them this person's."""
        ids = person.ids
        mine = {"item": ids["subscription"], "order": ids["order"], "receipt": ids["receipt"]}
        return {**mine, "card": ids["second card"], "setup_intent": ids["setup"], **changed}

    def form(self, person: Person, **changed: str) -> dict[str, str]:
        """What the forms of this person's pages would send, all of them in one."""
        own = self.own(person)
        fields = {"csrf": person.csrf, "attempt": ATTEMPT}
        return {**fields, "card": own["card"], "setup_intent": own["setup_intent"], **changed}

    def pages(self, person: Person) -> Iterator[Page]:
        """Every page this person can open."""
        for route in routes(self.stack, "customer"):
            yield person.visitor.open(route.path(self.own(person)) + self.query(person))

    def query(self, person: Person) -> str:
        """What the bank, or an earlier page, adds to an address."""
        return f"?setup_intent={person.ids['setup']}&attempt={ATTEMPT}"

    def _person(self, mailbox: str) -> Person:
        v1, visitor = self.shop.v1, Visitor(self.stack)
        customer = self.shop.customer(mailbox, mailbox.partition("@")[0].title())
        subscription, plan = self.shop.subscription(customer), self.shop.plan(customer)
        card = self.shop.card(customer, MASTERCARD)
        bought = {"guest’s name": f"guest:{mailbox}", "order as a guest": self.shop.guest_order(mailbox)}
        order = str(v1.subscriptions.retrieve(subscription).latest_invoice)
        visitor.sign_in(mailbox)
        session, csrf = session_of(visitor)
        setup = self._saved_by_form(visitor, subscription, card)
        ids = {"customer": customer, "subscription": subscription, "plan": plan, "order": order, "receipt": order}
        ids |= {**bought, "card": card, "second card": card, "setup": setup}
        return Person(mailbox, visitor, session, csrf, ids)

    def _saved_by_form(self, visitor: Visitor, item: str, card: str) -> str:
        """A card form opened on the portal and filled in. Gives its id."""
        visitor.open(f"/items/{item}/card")
        form, _ = visitor.press("Add a new card").form("Save card")
        setup = form["data-client-secret"].partition("_secret")[0]
        self.shop.v1.setup_intents.confirm(setup, {"payment_method": card, "return_url": self.stack.portal_url})
        return setup
