"""What a receipt says: plain data, frozen when the document is first issued, with no ink and no Stripe in it.

Amounts are minor units of `currency`, moments UTC epoch seconds. msgspec writes and reads it as JSON, and every
field with a default may be missing in a record written before the field existed.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

LATEST_LAYOUT: Final = 1


class Status(StrEnum):
    """What became of the payment; the value is the word printed."""

    PAID = "Paid"
    PARTLY_REFUNDED = "Partly refunded"
    REFUNDED = "Refunded"
    PAID_OUTSIDE = "Paid outside"
    NO_PAYMENT_DUE = "No payment due"


class MerchantBlock(Struct, frozen=True):
    """The seller and the brand. `logo_key` names the logo in the vault by its content, so it never changes."""

    name: str
    address: tuple[str, ...] = ()
    tax_id: str | None = None
    support_email: str | None = None
    colour: str = "#4f46e5"
    logo_key: str | None = None


class CustomerBlock(Struct, frozen=True):
    """The buyer, as far as the payment names one. `tax_ids` are printed as they stand, kind included."""

    name: str | None = None
    email: str | None = None
    address: tuple[str, ...] = ()
    tax_ids: tuple[str, ...] = ()


class Discount(Struct, frozen=True):
    """A positive `amount` taken off."""

    label: str
    amount: int


class Tax(Struct, frozen=True):
    """One rate. An inclusive tax is already inside the lines; an exclusive one is added to them."""

    label: str
    amount: int
    percentage: Decimal | None = None
    inclusive: bool = False
    taxable_amount: int | None = None
    note: str | None = None


class Line(Struct, frozen=True):
    """One thing bought. `amount` is before discounts; `unit_amount` may be a fraction of a minor unit."""

    description: str
    amount: int
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    period: tuple[int, int] | None = None
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[str, ...] = ()


class Refund(Struct, frozen=True):
    """Money given back; `at` is None when only the sum is known."""

    amount: int
    at: int | None = None


class Receipt(Struct, frozen=True):
    """One payment's document. Every amount is positive unless it says otherwise.

    `balance_applied` is the customer's credit used (negative: a debit collected with this payment) and
    `credit_notes` what the merchant took off before payment (negative: paid too much). `paid_otherwise` is
    what other payments have brought in for the same invoice, `still_due` what is open after this one.
    """

    number: str
    status: Status
    issued_at: int
    currency: str
    merchant: MerchantBlock
    customer: CustomerBlock
    lines: tuple[Line, ...]
    subtotal: int
    total: int
    amount_paid: int
    paid_at: int | None = None
    method: str | None = None
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[Tax, ...] = ()
    balance_applied: int = 0
    credit_notes: int = 0
    paid_otherwise: int = 0
    still_due: int = 0
    refunds: tuple[Refund, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    locale: str = "en"
    time_zone: str = "UTC"
    layout_version: int = LATEST_LAYOUT

    @property
    def refunded(self) -> int:
        """The sum given back."""
        return sum(refund.amount for refund in self.refunds)


def status_of(paid: int, refunds: Iterable[Refund], outside: bool = False) -> Status:
    """The word for a payment of `paid`; `outside` when the merchant marked it as paid elsewhere."""
    refunded = sum(refund.amount for refund in refunds)
    if refunded and refunded >= paid:
        return Status.REFUNDED
    if refunded:
        return Status.PARTLY_REFUNDED
    if paid == 0:
        return Status.NO_PAYMENT_DUE
    return Status.PAID_OUTSIDE if outside else Status.PAID


def version_of(refunded: int) -> str:
    """The name of a receipt's version: a payment has one document for each sum given back so far."""
    return f"refunded-{refunded}" if refunded else "paid"
