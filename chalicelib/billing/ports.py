"""What billing needs from outside: Stripe (Gateway), the mirror's store (Mirror), and time-ordered work (Queue)."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from chalicelib.billing.facts import CardFacts, CustomerFacts, Preview, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.home import Fact
from chalicelib.billing.reading import MirrorReader
from chalicelib.billing.reasons import Reason


class EventHint(Struct, frozen=True):
    """All that is believed of a Stripe event: which object to read again."""

    id: str
    type: str
    object: str
    object_id: str
    customer: str
    created: int


class CardSetup(Struct, frozen=True):
    """A SetupIntent made for one customer: what the page needs to show Stripe's card field."""

    id: str
    client_secret: str


class SetupResult(Struct, frozen=True):
    """A SetupIntent as Stripe has it now. `purpose` is the item it was made for."""

    id: str
    customer: str
    status: str
    card: str
    purpose: str
    decline_code: str = ""


class PayResult(Struct, frozen=True):
    """How paying one bill ended. `status`: paid, declined, action, processing, open."""

    bill: str
    status: str
    decline_code: str = ""
    client_secret: str = ""
    hosted_url: str = ""


class Payoff(Struct, frozen=True):
    """A bill over the rest of a plan. `status` is the invoice's, `attempt` who made it.

    `filled`: it asks for something; `tried`: somebody tried to pay it.
    """

    id: str
    status: str
    amount: int
    attempt: str
    tried: bool = False
    filled: bool = True
    due: int = 0


