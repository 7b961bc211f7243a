"""The words of a receipt, for its web page and its PDF alike. Part of layout 1: other words, another layout."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from chalicelib.money import format_amount, format_date, format_short_date
from chalicelib.receipts.receipt import Line, Receipt, Refund, Status, Tax

MOST_REFUND_ROWS: Final = 8


@dataclass(frozen=True)
class Sum:
    """One row below the lines; `strong` for those that matter most."""

    label: str
    amount: str
    strong: bool = False


def amount(receipt: Receipt, minor: int | Decimal) -> str:
    """An amount in the receipt's currency, written for its locale."""
    return format_amount(minor, receipt.currency, receipt.locale)


def day(receipt: Receipt, epoch: int) -> str:
    """A day in full, in the merchant's time zone."""
    return format_date(epoch, _language(receipt), receipt.time_zone)


def short_day(receipt: Receipt, epoch: int) -> str:
    """A day in short, in the merchant's time zone."""
    return format_short_date(epoch, _language(receipt), receipt.time_zone)


def headline(receipt: Receipt) -> str:
    """What happened to the money, in one sentence without a full stop."""
    if receipt.status is Status.NO_PAYMENT_DUE:
        return "Covered by the account balance" if receipt.balance_applied > 0 else "There was nothing to pay"
    when = f" on {day(receipt, receipt.paid_at)}" if receipt.paid_at is not None else ""
    if receipt.status is Status.PAID_OUTSIDE:
        return f"Recorded as paid by {receipt.merchant.name}{when}"
    paid = f"Paid{when}" + (f" with {receipt.method}" if receipt.method else "")
    if receipt.status is Status.PARTLY_REFUNDED:
        return f"{paid}, {amount(receipt, receipt.refunded)} refunded"
    return f"{paid}, refunded in full" if receipt.status is Status.REFUNDED else paid


def facts(receipt: Receipt) -> tuple[tuple[str, str], ...]:
    """Label and value of what identifies the payment."""
    found = [("Number", receipt.number), ("Issued", short_day(receipt, receipt.issued_at))]
    if receipt.paid_at is not None:
        found.append(("Paid", short_day(receipt, receipt.paid_at)))
    if receipt.method:
        found.append(("Method", receipt.method))
    return (*found, *receipt.fields)


def period(receipt: Receipt, line: Line) -> str | None:
    """The time a line pays for: "14 Nov 2026 – 14 Dec 2026"."""
    if line.period is None:
        return None
    return " – ".join(short_day(receipt, at) for at in line.period)


def quantity(line: Line) -> str:
    """How many, without trailing zeros; empty when the line does not say."""
    return "" if line.quantity is None else f"{line.quantity.normalize():f}"


def remarks(receipt: Receipt, line: Line) -> list[str]:
    """What stands in small print under a line: period, discounts, and its tax where lines differ in that."""
    found = [period(receipt, line)]
    found += [f"{each.label} {amount(receipt, -each.amount)}" for each in line.discounts]
    if len({each.taxes for each in receipt.lines}) > 1:
        found.append(", ".join(line.taxes))
    return [text for text in found if text]


def sums(receipt: Receipt) -> list[Sum]:
    """From the subtotal, where it differs from the total, to what was paid and given back."""
    rows = [Sum(each.label, amount(receipt, -each.amount)) for each in receipt.discounts]
    rows += [Sum(tax_label(receipt, tax), amount(receipt, tax.amount)) for tax in receipt.taxes if not tax.inclusive]
    if rows:
        rows.insert(0, Sum("Subtotal", amount(receipt, receipt.subtotal)))
    rows.append(Sum("Total", amount(receipt, receipt.total), strong=True))
    rows += [Sum(tax_label(receipt, tax), amount(receipt, tax.amount)) for tax in receipt.taxes if tax.inclusive]
    rows += _settled(receipt)
    rows.append(Sum("Amount paid", amount(receipt, receipt.amount_paid), strong=True))
    if receipt.still_due:
        rows.append(Sum("Still to pay", amount(receipt, receipt.still_due)))
    if receipt.refunds:
        rows += _given_back(receipt)
        kept = receipt.amount_paid - receipt.refunded
        rows.append(Sum("Paid after refunds", amount(receipt, kept), strong=True))
    return rows


def _settled(receipt: Receipt) -> list[Sum]:
    balance = "Paid from account balance" if receipt.balance_applied > 0 else "Owed on the account before"
    rows = [(balance, receipt.balance_applied), ("Credit note", receipt.credit_notes)]
    rows.append(("Paid by other payments", receipt.paid_otherwise))
    return [Sum(label, amount(receipt, -minor)) for label, minor in rows if minor]


def _given_back(receipt: Receipt) -> list[Sum]:
    if len(receipt.refunds) > MOST_REFUND_ROWS:
        return [Sum(f"Refunded in {len(receipt.refunds)} parts", amount(receipt, -receipt.refunded))]
    return [Sum(_refund_label(receipt, each), amount(receipt, -each.amount)) for each in receipt.refunds]


def _refund_label(receipt: Receipt, refund: Refund) -> str:
    return "Refunded" if refund.at is None else f"Refunded on {day(receipt, refund.at)}"


def tax_label(receipt: Receipt, tax: Tax) -> str:
    """A rate by name, with the sum it was taken from: "VAT 20% on $40.00 (included)"."""
    label = tax.label if tax.percentage is None else f"{tax.label} {tax.percentage.normalize():f}%"
    if tax.taxable_amount is not None:
        label += f" on {amount(receipt, tax.taxable_amount)}"
    remark = tax.note or ("included" if tax.inclusive else None)
    return f"{label} ({remark})" if remark else label


def _language(receipt: Receipt) -> str:
    # The words are English, so dates are too; only "en-US" changes their order.
    return receipt.locale if receipt.locale.startswith("en") else "en"


def small_print(receipt: Receipt) -> str:
    """The line at the foot of every page."""
    mail = receipt.merchant.support_email
    return f"Questions about this payment? Write to {mail}" if mail else receipt.merchant.name
