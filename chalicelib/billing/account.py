"""What the customer sees: an account with its subscriptions, payment plans, orders and cards.

Built by `view.py`, free of Stripe's vocabulary where people read it. Amounts: minor units; times: UTC epoch seconds.
"""

from enum import StrEnum

from msgspec import Struct, field

from chalicelib.billing import guests
from chalicelib.billing.facts import Item
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.facts_price import Discount, TaxRate
from chalicelib.billing.instalments import Instalment, Rest, Resumption, Stopped


class Status(StrEnum):
    """Status shown to people. An unknown Stripe status is shown as its own words, see `Shown`."""

    CANCELED = "Canceled"
    UNPAID = "Unpaid"
    PAYMENT_NEEDED = "Payment needed"
    PAST_DUE = "Past due"
    PAUSED = "Paused"
    CANCELING = "Canceling"
    TRIALING = "Trialing"
    ACTIVE = "Active"
    COMPLETED = "Completed"


class Shown(Struct, frozen=True):
    """A status as word and tone: "ok", "warn", "bad" or "quiet". `status` is None when Stripe's word is new to us."""

    word: str
    tone: str
    status: Status | None


class Card(Struct, frozen=True):
    """A saved payment method. `label` reads "Visa •••• 4242", "SEPA debit •••• 3000", "Link".

    Pages say "card" only for cards.
    """

    id: str
    holder: str
    kind: str
    label: str
    brand: str = ""
    last4: str = ""
    expires: str = ""
    expired: bool = False
    expiring: bool = False

    @property
    def is_card(self) -> bool:
        """True for credit and debit cards, false for bank debits and wallets."""
        return self.kind == "card"


class NextPayment(Struct, frozen=True):
    """The next charge. `amount` is None when only the date is known; `about` when it may still change."""

    due: int
    amount: int | None
    currency: str
    about: bool = False


class PaymentLine(Struct, frozen=True):
    """One payment in a history. `receipt` is the id of its receipt page, empty when there is none."""

    bill: str
    when: int
    amount: int
    currency: str
    title: str
    word: str
    tone: str
    method: str = ""
    receipt: str = ""
    item: str = ""


class Overdue(Struct, frozen=True):
    """Open bills of one item whose payment failed or is due, oldest first, with words for the alert."""

    bills: tuple[Bill, ...]
    amount: int
    currency: str
    reason: str
    next_try: int | None = None
    pay_link: str = ""


class Subscription(Struct, frozen=True):
    """Runs until canceled. `anchor` sets the day of billing dates.

    `bills` are those known of it, newest first. `on_its_way` is what a bank is processing of its open bills.
    `paid_periods` and those billed and not paid yet are counted only where the merchant has rules for cancelling.
    `continues` are the ids it had before it was resumed.
    """

    id: str
    holder: str
    name: str
    shown: Shown
    currency: str
    items: tuple[Item, ...]
    started: int
    amount: int | None
    interval: str
    interval_count: int
    card: Card | None
    next_payment: NextPayment | None = None
    ends: int | None = None
    ended: int | None = None
    trial_end: int | None = None
    period_end: int | None = None
    discounts: tuple[Discount, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    overdue: Overdue | None = None
    on_its_way: int = 0
    schedule: str = ""
    sends_invoice: bool = False
    inherits_card: bool = False
    bills: tuple[Bill, ...] = ()
    canceled_here: bool = False
    anchor: int | None = None
    paid_periods: int = 0
    waiting_periods: int = 0
    continues: tuple[str, ...] = ()

    @property
    def is_plan(self) -> bool:
        """Payment plans have rules of their own: never canceled by the customer."""
        return False

    def is_called(self, item_id: str) -> bool:
        """By its id, or by one it had before it was resumed."""
        return item_id in (self.id, *self.continues)


class PaymentPlan(Subscription, frozen=True):
    """A fixed number of instalments. `of` is None while the number is not known (flagged to the merchant).
    `rest` is what paying all that is to come would cost, `early` the next alone, None when not certain; `ahead`: the
    date of one paid early and still to be skipped; `paying_off`: such a payment under way; `paid_off`: it is through.
    `stopped`: nothing is charged by itself, yet some is left; `resumption`: how it could go on.
    """

    done: int = 0
    of: int | None = None
    paid: int = 0
    left: int | None = None
    total: int | None = None
    instalments: tuple[Instalment, ...] = ()
    never_ends: bool = False
    rest: Rest | None = None
    early: Rest | None = None
    ahead: int | None = None
    paying_off: Bill | None = None
    paid_off: bool = False
    stopped: Stopped | None = None
    resumption: Resumption | None = None

    @property
    def to_come(self) -> tuple[Instalment, ...]:
        """The instalments not billed yet."""
        return tuple(row for row in self.instalments if row.word in {"Next", "Later"})

    @property
    def is_plan(self) -> bool:
        """Always: accounts receivable, not a cancellable subscription."""
        return True


class Order(Struct, frozen=True):
    """A purchase: first invoice of a subscription or plan, a one-off invoice, or a payment without invoice.

    `payments` counts the payments that settled it; `pay_link` is Stripe's page for an order that is still open.
    """

    id: str
    holder: str
    title: str
    when: int
    amount: int
    currency: str
    word: str
    tone: str
    item: str = ""
    payments: int = 0
    receipt: str = ""
    pay_link: str = ""


class Holder(Struct, frozen=True):
    """One Stripe customer (or guest) of the mailbox, labelled when the mailbox has several."""

    id: str
    name: str
    label: str
    subscriptions: tuple[Subscription, ...] = ()
    plans: tuple[PaymentPlan, ...] = ()
    orders: tuple[Order, ...] = ()
    payments: tuple[PaymentLine, ...] = ()
    cards: tuple[Card, ...] = ()
    more_payments: bool = False

    @property
    def ref(self) -> str:
        """What addresses of pages call it."""
        return guests.ref(self.id)

    def items(self) -> tuple[Subscription, ...]:
        """All subscriptions and plans, in page order."""
        return (*self.subscriptions, *self.plans)


class Account(Struct, frozen=True):
    """Everything one mailbox may see."""

    mailbox: str
    name: str
    holders: tuple[Holder, ...] = field(default=())

    @property
    def several(self) -> bool:
        """True when items must be labelled by holder."""
        return len(self.holders) > 1

    def items(self) -> tuple[Subscription, ...]:
        """All subscriptions and plans, in page order."""
        return tuple(item for holder in self.holders for item in holder.items())

    def overdue(self) -> tuple[Subscription, ...]:
        """Items with failed or due payments, for the alert on the home page."""
        return tuple(item for item in self.items() if item.overdue)

    def item(self, item_id: str) -> Subscription | None:
        """This account's subscription or plan, or None: foreign and missing are the same."""
        return next((item for item in self.items() if item.is_called(item_id)), None)

    def holder(self, holder_id: str) -> Holder | None:
        """This account's holder by its `ref`, or None."""
        return next((h for h in self.holders if h.ref == holder_id), None)

    def empty(self) -> bool:
        """Nothing bought yet under this address."""
        return not any(h.subscriptions or h.plans or h.orders or h.payments for h in self.holders)