class Gateway(Protocol):
    """The words the portal speaks to Stripe. Every call raises the errors of `billing/errors.py`, nothing else.

    Reading an object that no longer exists gives None. `key` is the idempotency key of one step of one attempt.
    `intent` is kept in Stripe's metadata, so that a later reading shows whose doing the state is.
    """

    def customer(self, customer: str) -> CustomerFacts | None:
        """One customer; None when deleted."""

    def find_customers(self, addresses: Sequence[str]) -> tuple[CustomerFacts, ...]:
        """Customers with one of these addresses, by list (exact spelling) and search (any case, where allowed)."""

    def subscription(self, subscription: str) -> SubscriptionFacts | None:
        """One subscription with its products' names."""

    def schedule(self, schedule: str) -> ScheduleFacts | None:
        """One schedule."""

    def card(self, card: str) -> CardFacts | None:
        """One saved payment method; None when it belongs to no customer (any more)."""

    def bill(self, bill: str) -> Bill | None:
        """One invoice (in_…), one charge without invoice (ch_…, py_…) or one free checkout (cs_…), with its refunds.

        What names neither a customer nor an address is nobody's: None.
        """

    def bill_of_charge(self, charge: str) -> str:
        """Id of the invoice a charge paid, or the charge's own when it has none, or "" when it is gone."""

    def bill_of_session(self, session: str) -> str:
        """Id of the bill a guest's checkout session brought: its latest charge, itself if it was free, or ""."""

    def bills_of_guest(self, addresses: Sequence[str]) -> tuple[Bill, ...]:
        """What was bought through checkout sessions under one of these addresses, spelled so, without a customer."""

    def subscriptions_of(self, customer: str) -> tuple[SubscriptionFacts, ...]:
        """All subscriptions of a customer, ended ones too."""

    def schedules_of(self, customer: str) -> tuple[ScheduleFacts, ...]:
        """All schedules of a customer."""

    def cards_of(self, customer: str) -> tuple[CardFacts, ...]:
        """All saved payment methods of a customer."""

    def bills_of(self, customer: str) -> tuple[Bill, ...]:
        """All invoices and bare charges of a customer."""

    def preview(self, subscription: str) -> tuple[int, str, int] | None:
        """Amount, currency and due time of the next invoice, or None when there is none."""

    def events_since(self, created: int) -> tuple[EventHint, ...]:
        """Events from `created` on, oldest first (Stripe keeps 30 days)."""

    def start_card(self, customer: str, purpose: str, key: str) -> CardSetup:
        """A SetupIntent for a new card of this customer, to be used for `purpose` (an item's id)."""

    def card_setup(self, setup: str) -> SetupResult | None:
        """A SetupIntent as it is now."""

    def use_card(self, subscription: str, card: str, key: str) -> None:
        """Charge this subscription to that card from now on."""

    def use_card_in_schedule(self, schedule: str, card: str, key: str) -> None:
        """The same for the schedule that drives it: default settings, current and later phases."""

    def use_card_for_bill(self, bill: str, card: str, key: str) -> None:
        """The same for an open invoice that names a card of its own."""

    def remove_card(self, card: str, key: str) -> None:
        """Take a saved payment method from its customer, for good."""

    def pay(self, bill: str, card: str, key: str) -> PayResult:
        """Try to pay an open invoice with that card, the customer being present."""

    def pay_state(self, bill: str) -> PayResult:
        """How an invoice stands now, with what the browser needs to confirm it."""

    def payoffs(self, customer: str, plan: str) -> tuple[Payoff, ...]:
        """All bills ever made over the rest of this plan, newest first, the latest write included."""

    def unpaid_bills(self, subscription: str) -> tuple[str, ...]:
        """Its drafts and open bills."""

    def start_payoff(self, customer: str, plan: str, currency: str, attempt: str, due: int, key: str) -> str:
        """An empty draft for the rest of a plan, or for the one instalment due then (0 for all); gives its id."""

    def fill_payoff(self, bill: str, plan: str, lines: Sequence[tuple[str, int]], key: str) -> int:
        """Lines (words, net amount), taxed as the plan is. Gives what the customer would be charged."""

    def finalize(self, bill: str, key: str) -> str:
        """Make a draft payable, but let nothing collect it by itself. Gives its status: open, or paid if it is free."""

    def void(self, bill: str, key: str) -> None:
        """Take back a bill that is not paid, so that nobody can pay it any more. Raises NotPossible if it is."""

    def delete_draft(self, bill: str, key: str) -> None:
        """Remove a draft that belongs to no subscription. Raises NotPossible when it is none any more."""

    def end_plan(self, subscription: str, schedule: str, key: str) -> None:
        """End it now and its schedule ("" without one), billing and crediting nothing more."""

    def skip_until(self, subscription: str, until: int, key: str) -> None:
        """Make void what is billed before `until`, and go on by itself then."""

    def continuation(self, customer: str, plan: str) -> str:
        """The subscription, running or ended, that goes on with this plan, or ""; the latest write is included."""

    def continue_plan(self, plan: str, earlier: Sequence[str], first: int, ends: int, card: str, key: str) -> str:
        """A subscription like this ended one, charged to `card` from `first` until `ends`, that names the `earlier`."""

    def cancel_at_period_end(self, subscription: str, intent: str, reason: Reason, key: str) -> None:
        """No further renewal; access stays until the period's end."""

    def cancel_now(self, subscription: str, intent: str, reason: Reason, key: str) -> None:
        """End it at once (only for subscriptions that never started)."""

    def give_reason(self, subscription: str, reason: Reason, key: str) -> None:
        """Why it was canceled, where that could not be said along with the cancellation."""

    def schedule_backup(self, schedule: str) -> str:
        """The schedule's phases as JSON, enough to restore them exactly."""

    def end_with_phase(self, schedule: str, end: int, intent: str, key: str) -> None:
        """Keep the current phase only, cut at `end` (the paid period's end) when it is longer, and cancel then."""

    def set_autocharge(self, bill: str, on: bool, key: str) -> None:
        """Whether Stripe goes on trying to collect an open invoice."""

    def keep(self, subscription: str, ends: int | None, key: str) -> None:
        """Take back `cancel_at_period_end`; `ends` is the end it had before, None when it had none."""

    def restore_schedule(self, schedule: str, backup: str, key: str) -> None:
        """Take back `end_with_phase`."""


class Mirror(MirrorReader, Protocol):
    """The stored copy of what Stripe says, guarded by tickets (one counter per Stripe object)."""

    def take_ticket(self, object_id: str) -> int:
        """Add one to the object's counter and give the new value. Taken before reading or changing it."""

    def write(self, fact: Fact, ticket: int) -> bool:
        """Store the fact with its holder's HOME, unless a higher ticket has written: then False."""

    def forget(self, object_id: str, ticket: int) -> bool:
        """Remove what Stripe no longer has, under the same guard."""

    def fill(self, holder: str, facts: Sequence[Fact]) -> None:
        """Store everything read of a holder at once; objects already stored are left as they are."""

    def compared(self, holder: str, moment: float) -> None:
        """Remember that the holder was compared with everything Stripe has, at `moment`."""

    def to_compare(self, now: float, limit: int) -> tuple[str, ...]:
        """Holders never compared or not for a week, the longest first. Deleted customers and guests never are."""

    def write_preview(self, holder: str, preview: Preview) -> None:
        """Keep Stripe's figure for a next invoice."""
