"""What billing needs from outside: Stripe (Gateway), the mirror's store (Mirror), and time-ordered work (Queue)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.billing.facts import (
    Bill,
    CardFacts,
    CustomerFacts,
    Home,
    ScheduleFacts,
    SubscriptionFacts,
)

Fact = SubscriptionFacts | ScheduleFacts | CardFacts | CustomerFacts | Bill


@dataclass(frozen=True)
class EventHint:
    """All that is believed of a Stripe event: which object to read again."""

    id: str
    type: str
    object: str
    object_id: str
    customer: str
    created: int


@dataclass(frozen=True)
class CardSetup:
    """A SetupIntent made for one customer: what the page needs to show Stripe's card field."""

    id: str
    client_secret: str


@dataclass(frozen=True)
class SetupResult:
    """A SetupIntent as Stripe has it now. `purpose` is the item it was made for."""

    id: str
    customer: str
    status: str
    card: str
    purpose: str
    decline_code: str = ""


@dataclass(frozen=True)
class PayResult:
    """How paying one bill ended. `status`: paid, declined, action, processing, open."""

    bill: str
    status: str
    decline_code: str = ""
    client_secret: str = ""
    hosted_url: str = ""


class Gateway(Protocol):
    """The words the portal speaks to Stripe. Every call raises the errors of `billing/errors.py`, nothing else.

    Reading an object that no longer exists returns None. `key` is the idempotency key of the attempt.
    """

    def customer(self, customer: str) -> CustomerFacts | None: ...
    def find_customers(self, addresses: Sequence[str]) -> tuple[CustomerFacts, ...]: ...
    def subscription(self, subscription: str) -> SubscriptionFacts | None: ...
    def schedule(self, schedule: str) -> ScheduleFacts | None: ...
    def card(self, card: str) -> CardFacts | None: ...
    def bill(self, bill: str) -> Bill | None: ...
    def bill_of_charge(self, charge: str) -> str: ...
    def subscriptions_of(self, customer: str) -> tuple[SubscriptionFacts, ...]: ...
    def schedules_of(self, customer: str) -> tuple[ScheduleFacts, ...]: ...
    def cards_of(self, customer: str) -> tuple[CardFacts, ...]: ...
    def bills_of(self, customer: str) -> tuple[Bill, ...]: ...
    def preview(self, subscription: str) -> tuple[int, str, int] | None: ...
    def events_since(self, created: int) -> tuple[EventHint, ...]: ...

    def start_card(self, customer: str, purpose: str, key: str) -> CardSetup: ...
    def card_setup(self, setup: str) -> SetupResult | None: ...
    def use_card(self, subscription: SubscriptionFacts, schedule: ScheduleFacts | None, card: str, key: str) -> None: ...
    def pay(self, bill: str, card: str, key: str) -> PayResult: ...
    def cancel_at_period_end(self, subscription: str, key: str) -> None: ...
    def cancel_now(self, subscription: str, key: str) -> None: ...
    def end_schedule_with_phase(self, schedule: ScheduleFacts, key: str) -> None: ...
    def stop_collecting(self, bill: str, key: str) -> None: ...
    def keep(self, subscription: str, key: str) -> None: ...
    def restore_schedule(self, schedule: ScheduleFacts, key: str) -> None: ...
    def resume_collecting(self, bill: str, key: str) -> None: ...


class Mirror(Protocol):
    """The stored copy of what Stripe says, guarded by tickets (one counter per Stripe object)."""

    def take_ticket(self, object_id: str) -> int: ...
    def write(self, fact: Fact, ticket: int) -> bool: ...
    def forget(self, object_id: str, ticket: int) -> bool: ...
    def where(self, object_id: str) -> str: ...
    def home(self, holder: str, fresh: bool = False) -> Home | None: ...
    def bill(self, holder: str, bill: str) -> Bill | None: ...
    def history(self, holder: str, item: str = "", before: str = "", limit: int = 25) -> tuple[tuple[Bill, ...], str]: ...
