"""Random weeks of a shop that sells to guests and customers alike, and what the portal should know of them.

Events come twice, late, shuffled or never; what should be known is worked out from Stripe's own lists, by rules
written down here a second time.
"""

import contextlib
import random
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib import wiring
from chalicelib.billing.bills import refunded
from chalicelib.web import work
from tests.shop import Shop
from tests.stack import TestStack

MAILBOXES = ("gwen@mail.example", "ada@mail.example", "bo+x@mail.example")
SPELLINGS = (str, str.upper, str.title)
PACK = {"currency": "usd", "unit_amount": 3900, "product_data": {"name": "Travel Preset Pack"}}
CARDS = ("pm_card_visa", "pm_card_mastercard", "pm_card_amex")
Known = dict[str, set[tuple[str, int, int]]]


@dataclass
class Week:
    """What happened in one of them."""

    stack: TestStack
    shop: Shop
    seed: int
    charges: list[str] = field(default_factory=list)
    customers: dict[str, str] = field(default_factory=dict)
    acts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def live(self, acts: int) -> None:
        """So many things happen while events go astray; then the portal catches up, as it does every hour."""
        for _ in range(acts):
            self._lose_some()
            sales = (self.buy, self.buy, self.buy_bare, self.buy_free, self.buy_as_customer, self.by_bank)
            act = self.dice.choice((*sales, self.refund, self.refund, self.give_to_customer, self.readdress))
            self.acts.append(act.__name__)
            act()
        self.stack.stripe.call("POST", "deliveries/release", {"order": "shuffled", "seed": self.seed})
        self.stack.stripe.call("POST", "deliveries/mode", {})
        self.stack.skip("PT1H")
        work.hourly()
        self.stack.settle()

    def buy(self) -> None:
        """On a checkout page, as a guest; one in four cards is declined."""
        if self.dice.random() < 0.25:
            self._declined()
        else:
            self.charges.append(self.shop.guest_order(self._somebody(), card=self.dice.choice(CARDS)))

    def buy_bare(self) -> None:
        """By a payment without checkout session, with an address on its receipt or none at all."""
        paid: Any = {"amount": 2500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
        paid["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
        if self.dice.random() < 0.7:
            paid["receipt_email"] = self._somebody()
        self.charges.append(str(self.shop.v1.payment_intents.create(paid).latest_charge))

    def buy_free(self) -> None:
        """Something for nothing."""
        self.shop.guest_order(self._somebody(), "Sample", 0)

    def buy_as_customer(self) -> None:
        """On a checkout page, by a customer with the same address."""
        mailbox = self.dice.choice(MAILBOXES)
        self.charges.append(self.shop.guest_order(mailbox, customer=self._customer(mailbox)))

    def by_bank(self) -> None:
        """By a bank debit, which takes longer than the week."""
        self.shop.guest_order(self._somebody(), currency="eur", card="pm_success_de")

    def refund(self) -> None:
        """A part of something, or what is left."""
        if self.charges:
            charge = self.shop.v1.charges.retrieve(self.dice.choice(self.charges))
            left = charge.amount - charge.amount_refunded
            if left:
                part = self.dice.choice((left, max(1, left // 3)))
                self.shop.v1.refunds.create({"charge": charge.id, "amount": part})

    def give_to_customer(self) -> None:
        """A guest's purchase becomes a customer's."""
        charge = self._of_nobody()
        if charge:
            self.shop.v1.charges.update(charge, {"customer": self._customer(self.dice.choice(MAILBOXES))})

    def readdress(self) -> None:
        """The receipt of a purchase goes to somebody else."""
        charge = self._of_nobody()
        if charge:
            self.shop.v1.charges.update(charge, {"receipt_email": self._somebody()})

    def expected(self) -> Known:
        """What Stripe's lists say each holder has: charge or free session, what it took, what was given back."""
        v1, known = self.shop.v1, Known()
        sessions = list(v1.checkout.sessions.list({"limit": 100}).auto_paging_iter())
        given = {str(s.payment_intent): s.customer_details.email for s in sessions if s.customer_details}
        for charge in v1.charges.list({"limit": 100}).auto_paging_iter():
            if charge.status == "failed":
                continue
            address = given.get(str(charge.payment_intent)) or charge.billing_details.email or charge.receipt_email
            holder = str(charge.customer or (f"guest:{address.lower()}" if address else ""))
            known.setdefault(holder, set()).add((charge.id, charge.amount, charge.amount_refunded))
        for session in sessions:
            if session.payment_status == "no_payment_required" and session.status == "complete":
                holder = f"guest:{session.customer_details.email.lower()}"
                known.setdefault(holder, set()).add((session.id, 0, 0))
        known.pop("", None)
        return known

    def shown(self) -> Known:
        """What the portal would show each holder in histories."""
        holders = [*(f"guest:{mailbox}" for mailbox in MAILBOXES), *self.customers.values()]
        found = {holder: set(self._history(holder)) for holder in holders}
        return {holder: bills for holder, bills in found.items() if bills}

    def _history(self, holder: str) -> Iterator[tuple[str, int, int]]:
        before = ""
        while True:
            bills, before = wiring.portal().mirror.history(holder, before=before)
            yield from ((b.id, b.total, refunded(b)) for b in bills if any(p.status != "failed" for p in b.payments))
            yield from ((b.id, 0, 0) for b in bills if not b.payments)
            if not before:
                return

    def _somebody(self) -> str:
        return self.dice.choice(SPELLINGS)(self.dice.choice(MAILBOXES))

    def _customer(self, mailbox: str) -> str:
        if mailbox not in self.customers:
            self.customers[mailbox] = self.shop.customer(mailbox)
        return self.customers[mailbox]

    def _of_nobody(self) -> str:
        found = [id for id in self.charges if self.shop.v1.charges.retrieve(id).customer is None]
        return self.dice.choice(found) if found else ""

    def _declined(self) -> None:
        made: Any = {"mode": "payment", "line_items": [{"price_data": PACK}]}
        session = self.shop.v1.checkout.sessions.create(made).id
        buyer = {"email": self._somebody(), "card": "pm_card_visa_chargeDeclined"}
        with contextlib.suppress(urllib.error.HTTPError):
            self.stack.stripe.call("POST", f"checkout/{session}", buyer)

    def _lose_some(self) -> None:
        mode = self.dice.choice(({}, {"drop": True}, {"hold": True}, {"duplicate": 2}, {"hold": True, "duplicate": 1}))
        self.stack.stripe.call("POST", "deliveries/mode", mode)
        if self.dice.random() < 0.3:
            self.stack.settle()
