"""Who may do what in which state under which rule: a table written by hand, and a customer with such subscriptions.

A cell is one state, one rule, the merchant's switch and one action. Its button is looked for on the page, then the
action is sent straight to the server, button or not; "done" means that something was written at Stripe.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from msgspec.structs import replace

from chalicelib.settings.cancelling import CancelRule
from chalicelib.wiring import portal
from tests.functional.neighbours import bought_before_we_came
from tests.functional.visitor import Visitor
from tests.functional.wire import Wire, session_of
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"
DONE, REFUSED, TOLD = "done", "refused", "told"
LETTERS = {"Y": DONE, "N": REFUSED, "T": TOLD}
ACTIONS = ("card", "pay", "undo", "cancel", "pay-off", "pay-next", "resume")

# What a product's (and in the last one a price's) rule says.
RULES: dict[str, Callable[[str, str], tuple[CancelRule, ...]]] = {
    "none": lambda product, price: (),
    "allowed": lambda product, price: (CancelRule(product),),
    "on request": lambda product, price: (CancelRule(product, on_request=True),),
    "after 1 period": lambda product, price: (CancelRule(product, after_periods=1),),
    "after 99 periods": lambda product, price: (CancelRule(product, after_periods=99),),
    "from long ago": lambda product, price: (CancelRule(product, not_before="2020-01-01"),),
    "from far ahead": lambda product, price: (CancelRule(product, not_before="2999-01-01"),),
    "price before product": lambda product, price: (CancelRule(product, on_request=True), CancelRule(price)),
}

# May it be canceled? One pair per rule in that order: with the merchant's switch on, and off.
# Y: done. N: refused with the reason. T: nothing is done, and no error: the page shows how it stands.
CANCEL = {
    "paid": "YN YY NN YY NN YY NN YY",
    "never paid": "YN YY NN YY YY YY YY YY",
    "on account": "YN YY NN NN NN YY NN YY",
    "stopped": "TT TT TT TT TT TT TT TT",
    "plan": "NN NN NN NN NN NN NN NN",
}

# May the rest be paid at once? With the merchant's switch on, and off; no rule has a say in it.
PAY_OFF = {"plan": "YN"}

# What may be paid an instalment ahead, and what may be resumed: neither rule nor switch has a say in it.
ALWAYS = {"pay-next": {"plan"}, "resume": {"plan stopped"}}

# Each state: change the card, pay, undo, cancel.
STATES = {
    "active": ("Y", "N", "N", "paid"),
    "trialing": ("Y", "N", "N", "never paid"),
    "payment needed": ("Y", "Y", "N", "never paid"),
    "past due": ("Y", "Y", "N", "paid"),
    "unpaid": ("Y", "Y", "N", "paid"),
    "paused": ("Y", "N", "N", "paid"),
    "canceled here": ("Y", "N", "Y", "stopped"),
    "canceled elsewhere": ("Y", "N", "N", "stopped"),
    "ends later": ("Y", "N", "N", "paid"),
    "fixed term": ("Y", "N", "N", "paid"),
    "with a schedule": ("Y", "N", "N", "paid"),
    "ended": ("N", "N", "N", "stopped"),
    "ended owing": ("Y", "Y", "N", "stopped"),
    "by invoice": ("N", "N", "N", "on account"),
    "plan": ("Y", "N", "N", "plan"),
    "plan past due": ("Y", "Y", "N", "plan"),
    "plan stopped": ("N", "N", "N", "plan"),
    "plan completed": ("N", "N", "N", "plan"),
}


@dataclass(frozen=True)
class Cell:
    """One question, and the answer that the tables give."""

    state: str
    rule: str
    switch: bool
    action: str

    @property
    def expected(self) -> str:
        """By the tables alone."""
        if self.action == "pay-off":
            return LETTERS[PAY_OFF.get(self.state, "NN")[0 if self.switch else 1]]
        if self.action in ALWAYS:
            return DONE if self.state in ALWAYS[self.action] else REFUSED
        letter = dict(zip(ACTIONS, STATES[self.state], strict=False))[self.action]
        if self.action == "cancel":
            letter = CANCEL[letter].split()[list(RULES).index(self.rule)][0 if self.switch else 1]
        return LETTERS[letter]


def cells(state: str) -> list[Cell]:
    """Every cell of a state: each rule, switch and action."""
    return [Cell(state, *rest) for rest in product(RULES, (True, False), ACTIONS)]


class Customer:
    """Ada, with as many subscriptions in one state as there are cells that change something."""

    def __init__(self, stack: TestStack, shop: Shop, visitor: Visitor, wire: Wire, state: str, many: int) -> None:
        self.stack, self.shop, self.wire, self.attempts = stack, shop, wire, 0
        with bought_before_we_came(stack):
            self.customer = shop.customer(ADA)
            self.other = shop.card(self.customer, MASTERCARD)
            self.price = shop.price()
            self.product = str(shop.v1.prices.retrieve(self.price).product)
            self.items = MAKERS[state](self, many + 1)
            visitor.sign_in(ADA)
            self.session, self.csrf = session_of(visitor)
            if state == "canceled here":
                for item in self.items:
                    assert self.send(item, "cancel").status == 303

    def answers(self, asked: list[Cell]) -> Iterator[str]:
        """Ask the server each cell. Gives those in which server, page or table say different things."""
        untouched, *fresh = self.items
        for cell in asked:
            self.decide(cell)
            item = fresh.pop() if cell.expected == DONE else untouched
            offered, given = self.offered(item, cell.action), self.tried(item, cell.action)
            if given != cell.expected:
                yield f"{cell}: the server says {given}, the table {cell.expected}"
            if offered != (given == DONE):
                yield f"{cell}: the page {'offers' if offered else 'does not offer'} it, the server says {given}"

    def decide(self, cell: Cell) -> None:
        """The merchant's settings for a cell."""
        store = portal().settings_store
        rules = RULES[cell.rule](self.product, self.price)
        store.write(replace(store.read(), cancel_rules=rules, self_cancel=cell.switch, plan_payoff=cell.switch))

    def offered(self, item: str, action: str) -> bool:
        """Is there a link or button for it on the item's page?"""
        page = self.wire.get(f"/items/{item}", self.session)
        assert page.status == 200
        return f'/items/{item}/{action}"'.encode() in page.body

    def tried(self, item: str, action: str) -> str:
        """Send it straight to the server."""
        before = self.written()
        form = self.wire.get(f"/items/{item}/cancel", self.session).status if action == "cancel" else 0
        status = self.send(item, action).status
        done = self.written() > before
        if (status, done) == (303, True):
            return DONE if form in {0, 200} else f"done, but its form answers {form}"
        if (status, done) == (303, False):
            return TOLD if form in {0, 303} else f"told, but its form answers {form}"
        if (status, done) == (403, False):
            return REFUSED if form in {0, 403} else f"refused, but its form answers {form}"
        return f"{status}{', and something was done' if done else ''}"

    def send(self, item: str, action: str) -> Any:
        """The form of an action, as its button would send it."""
        self.attempts += 1
        fields = {"csrf": self.csrf, "attempt": f"attempt-{self.attempts:016}"}
        fields |= {"card": self.other, "amount": str(REST if action == "pay-off" else EACH)}
        fields |= {name: self.shown(item, action, name) for name in DATES.get(action, ())}
        return self.wire.post(f"/items/{item}/{action}", self.session, fields)

    def shown(self, item: str, action: str, name: str) -> str:
        """A date that the action's page shows, as its form brings it back."""
        page = self.wire.get(f"/items/{item}/{action}", self.session).body.decode()
        found = re.search(rf'name="{name}" value="(\d+)"', page)
        return found[1] if found else "1"

    def written(self) -> int:
        """Calls to Stripe that change something, so far."""
        counters = self.stack.stripe.call("GET", "counters")
        return sum(times for route, times in counters.items() if not route.startswith("GET "))

    # How subscriptions get into their states

    def bought(self, many: int, **more: Any) -> list[str]:
        """Monthly subscriptions, paid for the first time unless said otherwise."""
        params = {"customer": self.customer, "items": [{"price": self.price}], **more}
        return [self.shop.v1.subscriptions.create(params).id for _ in range(many)]  # type: ignore[arg-type]

    def changed(self, items: list[str], **changes: Any) -> list[str]:
        """The merchant changes them."""
        for item in items:
            self.shop.v1.subscriptions.update(item, changes)  # type: ignore[arg-type]
        return items

    def failed(self, items: list[str], days: str = "P32D") -> list[str]:
        """Their card fails at the next renewals; the one they have now would work."""
        failing = self.shop.card(self.customer, CHARGE_FAILS)
        self.changed(items, default_payment_method=failing)
        self.move(days)
        return self.changed(items, default_payment_method=self.shop.card(self.customer))

    def scheduled(self, many: int, months: int, **more: Any) -> list[str]:
        """Schedules of some months that then end by themselves."""
        phase = {"items": [{"price": self.price}], "duration": {"interval": "month", "interval_count": months}, **more}
        params = {"customer": self.customer, "start_date": "now", "end_behavior": "cancel", "phases": [phase]}
        made = [self.shop.v1.subscription_schedules.create(params) for _ in range(many)]  # type: ignore[arg-type]
        self.move("PT2H")
        return [str(schedule.subscription) for schedule in made]

    def move(self, duration: str) -> None:
        """Time passes at Stripe."""
        self.stack.clock.move_to(self.stack.clock.later(duration))


