"""What Stripe says of money asked for and paid: bills, their payments and lines. Units as in `facts.py`."""

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.billing.facts_price import TaxRate


class Refund(Struct, frozen=True):
    """Money given back on a payment."""

    id: str
    amount: int
    created: int


class Payment(Struct, frozen=True):
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


class Line(Struct, frozen=True):
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


class TaxAmount(Struct, frozen=True):
    """Tax of one rate on a whole bill. `taxable` is the net sum it was taken on, `reason` Stripe's taxability."""

    rate: TaxRate
    amount: int
    taxable: int | None = None
    reason: str = ""


class DiscountAmount(Struct, frozen=True):
    """What one discount took off a whole bill."""

    name: str
    amount: int


class BillTo(Struct, frozen=True):
    """The customer as frozen on the bill by Stripe."""

    name: str = ""
    email: str = ""
    address: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()


class Bill(Struct, frozen=True):
    """A Stripe invoice, or a charge that has none (`kind` "invoice" or "charge"), with its payments, oldest first.

    `status` is the invoice's (draft, open, paid, uncollectible, void); a bare charge is "paid" or "open" (failed).
    `balance_applied` is the customer's credit used (negative when an old debt was added), `credited` the credit notes.
    `pays_off` is the plan whose whole rest it asks for at once, or only the instalment due at `pays_due`; such a bill
    has no `subscription`.
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
    pays_off: str = ""
    pays_due: int | None = None

    @property
    def item(self) -> str:
        """The subscription or plan it belongs to, or ""."""
        return self.subscription or self.pays_off

    def short(self) -> "Bill":
        """The bill without the parts only a receipt needs, as kept in a holder's HOME."""
        return replace(self, lines=(), taxes=(), discounts=(), bill_to=BillTo(), memo="", custom_fields=())
