"""Several people act on one subscription at once; whatever came of it, some order of what succeeded must explain it."""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from stripe import StripeError

from chalicelib import wiring
from chalicelib.billing.intents import Intent
from tests.functional.visitor import SESSION
from tests.functional.wire import session_of
from tests.proof.money.acts import Act, Customer, Truths
from tests.proof.money.dying import Portal, settle_and_sweep
from tests.proof.money.outside import Trouble
from tests.shop import Shop
from tests.stack import TestStack

TABS = ("cancel", "cancel", "undo", "card", "other card", "pay")
MERCHANT = ("ends it", "keeps it", "changes its card", "collects")
_ONE_AT_A_TIME = threading.Lock()
STARTS = ("running", "canceled", "overdue", "overdue, canceled")


@dataclass(frozen=True)
class State:
    """A subscription as Stripe has it. `ours`: canceled in the portal; `before`: whether it was ending before that."""

    ending: bool = False
    ours: bool = False
    before: bool = False
    card: str = ""
    owing: bool = False

    def seen(self) -> tuple[bool, bool, str, bool]:
        """What can be compared with Stripe."""
        return self.ending, self.ours, self.card, self.owing


@dataclass(frozen=True)
class Deed:
    """One thing somebody did: when it began and ended, whether it succeeded, and paid what was open."""

    what: str
    began: float
    ended: float
    done: bool
    paid: bool = False
    answer: int = 0
    attempt: str = ""

    def after(self, state: State) -> State:
        """The state this leaves behind."""
        return _EFFECTS[self.what](replace(state, owing=state.owing and not self.paid))


def _canceled(state: State) -> State:
    return replace(state, ending=True, ours=True, before=state.before if state.ours else state.ending)


def _kept(state: State) -> State:
    return replace(state, ending=state.before if state.ours else state.ending, ours=False, before=False)


_EFFECTS: dict[str, Callable[[State], State]] = {
    "cancel": _canceled,
    "undo": _kept,
    "card": lambda state: replace(state, card="card"),
    "other card": lambda state: replace(state, card="other card"),
    "pay": lambda state: state,
    "ends it": lambda state: replace(state, ending=True),
    "keeps it": lambda state: replace(state, ending=False),
    "changes its card": lambda state: replace(state, card="merchant’s card"),
    "collects": lambda state: state,
}


def explained(start: State, deeds: list[Deed], end: State) -> bool:
    """Whether an order of the deeds that succeeded leads to the end; who ended before another began comes first."""
    done = [deed for deed in deeds if deed.done]
    return any(_leads(start, order) == end.seen() for order in permutations(done) if _possible(order))


def _leads(state: State, order: tuple[Deed, ...]) -> tuple[bool, bool, str, bool]:
    for deed in order:
        state = deed.after(state)
    return state.seen()


def _possible(order: tuple[Deed, ...]) -> bool:
    return all(later.ended >= earlier.began for at, earlier in enumerate(order) for later in order[at + 1 :])