EACH = 4900
REST = 2 * EACH
DATES = {"pay-next": ("due",), "resume": ("first",)}
PLAN = {"metadata": {"tillkey": "plan", "installments": "3"}}


def _payment_needed(ada: Customer, many: int) -> list[str]:
    items = ada.bought(many, default_payment_method=ada.shop.card(ada.customer, CHARGE_FAILS))
    return ada.changed(items, default_payment_method=ada.shop.card(ada.customer))


def _unpaid(ada: Customer, many: int) -> list[str]:
    ada.stack.stripe.call("POST", "billing", {"after_retries": "unpaid"})
    return ada.failed(ada.bought(many), "P60D")


def _scheduled_on(ada: Customer, many: int) -> list[str]:
    items = ada.bought(many)
    for item in items:
        ada.shop.v1.subscription_schedules.create({"from_subscription": item})
    return items


def _ended(ada: Customer, items: list[str]) -> list[str]:
    for item in items:
        ada.shop.v1.subscriptions.cancel(item)
    return items


def _stopped(ada: Customer, many: int) -> list[str]:
    """Stripe ended them after the last try, and what was open is paid since."""
    ada.stack.stripe.call("POST", "billing", {"after_retries": "cancel"})
    items = ada.scheduled(many, 3, **PLAN)
    ada.changed(items, default_payment_method=ada.shop.card(ada.customer, CHARGE_FAILS))
    ada.move("P60D")
    for item in items:
        for bill in ada.shop.v1.invoices.list({"subscription": item, "status": "open"}).data:
            ada.shop.v1.invoices.pay(bill.id, {"payment_method": ada.other})
    return items


