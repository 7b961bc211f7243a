"""Histories and orders: one line for each payment, one for what is still open."""

from collections.abc import Sequence
from itertools import islice

from chalicelib.billing.account import Order, PaymentLine
from chalicelib.billing.bills import last_try, paid_word, receipt_ref, refunded_of, settled, standing
from chalicelib.billing.facts_bill import Bill, Payment
from chalicelib.billing.view_cards import method_label

OUTSIDE = "Paid outside this portal"
CREDIT = "Account credit"
LATEST = 10
SHOWN = {"paid", "open", "uncollectible"}


def payment_lines(bill: Bill) -> tuple[PaymentLine, ...]:
    """A bill in a history, newest first: each payment that came in, and what is still open. Drafts and voids: none."""
    paid = [_settled_line(bill, payment) for payment in settled(bill)]
    if bill.status == "paid" and not paid:
        paid = [_free_line(bill)]
    if _is_open(bill):
        paid.append(_open_line(bill))
    return tuple(reversed(paid))


def latest(bills: Sequence[Bill]) -> tuple[PaymentLine, ...]:
    """The payments an item's page shows, of its bills, newest first."""
    return tuple(islice((line for bill in bills for line in payment_lines(bill)), LATEST))


def is_order(bill: Bill) -> bool:
    """A purchase: a first invoice, an invoice or a payment that belongs to no subscription or plan."""
    if bill.kind == "charge":
        return bill.status == "paid"
    first = bill.reason == "subscription_create" or not bill.item
    return first and bill.status in SHOWN


def order(bill: Bill) -> Order:
    """A purchase as shown among the orders. https://docs.stripe.com/api/invoices/object (billing_reason)"""
    paid = settled(bill)
    word, tone = standing(bill)
    return Order(
        id=bill.id,
        holder=bill.holder,
        title=bill.title,
        when=bill.created,
        amount=bill.total,
        currency=bill.currency,
        word=word,
        tone=tone,
        item=bill.item,
        payments=len(paid),
        receipt=receipt_ref(bill, paid[0] if paid else None),
        pay_link=bill.hosted_url if bill.status == "open" else "",
    )


def payment_method(payment: Payment) -> str:
    """How a payment was made: "Visa •••• 4242", or that it came in outside Stripe."""
    return OUTSIDE if payment.status == "out_of_band" else method_label(payment.kind, payment.brand, payment.last4)


def _is_open(bill: Bill) -> bool:
    """A failed payment without invoice leaves nothing to pay; only one under way is told of."""
    if bill.kind == "charge":
        latest = last_try(bill)
        return bill.status == "open" and latest is not None and latest.status == "processing"
    return bill.status in ("open", "uncollectible") and bill.amount_remaining > 0


def _settled_line(bill: Bill, payment: Payment) -> PaymentLine:
    standing_now = paid_word(payment.amount, refunded_of(payment))
    receipt = receipt_ref(bill, payment)
    return _line(bill, payment.created, payment.amount, standing_now, payment_method(payment), receipt)


def _free_line(bill: Bill) -> PaymentLine:
    method = CREDIT if bill.balance_applied > 0 else ""
    return _line(bill, bill.paid_at or bill.created, 0, ("Paid", "ok"), method, receipt_ref(bill))


def _open_line(bill: Bill) -> PaymentLine:
    latest = last_try(bill)
    method = payment_method(latest) if latest and latest not in settled(bill) else ""
    return _line(bill, bill.created, bill.amount_remaining, standing(bill), method, receipt="")


def _line(bill: Bill, when: int, amount: int, how_it_stands: tuple[str, str], method: str, receipt: str) -> PaymentLine:
    word, tone = how_it_stands
    return PaymentLine(
        bill=bill.id,
        when=when,
        amount=amount,
        currency=bill.currency,
        title=bill.title,
        word=word,
        tone=tone,
        method=method,
        receipt=receipt,
        item=bill.item,
    )