class History:
    """Three to six clients, one subscription, all chance from one seed."""

    def __init__(self, stack: TestStack, shop: Shop, under_test: Portal, seed: int) -> None:
        self._stack, self._shop, self._portal = stack, shop, under_test
        self._random, self.seed = random.Random(seed), seed
        self.begins = STARTS[seed % len(STARTS)]
        act = Act("", "", "", overdue="overdue" in self.begins, canceled="canceled" in self.begins)
        self.customer = Customer(stack, shop, f"history-{seed}@mail.example", act, 1)
        self.item, v1 = self.customer.items[0], shop.v1
        self.cards = {"card": self.customer.good}
        self.cards["other card"] = shop.card(self.customer.id)
        self.cards["merchant’s card"] = shop.card(self.customer.id)
        stack.settle()
        self.invoice = str(v1.subscriptions.retrieve(self.item).latest_invoice)
        self.csrf = session_of(self.customer.visitor)[1]
        self.start = self.state()
        self.deeds: list[Deed] = []
        self._attempts: dict[int, str] = {}

    def live(self) -> None:
        """First some at once, then the others at once."""
        clients = self._random.randint(3, 6)
        who = [self._random.choice((*TABS, *TABS, *MERCHANT)) for _ in range(clients)]
        first = self._random.randint(2, clients)
        self._portal.between.trouble = Trouble(slow=random.Random(self.seed))
        for at_once in (who[:first], who[first:]):
            with ThreadPoolExecutor(6) as pool:
                self.deeds += pool.map(self._does, at_once, [self._random.random() * 0.15 for _ in at_once])

    def _does(self, what: str, pause: float) -> Deed:
        if what in MERCHANT:
            time.sleep(pause)
            return self._by_merchant(what)
        with _ONE_AT_A_TIME:
            self._portal.begin()
        attempt = f"{self.seed:08}{len(self._attempts):04}{random.Random(pause).randrange(10**8):08}abcd"
        time.sleep(pause)
        path = {"card": "card", "other card": "card"}.get(what, what)
        fields = {"csrf": self.csrf, "attempt": attempt, "card": self.cards.get(what, "")}
        began = time.monotonic()
        prefix = self._stack.portal_url.removeprefix(self._stack.place.origin)
        session = self.customer.visitor.cookies[SESSION]
        status, _ = self._portal.send(session, f"{prefix}/items/{self.item}/{path}", fields)
        ended = time.monotonic()
        return Deed(what, began, ended, done=False, answer=status, attempt=attempt)

    def _judged(self, deed: Deed) -> Deed:
        """What became of it by now: whose outcome was not known when it was answered is found out by the sweep."""
        if not deed.attempt:
            return deed
        made: Intent | None = wiring.portal().desk.runner.intents.get(self.customer.id, deed.attempt)
        outcome = made.outcome if made else None
        paid = bool(outcome and any(bill.status == "paid" for bill in outcome.bills))
        changed = deed.what in self.cards and bool(outcome and outcome.card)
        return replace(deed, done=bool(outcome) and (outcome.status == "done" or changed), paid=paid)

    def _by_merchant(self, what: str) -> Deed:
        v1, began = self._shop.v1, time.monotonic()
        deeds: dict[str, Callable[[], Any]] = {
            "ends it": lambda: v1.subscriptions.update(self.item, {"cancel_at_period_end": True}),
            "keeps it": lambda: v1.subscriptions.update(self.item, {"cancel_at_period_end": False}),
            "changes its card": lambda: v1.subscriptions.update(
                self.item, {"default_payment_method": self.cards["merchant’s card"]}
            ),
            "collects": lambda: v1.invoices.pay(self.invoice, {"payment_method": self.cards["card"]}),
        }
        try:
            deeds[what]()
        except StripeError:
            return Deed(what, began, time.monotonic(), done=False)
        return Deed(what, began, time.monotonic(), done=True, paid=what == "collects")

    def state(self) -> State:
        """As Stripe has it now."""
        now = self.customer.listed("subscriptions", status="all", expand=["data.latest_invoice"])[0]
        card = next((name for name, card in self.cards.items() if card == now["default_payment_method"]), "")
        ending = bool(now["cancel_at_period_end"] or now["cancel_at"])
        owing = now["latest_invoice"]["status"] == "open"
        return State(ending, bool(now["metadata"].get("tillkey_cancel")), False, card, owing)

    def faults(self) -> Iterator[str]:
        """What no order explains, and what pages and mirror have otherwise."""
        end, self.deeds = self.state(), [self._judged(deed) for deed in self.deeds]
        if not explained(self.start, self.deeds, end):
            yield f"no order leads from {self.start} to {end}"
        yield from Truths(self.customer).charged_twice()
        differ = wiring.portal().sync.differences(self.customer.id)
        if differ:
            yield f"the mirror differs: {differ}"
        if Truths(self.customer).all()[self.item]["open attempts"]:
            yield "an attempt is open"
        text = self.customer.visitor.open(f"/items/{self.item}").text
        if ("Past due" in text) != end.owing or bool(re.search("(Ends|Yours until) [0-9A-Z]", text)) != end.ending:
            yield f"the page says {text[60:400]}"
        unexpected = [deed for deed in self.deeds if deed.answer >= 500 and deed.answer != 503]
        yield from (f"{deed.what}: {deed.answer}" for deed in unexpected)

    def told(self) -> str:
        """The deeds in the order they began."""
        first = min(deed.began for deed in self.deeds)
        words = [
            f"{d.began - first:.2f}–{d.ended - first:.2f} {d.what} {'done' if d.done else 'not done'} {d.answer or ''}"
            for d in sorted(self.deeds, key=lambda deed: deed.began)
        ]
        return f"seed {self.seed}, {self.begins}: " + "; ".join(words)


def lived(stack: TestStack, shop: Shop, under_test: Portal, seeds: list[int]) -> list[str]:
    """All these histories, one after the other, and what is wrong with them."""
    wrong = []
    for seed in seeds:
        history = History(stack, shop, under_test, seed)
        history.live()
        settle_and_sweep(stack)
        faults = list(history.faults())
        wrong += [f"{history.told()}: {fault}" for fault in faults]
    return wrong
