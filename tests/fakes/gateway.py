"""Stripe in memory, as the gateway shows it: remembers facts, every call, and each effect by its idempotency key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing.errors import NotPossible, StripeUnavailable
from chalicelib.billing.facts import CardFacts, CustomerFacts, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.guests import is_guest
from chalicelib.billing.home import Fact
from chalicelib.billing.ports import CardSetup, EventHint, PayResult, SetupResult
from chalicelib.billing.reasons import Reason
from tests.fakes.payoffs import FakePayoffs


@dataclass
class FakeGateway(FakePayoffs):
    """`now` holds every object as Stripe has it; `calls` all calls by name; `effects` what writes did, once a key;
    `sessions` the bill each checkout session of a guest brought."""

    now: dict[str, Fact] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    effects: dict[str, tuple[str, ...]] = field(default_factory=dict)
    setups: dict[str, SetupResult] = field(default_factory=dict)
    pays: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, tuple[str, str]] = field(default_factory=dict)
    down: bool = False

    def put(self, *facts: Fact) -> None:
        """Something changed at Stripe."""
        self.now |= {fact.id: fact for fact in facts}

    def customer(self, customer: str) -> CustomerFacts | None:
        return self._get(customer, CustomerFacts)

    def find_customers(self, addresses: Sequence[str]) -> tuple[CustomerFacts, ...]:
        self._call("find_customers", *addresses)
        wanted = {address.lower() for address in addresses}
        return tuple(c for c in self.now.values() if isinstance(c, CustomerFacts) and c.email.lower() in wanted)

    def subscription(self, subscription: str) -> SubscriptionFacts | None:
        return self._get(subscription, SubscriptionFacts)

    def schedule(self, schedule: str) -> ScheduleFacts | None:
        return self._get(schedule, ScheduleFacts)

    def card(self, card: str) -> CardFacts | None:
        return self._get(card, CardFacts)

    def bill(self, bill: str) -> Bill | None:
        return self._get(bill, Bill)

    def bill_of_charge(self, charge: str) -> str:
        self._call("bill_of_charge", charge)
        bills = [b for b in self.now.values() if isinstance(b, Bill)]
        return next((b.id for b in bills if any(p.charge == charge for p in b.payments)), "")

    def bill_of_session(self, session: str) -> str:
        self._call("bill_of_session", session)
        return self.sessions.get(session, "")

    def bills_of_guest(self, addresses: Sequence[str]) -> tuple[Bill, ...]:
        """As Stripe lists sessions: letter by letter, and only what a session brought."""
        self._call("bills_of_guest", *addresses)
        brought = [bill for id in self.sessions.values() if isinstance(bill := self.now.get(id), Bill)]
        return tuple(b for b in brought if is_guest(b.holder) and b.bill_to.email in addresses)

    def subscriptions_of(self, customer: str) -> tuple[SubscriptionFacts, ...]:
        return tuple(f for f in self._of(customer) if isinstance(f, SubscriptionFacts))

    def schedules_of(self, customer: str) -> tuple[ScheduleFacts, ...]:
        return tuple(f for f in self._of(customer) if isinstance(f, ScheduleFacts))

    def cards_of(self, customer: str) -> tuple[CardFacts, ...]:
        return tuple(f for f in self._of(customer) if isinstance(f, CardFacts))

    def bills_of(self, customer: str) -> tuple[Bill, ...]:
        return tuple(f for f in self._of(customer) if isinstance(f, Bill))

    def preview(self, subscription: str) -> tuple[int, str, int] | None:
        self._call("preview", subscription)
        return None

    def events_since(self, created: int) -> tuple[EventHint, ...]:
        self._call("events_since", str(created))
        return ()

    def start_card(self, customer: str, purpose: str, key: str) -> CardSetup:
        self._effect(key, "start_card", customer, purpose)
        setup = f"seti_{len(self.setups) + 1}"
        self.setups[setup] = SetupResult(setup, customer, "requires_payment_method", "", purpose)
        return CardSetup(setup, f"{setup}_secret")

    def card_setup(self, setup: str) -> SetupResult | None:
        self._call("card_setup", setup)
        return self.setups.get(setup)

    def use_card(self, subscription: str, card: str, key: str) -> None:
        if self._effect(key, "use_card", subscription, card):
            self._change(subscription, default_card=card)

    def use_card_in_schedule(self, schedule: str, card: str, key: str) -> None:
        if self._effect(key, "use_card_in_schedule", schedule, card):
            self._change(schedule, default_card=card)

    def use_card_for_bill(self, bill: str, card: str, key: str) -> None:
        if self._effect(key, "use_card_for_bill", bill, card):
            self._change(bill, default_card=card)

    def remove_card(self, card: str, key: str) -> None:
        if self._effect(key, "remove_card", card):
            self.now.pop(card, None)

    def pay(self, bill: str, card: str, key: str) -> PayResult:
        ends = self.pays.get(card, "paid")
        found = self.now.get(bill)
        if key not in self.effects and isinstance(found, Bill) and found.status in {"paid", "void"}:
            raise NotPossible
        if self._effect(key, "pay", bill, card):
            paid = {"status": "paid", "amount_remaining": 0} if ends == "paid" else {}
            self._change(bill, **paid, attempts=1)
            self.states[bill] = ends
        return PayResult(bill, ends, "insufficient_funds" if ends == "declined" else "")

    def pay_state(self, bill: str) -> PayResult:
        found = self._get(bill, Bill)
        state = {"action": "action", "processing": "processing"}.get(self.states.get(bill, ""), "open")
        return PayResult(bill, "paid" if found and found.status == "paid" else state)

    def cancel_at_period_end(self, subscription: str, intent: str, reason: Reason, key: str) -> None:
        if self._effect(key, "cancel_at_period_end", subscription):
            self.reasons[subscription] = reason
            end = self.now[subscription].items[0].period_end  # type: ignore[union-attr]
            self._change(subscription, cancel_at_period_end=True, cancel_at=end, portal_cancel=intent)

    def cancel_now(self, subscription: str, intent: str, reason: Reason, key: str) -> None:
        if self._effect(key, "cancel_now", subscription):
            self.reasons[subscription] = reason
            self._change(subscription, status="canceled")

    def give_reason(self, subscription: str, reason: Reason, key: str) -> None:
        if self._effect(key, "give_reason", subscription):
            self.reasons[subscription] = reason

    def schedule_backup(self, schedule: str) -> str:
        self._call("schedule_backup", schedule)
        return f"backup of {schedule}"

    def end_with_phase(self, schedule: str, end: int, intent: str, key: str) -> None:
        if self._effect(key, "end_with_phase", schedule, str(end)):
            self._change(schedule, end_behavior="cancel", portal_cancel=intent)

    def set_autocharge(self, bill: str, on: bool, key: str) -> None:
        if self._effect(key, "set_autocharge", bill, str(on)):
            self._change(bill, auto_advance=on)

    def keep(self, subscription: str, ends: int | None, key: str) -> None:
        if self._effect(key, "keep", subscription):
            self._change(subscription, cancel_at_period_end=False, cancel_at=ends, portal_cancel="")

    def restore_schedule(self, schedule: str, backup: str, key: str) -> None:
        if self._effect(key, "restore_schedule", schedule, backup):
            self._change(schedule, end_behavior="release", portal_cancel="")

    def _moment(self) -> int:
        return int(clock.now())

    def _get(self, object_id: str, kind: type[Any]) -> Any:
        self._call("get", object_id)
        found = self.now.get(object_id)
        return found if isinstance(found, kind) else None

    def _of(self, customer: str) -> list[Fact]:
        self._call("list", customer)
        return [f for f in self.now.values() if customer in (getattr(f, "customer", ""), getattr(f, "holder", ""))]

    def _change(self, object_id: str, **changes: Any) -> None:
        self.now[object_id] = replace(self.now[object_id], **changes)

    def _call(self, *call: str) -> None:
        if self.down:
            raise StripeUnavailable
        self.calls.append(call)

    def _effect(self, key: str, *effect: str) -> bool:
        """True the first time this key is used: Stripe replays its answer afterwards."""
        self._call(*effect)
        fresh = key not in self.effects
        self.effects.setdefault(key, effect)
        return fresh
