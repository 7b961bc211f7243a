"""A payment of a bill in the mirror, turned into the data of its receipt. Pure: no clock, no store, no Stripe."""

from decimal import Decimal
from typing import Final

from chalicelib.billing import bills
from chalicelib.billing import facts_bill as facts
from chalicelib.errors import NotFound
from chalicelib.receipts.countries import COUNTRIES
from chalicelib.receipts.methods import method_text
from chalicelib.receipts.receipt import (
    CustomerBlock,
    Discount,
    Line,
    MerchantBlock,
    Receipt,
    Refund,
    Tax,
    status_of,
)
from chalicelib.settings.merchant import Settings

CHARGE_TAIL: Final = 10
# https://docs.stripe.com/api/invoices/object#invoice_object-total_taxes-taxability_reason
REASONS: Final = {
    "customer_exempt": "exempt",
    "portion_product_exempt": "exempt",
    "product_exempt": "exempt",
    "product_exempt_holiday": "exempt",
    "reverse_charge": "reverse charge",
}
# Nothing was taxed because the seller does not tax there: no line of a receipt speaks of it.
UNTAXED: Final = {"not_available", "not_collecting", "not_subject_to_tax", "not_supported"}
REVERSE_CHARGE: Final = "Reverse charge: the customer accounts for the tax."


def merchant_block(settings: Settings, logo_key: str | None = None) -> MerchantBlock:
    """The seller as settings have it today; `logo_key` names the logo in the vault."""
    company = settings.company
    return MerchantBlock(
        name=company.name,
        address=company.address,
        tax_id=company.tax_id or None,
        support_email=company.support_email or None,
        colour=settings.brand.colour,
        logo_key=logo_key,
    )


def number_of(bill: facts.Bill, ordinal: int) -> str:
    """The receipt's number: the invoice's, with the ordinal from the second payment on ("INV-0001-2").

    A bill without a number, such as a bare charge, lends the end of its id: it never changes and no counter
    can run ahead of it.
    """
    number = bill.number or f"R-{bill.id[-CHARGE_TAIL:]}"
    return number if ordinal == 1 else f"{number}-{ordinal}"


def from_bill(
    bill: facts.Bill, ordinal: int, merchant: MerchantBlock, locale: str = "en", time_zone: str = "UTC"
) -> Receipt:
    """The receipt of the bill's payment with that ordinal (from 1), or of a paid bill that needed no payment.

    Raises NotFound when there is no such payment: nothing was paid, so there is nothing to give a receipt for.
    """
    payment = bills.receipt_payment(bill, ordinal)
    if payment is None and (ordinal != 1 or not bills.receipt_ref(bill)):
        raise NotFound
    lines, paid = _lines(bill), payment.amount if payment else 0
    settled = sum(each.amount for each in bills.settled(bill))
    refunds = _refunds(payment) if payment else ()
    return Receipt(
        number=number_of(bill, ordinal),
        status=status_of(paid, refunds, outside=payment is not None and payment.status == "out_of_band"),
        issued_at=_issued_at(bill, payment),
        currency=bill.currency,
        merchant=merchant,
        customer=_customer(bill.bill_to),
        lines=lines,
        subtotal=_subtotal(bill, lines),
        total=bill.total,
        amount_paid=paid,
        paid_at=payment.created if payment else None,
        method=method_text(payment.kind, payment.brand, payment.last4) if payment else None,
        discounts=tuple(Discount(each.name, each.amount) for each in bill.discounts),
        taxes=_taxes(bill),
        balance_applied=bill.balance_applied,
        credit_notes=bill.total - bill.balance_applied - settled - bill.amount_remaining,
        paid_otherwise=settled - paid,
        still_due=bill.amount_remaining,
        refunds=refunds,
        fields=bill.custom_fields,
        notes=_notes(bill),
        locale=locale,
        time_zone=time_zone,
    )


def _issued_at(bill: facts.Bill, payment: facts.Payment | None) -> int:
    """The day of the newest fact on the document, so the same facts always give the same document."""
    if payment is None:
        return bill.paid_at or bill.issued or bill.created
    return max([payment.created, *(refund.created for refund in payment.refunds)])


def _customer(bill_to: facts.BillTo) -> CustomerBlock:
    *lines, last = bill_to.address or ("",)
    address = (*lines, COUNTRIES.get(last, last))
    return CustomerBlock(
        name=bill_to.name or None,
        email=bill_to.email or None,
        address=tuple(line for line in address if line),
        tax_ids=tuple(f"Tax ID {number}" for number in bill_to.tax_ids),
    )


def _lines(bill: facts.Bill) -> tuple[Line, ...]:
    lines = tuple(_line(bill, each) for each in bill.lines)
    return (*lines, Line("Shipping", bill.shipping)) if bill.shipping else lines


def _line(bill: facts.Bill, line: facts.Line) -> Line:
    # Tiers and prorations have a unit price that does not give the amount, a bare charge has none at all.
    listed = bill.kind == "invoice" or bool(line.price)
    simple = listed and (line.unit_amount or 0) * (line.quantity or 0) == line.amount
    start, end = line.period_start, line.period_end
    return Line(
        description=line.description,
        amount=line.amount,
        quantity=None if line.quantity is None or not listed else Decimal(line.quantity),
        unit_amount=Decimal(line.unit_amount) if simple and line.unit_amount is not None else None,
        period=(start, end) if start is not None and end is not None and start < end else None,
        discounts=(Discount("Discount", line.discount),) if line.discount else (),
    )


def _subtotal(bill: facts.Bill, lines: tuple[Line, ...]) -> int:
    """The sum of the lines where it leads to the total, else what Stripe calls the subtotal."""
    listed = sum(line.amount for line in lines)
    added = sum(tax.amount for tax in bill.taxes if not tax.rate.inclusive)
    discounted = sum(discount.amount for discount in bill.discounts)
    return listed if listed - discounted + added == bill.total else bill.subtotal


def _taxes(bill: facts.Bill) -> tuple[Tax, ...]:
    return tuple(
        Tax(
            label=tax.rate.name,
            amount=tax.amount,
            percentage=Decimal(tax.rate.percentage) if tax.rate.percentage else None,
            inclusive=tax.rate.inclusive,
            taxable_amount=tax.taxable,
            note=REASONS.get(tax.reason),
        )
        for tax in bill.taxes
        if tax.amount or tax.reason not in UNTAXED
    )


def _refunds(payment: facts.Payment) -> tuple[Refund, ...]:
    # A refund under the charge's own id stands for a sum whose parts, and their days, were not read.
    return tuple(
        Refund(refund.amount, None if refund.id == payment.charge else refund.created) for refund in payment.refunds
    )


def _notes(bill: facts.Bill) -> tuple[str, ...]:
    reverse = (REVERSE_CHARGE,) if any(tax.reason == "reverse_charge" for tax in bill.taxes) else ()
    return (*reverse, bill.memo) if bill.memo else reverse
