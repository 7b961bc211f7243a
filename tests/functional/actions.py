"""The four actions a customer has, each as often as a test of outages needs, and what is true at Stripe after them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.functional.neighbours import ADA, bought_before_we_came
from tests.functional.visitor import Page, Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

SAYS = {
    "cancel": "won’t be charged again",
    "undo": "goes on",
    "pay": "is paid",
    "card": r"is charged to (Mastercard •••• 4444|the one you chose) from now on",
}
LATER = "shows it within a few minutes"
WAITING, UNSEEN = "Still being confirmed", "We can’t show this page at the moment"
UNTOUCHED = ("Nothing was changed", "That didn’t go through", "nothing was charged")


@dataclass(frozen=True)
class State:
    """What Stripe has of one subscription."""

    canceling: bool
    card: str
    paid: bool


@dataclass(frozen=True)
class Try:
    """One subscription, and the page from which Ada is about to act on it."""

    action: str
    item: str
    form: Page
    before: State


class Actions:
    """Ada with as many subscriptions as there are things to try."""

    def __init__(self, stack: TestStack, shop: Shop, ada: Visitor, **wanted: int) -> None:
        self.stack, self.shop, self.ada = stack, shop, ada
        with bought_before_we_came(stack):
            self.customer = shop.customer(ADA)
            self.new, self.failing = shop.card(self.customer, MASTERCARD), shop.card(self.customer, CHARGE_FAILS)
            price = shop.price()
            self.items = {action: [self._bought(price) for _ in range(many)] for action, many in wanted.items()}
            self._fall_due([*self.items.get("pay", ()), *self.items.get("card", ())])
            for item in self.items.get("pay", ()):
                shop.v1.subscriptions.update(item, {"default_payment_method": self.new})
            ada.sign_in(ADA)
        for item in self.items.get("undo", ()):
            ada.open(f"/items/{item}/cancel")
            ada.press("Cancel subscription")
        stack.settle()

    def tries(self) -> Iterator[Try]:
        """Each thing to try, its form open."""
        for action, items in self.items.items():
            yield from (self.form(action, item) for item in items)

    def form(self, action: str, item: str) -> Try:
        """The page from which to act, newly opened."""
        page = self.ada.open(f"/items/{item}/{action}" if action in {"cancel", "card"} else f"/items/{item}")
        return Try(action, item, page, self.state(item))

    def press(self, one: Try) -> Page:
        """Send the form."""
        self.ada.page = one.form
        says = {"cancel": "Cancel sub", "undo": "Keep", "pay": "Pay", "card": "Use this"}[one.action]
        button = next(button for button in one.form.buttons if button.startswith(says))
        return self.ada.press(button, {"card": self.new} if one.action == "card" else {})

    def state(self, item: str) -> State:
        """What is true at Stripe."""
        now = self.shop.v1.subscriptions.retrieve(item, {"expand": ["latest_invoice"]})
        paid = getattr(now.latest_invoice, "status", "") == "paid"
        return State(now.cancel_at_period_end, str(now.default_payment_method or ""), paid)

    def aim(self, one: Try) -> State:
        """What the action is to bring about."""
        aims = {
            "cancel": {"canceling": True},
            "undo": {"canceling": False},
            "pay": {"paid": True},
            "card": {"card": self.new, "paid": True},
        }
        return replace(one.before, **aims[one.action])  # type: ignore[arg-type]

    def lies(self, one: Try, page: Page) -> list[str]:
        """What a page said right after the press that is not so."""
        now = self.state(one.item)
        if WAITING in page.text or UNSEEN in page.text:
            return []
        if any(words in page.text for words in UNTOUCHED):
            return [f"says nothing was changed, but {now}"] if now != one.before else []
        half = one.action == "card" and "wasn’t paid" in page.text
        aim = replace(self.aim(one), paid=one.before.paid) if half else self.aim(one)
        true = now == aim and page.status == 200 and "has ended" not in page.text
        shown = one.action != "pay" or "Past due" not in page.text or LATER in page.text
        if true and shown and re.search(SAYS[one.action], page.text):
            return []
        return [f"{page.status} for {now}: {page.text[60:300]}"]

    def untrue(self, one: Try) -> list[str]:
        """What the item's page says later that is not so."""
        text, now = self.ada.open(f"/items/{one.item}?attempt={self.attempt(one)}").text, self.state(one.item)
        wrong = ["still waits"] if WAITING in text else []
        wrong += ["canceling or not"] if ("Canceling" in text) != now.canceling else []
        wrong += ["paid or not"] if ("Past due" in text) == now.paid else []
        return wrong + (["the card"] if ("•••• 4444" in text) != (now.card == self.new) else [])

    def attempt(self, one: Try) -> str:
        """The key in the form."""
        fields = one.form.document.root.all("input")
        return next(field["value"] for field in fields if field["name"] == "attempt")

    def charged_twice(self) -> list[str]:
        """Payments that brought money more than once, or more payments than paid invoices."""
        v1 = self.shop.v1
        charges = v1.charges.list({"customer": self.customer, "limit": 100}).auto_paging_iter()
        brought = Counter(str(charge.payment_intent) for charge in charges if charge.status == "succeeded")
        invoices = v1.invoices.list({"customer": self.customer, "status": "paid", "limit": 100}).auto_paging_iter()
        paid = sum(invoice.amount_paid > 0 for invoice in invoices)
        twice = [intent for intent, times in brought.items() if times > 1]
        return twice + ([f"{len(brought)} payments for {paid} invoices"] if len(brought) != paid else [])

    def _bought(self, price: str) -> str:
        params = {"customer": self.customer, "items": [{"price": price}]}
        return self.shop.v1.subscriptions.create(params).id  # type: ignore[arg-type]

    def _fall_due(self, items: list[str]) -> None:
        """A renewal comes, and the card fails."""
        if items:
            for item in items:
                self.shop.v1.subscriptions.update(item, {"default_payment_method": self.failing})
            self.stack.clock.move_to(self.stack.clock.later("P32D"))
