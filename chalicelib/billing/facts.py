"""What Stripe says, as small frozen records: the rows of the mirror.

Amounts are integers in minor units of `currency`; times are UTC epoch seconds; ids are Stripe's.
Views for people are made from these in `account.py`; nothing here knows today's date or the merchant's settings.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TaxRate:
    """A tax as shown to people: `percentage` is decimal text ("20", "7.7")."""

    name: str
    percentage: str
    inclusive: bool


@dataclass(frozen=True)
class Discount:
    """A running discount; `ends` is None when it lasts."""

    name: str
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str = ""
    ends: int | None = None


@dataclass(frozen=True)
class Price:
    """A price with its product's name. `unit_amount` is None for tiers; `interval` is None for one-off prices."""

    id: str
    name: str
    currency: str
    unit_amount: int | None
    interval: str | None = None
    interval_count: int = 1
    metered: bool = False


@dataclass(frozen=True)
class Item:
    """One line of a subscription."""

    id: str
    price: Price
    quantity: int | None
    period_start: int
    period_end: int
    tax_rates: tuple[TaxRate, ...] = ()
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True)
class SubscriptionFacts:
    """A Stripe subscription. `mark` is the explicit metadata mark ("plan", "subscription" or "").

    `first_seen_as` is the class stored when it was first seen ("plan", "subscription"); it never flips by itself.
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
    pending_amount: int = 0
    automatic_tax: bool = False
    anchor: int | None = None


@dataclass(frozen=True)
class Phase:
    """One phase of a schedule. `amount` is its list price per billing period, None when that is not flat."""

    start: int
    end: int
    prices: tuple[tuple[str, int | None], ...]
    default_card: str = ""
    amount: int | None = None
    interval: str = ""
    interval_count: int = 1
    trial: bool = False


@dataclass(frozen=True)
class ScheduleFacts:
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


@dataclass(frozen=True)
class CardFacts:
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


@dataclass(frozen=True)
class CustomerFacts:
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


@dataclass(frozen=True)
class Refund:
    """Money given back on a payment."""

    id: str
    amount: int
    created: int


@dataclass(frozen=True)
class Payment:
    """One try to settle a bill. `status`: succeeded, failed, processing, requires_action, out_of_band."""

    id: str
    amount: int
    status: str
    created: int
    charge: str = ""
    payment_intent: str = ""
    kind: str = ""
    brand: str = ""
    last4: str = ""
    decline_code: str = ""
    refunds: tuple[Refund, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of a bill, before and after discounts; `taxes` pairs a rate with its amount."""

    description: str
    quantity: int | None
    unit_amount: int | None
    amount: int
    period_start: int | None = None
    period_end: int | None = None
    discount: int = 0
    price: str = ""
    proration: bool = False


@dataclass(frozen=True)
class TaxAmount:
    """Tax of one rate on a whole bill. `taxable` is the net sum it was taken on, `reason` Stripe's taxability."""

    rate: TaxRate
    amount: int
    taxable: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class DiscountAmount:
    """What one discount took off a whole bill."""

    name: str
    amount: int


@dataclass(frozen=True)
class BillTo:
    """The customer as frozen on the bill by Stripe."""

    name: str = ""
    email: str = ""
    address: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bill:
    """A Stripe invoice, or a charge that has none (`kind` "invoice" or "charge"), with its payments, oldest first.

    `status` is the invoice's (draft, open, paid, uncollectible, void); a bare charge is "paid" or "open" (failed).
    `balance_applied` is the customer's credit used (negative when an old debt was added), `credited` the credit notes.
    """

    id: str
    holder: str
    kind: str
    status: str
    currency: str
    created: int
    total: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    number: str = ""
    title: str = ""
    reason: str = ""
    subscription: str = ""
    subtotal: int = 0
    balance_applied: int = 0
    due: int | None = None
    paid_at: int | None = None
    attempts: int = 0
    next_attempt: int | None = None
    auto_advance: bool = False
    collection_method: str = "charge_automatically"
    default_card: str = ""
    hosted_url: str = ""
    payments: tuple[Payment, ...] = ()
    lines: tuple[Line, ...] = ()
    taxes: tuple[TaxAmount, ...] = ()
    discounts: tuple[DiscountAmount, ...] = ()
    bill_to: BillTo = BillTo()
    issued: int | None = None
    credited: int = 0
    shipping: int = 0
    memo: str = ""
    custom_fields: tuple[tuple[str, str], ...] = ()

    def short(self) -> "Bill":
        """The bill without the parts only a receipt needs, as kept in a holder's HOME."""
        return replace(self, lines=(), taxes=(), discounts=(), bill_to=BillTo(), memo="", custom_fields=())


@dataclass(frozen=True)
class Home:
    """Everything a home or item page needs of one holder; bills are short, newest first.

    `more_bills` says that older bills exist which only the history pages show; `filled` that everything Stripe has
    was read once, not only what events brought.
    """

    holder: str
    customer: CustomerFacts
    subscriptions: tuple[SubscriptionFacts, ...] = ()
    schedules: tuple[ScheduleFacts, ...] = ()
    cards: tuple[CardFacts, ...] = ()
    bills: tuple[Bill, ...] = ()
    previews: tuple["Preview", ...] = ()
    more_bills: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Preview:
    """What Stripe says the next invoice of a subscription will be; dropped when `inputs` no longer match."""

    subscription: str
    inputs: str
    amount: int
    currency: str
    due: int