def _completed(ada: Customer, many: int) -> list[str]:
    items = ada.scheduled(many, 3, **PLAN)
    ada.move("P100D")
    return items


MAKERS: dict[str, Callable[[Customer, int], list[str]]] = {
    "active": lambda ada, many: ada.bought(many),
    "trialing": lambda ada, many: ada.bought(many, trial_end=int(ada.stack.clock.now()) + 864_000),
    "payment needed": _payment_needed,
    "past due": lambda ada, many: ada.failed(ada.bought(many)),
    "unpaid": _unpaid,
    "paused": lambda ada, many: ada.changed(ada.bought(many), pause_collection={"behavior": "void"}),
    "canceled here": lambda ada, many: ada.bought(many),
    "canceled elsewhere": lambda ada, many: ada.changed(ada.bought(many), cancel_at_period_end=True),
    "ends later": lambda ada, many: ada.bought(many, cancel_at=int(ada.stack.clock.now()) + 5 * 30 * 86_400),
    "fixed term": lambda ada, many: ada.scheduled(many, 12),
    "with a schedule": _scheduled_on,
    "ended": lambda ada, many: _ended(ada, ada.bought(many)),
    "ended owing": lambda ada, many: _ended(ada, ada.failed(ada.bought(many))),
    "by invoice": lambda ada, many: ada.bought(many, collection_method="send_invoice", days_until_due=30),
    "plan": lambda ada, many: ada.scheduled(many, 3, **PLAN),
    "plan past due": lambda ada, many: ada.failed(ada.scheduled(many, 3, **PLAN)),
    "plan stopped": _stopped,
    "plan completed": _completed,
}
assert MAKERS.keys() == STATES.keys()
