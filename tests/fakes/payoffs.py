"""The part of Stripe in memory that plans need: bills over the rest of one, its end, and how it goes on."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from chalicelib.billing.errors import NotPossible
from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.billing.facts_bill import Bill, Line
from chalicelib.billing.home import Fact
from chalicelib.billing.ports import Payoff


class FakePayoffs:
    """Drafts, lines, final and void bills. `attempts` says who made which bill, and what each key made go on."""

    now: dict[str, Fact]
    attempts: dict[str, tuple[str, str]]

    def payoffs(self, customer: str, plan: str) -> tuple[Payoff, ...]:
        self._call("payoffs", customer, plan)
        found = [self.now[bill] for bill, (of, _) in self.attempts.items() if of == plan and bill in self.now]
        bills = [bill for bill in reversed(found) if isinstance(bill, Bill)]
        return tuple(
            Payoff(b.id, b.status, b.amount_remaining, self.attempts[b.id][1], bool(b.attempts), bool(b.lines), due)
            for b in bills
            for due in [b.pays_due or 0]
        )

    def unpaid_bills(self, subscription: str) -> tuple[str, ...]:
        self._call("unpaid_bills", subscription)
        bills = [bill for bill in self.now.values() if isinstance(bill, Bill) and bill.subscription == subscription]
        return tuple(bill.id for bill in bills if bill.status in {"draft", "open"})

    def start_payoff(self, customer: str, plan: str, currency: str, attempt: str, due: int, key: str) -> str:
        bill = f"in_rest_{attempt}"
        if self._effect(key, "start_payoff", bill):
            self.attempts[bill] = (plan, attempt)
            made = Bill(bill, customer, "invoice", "draft", currency, self._moment(), 0, 0, 0, 0)
            self.now[bill] = replace(made, pays_due=due or None)
        return bill

    def fill_payoff(self, bill: str, plan: str, lines: Sequence[tuple[str, int]], key: str) -> int:
        total = sum(net for _, net in lines)
        if self._effect(key, "fill_payoff", bill):
            made = tuple(Line(words, 1, net, net) for words, net in lines)
            self._change(bill, lines=made, total=total, amount_due=total, amount_remaining=total, pays_off=plan)
        return total

    def finalize(self, bill: str, key: str) -> str:
        if self._effect(key, "finalize", bill):
            self._change(bill, status="open")
        return "open"

    def void(self, bill: str, key: str) -> None:
        self._refuse_unless(bill, "open")
        if self._effect(key, "void", bill):
            self._change(bill, status="void")

    def delete_draft(self, bill: str, key: str) -> None:
        self._refuse_unless(bill, "draft")
        if self._effect(key, "delete_draft", bill):
            del self.now[bill]

    def skip_until(self, subscription: str, until: int, key: str) -> None:
        if self._effect(key, "skip_until", subscription, str(until)):
            self._change(subscription, collection_paused=True, resumes_at=until)

    def end_plan(self, subscription: str, schedule: str, key: str) -> None:
        now = self.now[subscription]
        if isinstance(now, SubscriptionFacts) and now.status == "canceled":
            raise NotPossible
        if self._effect(key, "end_plan", subscription):
            self._change(subscription, status="canceled", ended_at=self._moment())
            if schedule:
                self.now[schedule] = replace(self.now[schedule], status="canceled")  # type: ignore[call-arg]

    def continuation(self, customer: str, plan: str) -> str:
        self._call("continuation", customer, plan)
        known = [fact for fact in self.now.values() if isinstance(fact, SubscriptionFacts)]
        return next((fact.id for fact in known if plan in fact.continues), "")

    def continue_plan(self, plan: str, earlier: Sequence[str], first: int, ends: int, card: str, key: str) -> str:
        known = sum(isinstance(fact, SubscriptionFacts) and plan in fact.continues for fact in self.now.values())
        made, before = self.attempts.setdefault(key, (f"{plan}_on{known or ''}", ""))[0], self.now[plan]
        if self._effect(key, "continue_plan", plan, card) and isinstance(before, SubscriptionFacts):
            items = tuple(replace(item, period_start=self._moment(), period_end=first) for item in before.items)
            fresh = replace(before, status="active", ended_at=None, canceled_at=None, ended_because="", items=items)
            running = replace(fresh, created=self._moment(), started=self._moment(), default_card=card)
            self.now[made] = replace(running, id=made, anchor=first, cancel_at=ends, continues=tuple(earlier))
        return made

    def _refuse_unless(self, bill: str, status: str) -> None:
        found = self.now.get(bill)
        if not isinstance(found, Bill) or found.status != status:
            raise NotPossible

    def _moment(self) -> int:
        raise NotImplementedError

    def _call(self, *call: str) -> None:
        raise NotImplementedError

    def _effect(self, key: str, *effect: str) -> bool:
        raise NotImplementedError

    def _change(self, object_id: str, **changes: Any) -> None:
        raise NotImplementedError
