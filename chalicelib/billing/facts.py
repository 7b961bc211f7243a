"""What Stripe says, as small frozen records: the rows of the mirror.

Amounts are integers in minor units of `currency`; times are UTC epoch seconds; ids are Stripe's.
Views for people are made from these in `account.py`; nothing here knows today's date or the merchant's settings.
"""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.facts_price import Discount, Price, TaxRate


class Item(Struct, frozen=True):
    """One line of a subscription."""

    id: str
    price: Price
    quantity: int | None
    period_start: int
    period_end: int
    tax_rates: tuple[TaxRate, ...] = ()
    discounts: tuple[Discount, ...] = ()


class SubscriptionFacts(Struct, frozen=True):
    """A Stripe subscription. `mark` is the explicit metadata mark ("plan", "subscription" or "").

    `first_seen_as` is the class stored when it was first seen ("plan", "subscription"); it never flips by itself.
    `ended_because` is Stripe’s word for why it was canceled (payment_failed, cancellation_requested, payment_disputed).
    `continues` are the ended subscriptions of the plan that this one goes on with, oldest first.
    `portal_cancel` is the intent of a cancellation made here (metadata `tillkey_cancel`), kept until it is undone.
    """

    id: str
    customer: str
    status: str
    currency: str
    created: int
    started: int
    items: tuple[Item, ...]
    collection_method: str = "charge_automatically"
    trial_end: int | None = None
    cancel_at_period_end: bool = False
    cancel_at: int | None = None
    canceled_at: int | None = None
    ended_at: int | None = None
    collection_paused: bool = False
    resumes_at: int | None = None
    default_card: str = ""
    default_source: str = ""
    schedule: str = ""
    mark: str = ""
    instalments: int | None = None
    first_seen_as: str = ""
    discounts: tuple[Discount, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    pending_items: bool = False
    portal_cancel: str = ""
    ended_because: str = ""
    pending_amount: int = 0
    automatic_tax: bool = False
    anchor: int | None = None
    continues: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Its own, and those it had before its plan was resumed."""
        return (self.id, *self.continues)

    def own(self, bills: Sequence[Bill]) -> list[Bill]:
        """Those of these bills that are its bills, under whichever of its ids."""
        ids = self.ids
        return [bill for bill in bills if bill.subscription in ids]


class Phase(Struct, frozen=True):
    """One phase of a schedule. `amount` is its list price per billing period, None when that is not flat."""

    start: int
    end: int
    prices: tuple[tuple[str, int | None], ...]
    default_card: str = ""
    amount: int | None = None
    interval: str = ""
    interval_count: int = 1
    trial: bool = False


class ScheduleFacts(Struct, frozen=True):
    """A Stripe subscription schedule that drives `subscription`."""

    id: str
    customer: str
    subscription: str
    status: str
    end_behavior: str
    phases: tuple[Phase, ...]
    current_start: int | None = None
    current_end: int | None = None
    default_card: str = ""
    portal_cancel: str = ""


class CardFacts(Struct, frozen=True):
    """A saved payment method of any type; `kind` is Stripe's type ("card", "sepa_debit", "link", …)."""

    id: str
    customer: str
    kind: str
    created: int
    brand: str = ""
    last4: str = ""
    exp_month: int = 0
    exp_year: int = 0
    fingerprint: str = ""


class CustomerFacts(Struct, frozen=True):
    """A Stripe customer. `hidden` is the metadata mark `tillkey=hide`."""

    id: str
    email: str
    name: str
    created: int
    default_card: str = ""
    default_source: str = ""
    balance: int = 0
    deleted: bool = False
    hidden: bool = False
    discounted: bool = False
    tax_exempt: str = "none"


class Home(Struct, frozen=True):
    """Everything a home or item page needs of one holder; bills are short, newest first.

    `more_bills` says that older bills exist which only the history pages show; `compared_at` is when everything
    Stripe has was last read, not only what events brought (UTC epoch seconds, 0 when never).
    """

    holder: str
    customer: CustomerFacts
    subscriptions: tuple[SubscriptionFacts, ...] = ()
    schedules: tuple[ScheduleFacts, ...] = ()
    cards: tuple[CardFacts, ...] = ()
    bills: tuple[Bill, ...] = ()
    previews: tuple["Preview", ...] = ()
    more_bills: bool = False
    compared_at: float = 0.0


class Preview(Struct, frozen=True):
    """What Stripe says the next invoice of a subscription will be; dropped when `inputs` no longer match."""

    subscription: str
    inputs: str
    amount: int
    currency: str
    due: int
