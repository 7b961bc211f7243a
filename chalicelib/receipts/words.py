"""The words of a receipt, for its web page and its PDF alike. Part of layout 1: other words, another layout."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from chalicelib.money import date_locale, format_amount, format_date, format_short_date
from chalicelib.receipts.receipt import Line, Receipt, Refund, Status, Tax

MOST_REFUND_ROWS: Final = 8


class Sum(Struct, frozen=True):
    """One row below the lines; `strong` for those that matter most."""

    label: str
    amount: str
    strong: bool = False


def amount(receipt: Receipt, minor: int | Decimal) -> str:
    """An amount in the receipt's currency, written for its locale."""
    return format_amount(minor, receipt.currency, receipt.locale)


def day(receipt: Receipt, epoch: int) -> str:
    """A day in full, in the merchant's time zone."""
    return format_date(epoch, date_locale(receipt.locale), receipt.time_zone)


def short_day(receipt: Receipt, epoch: int) -> str:
    """A day in short, in the merchant's time zone."""
    return format_short_date(epoch, date_locale(receipt.locale), receipt.time_zone)


def headline(receipt: Receipt) -> str:
    """What follows the status word beside it: "on 14 November 2026 with Visa •••• 4242"."""
    when = f" on {day(receipt, receipt.paid_at)}" if receipt.paid_at is not None else ""
    paid = when + (f" with {receipt.method}" if receipt.method else "")
    match receipt.status:
        case Status.PAID:
            return paid.strip()
        case Status.PARTLY_REFUNDED:
            return f"{amount(receipt, receipt.refunded)} of {amount(receipt, receipt.amount_paid)}; paid{paid}"
        case Status.REFUNDED:
            return f"in full; paid{paid}"
        case Status.PAID_OUTSIDE:
            return f"recorded by {receipt.merchant.name}{when}"
        case Status.NO_PAYMENT_DUE:
            return "covered by the account balance" if receipt.balance_applied > 0 else "there was nothing to pay"


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
    credit = "Credit note" if receipt.credit_notes > 0 else "Paid too much, kept as credit"
    rows = [(balance, receipt.balance_applied), (credit, receipt.credit_notes)]
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
