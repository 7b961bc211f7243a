"""Plain questions about one bill: what was paid, refunded, failed, and under which id its receipts are found."""

import re
from collections.abc import Sequence

from chalicelib.billing.facts_bill import Bill, Payment

SETTLED = {"succeeded", "out_of_band"}
FAILED = {"failed", "requires_action"}
LATER_PAYMENT = re.compile(r"(?P<bill>[A-Za-z]+_\w+)-(?P<ordinal>[2-9]|[1-9]\d{1,2})")
ONLY_PAYMENT = re.compile(r"[A-Za-z]+_\w+")


def settled(bill: Bill) -> tuple[Payment, ...]:
    """The payments that brought money, oldest first."""
    return tuple(payment for payment in bill.payments if payment.status in SETTLED)


def refunded(bill: Bill) -> int:
    """What was given back of all payments, in minor units."""
    return sum(map(refunded_of, bill.payments))


def refunded_of(payment: Payment) -> int:
    """What was given back of one payment, in minor units."""
    return sum(refund.amount for refund in payment.refunds)


def collected(bill: Bill) -> int:
    """What the customer has given for it, credit included, before refunds."""
    return bill.total if bill.status == "paid" else bill.amount_paid


def last_try(bill: Bill) -> Payment | None:
    """The latest payment or attempt, or None while nobody tried."""
    return bill.payments[-1] if bill.payments else None


def last_failure(bills: Sequence[Bill]) -> Payment | None:
    """The latest try on any of them that brought nothing, or None."""
    tries = [payment for bill in bills for payment in bill.payments if payment.status in FAILED]
    return max(tries, key=lambda payment: payment.created, default=None)


def is_waiting(bill: Bill) -> bool:
    """Something is still to be paid, and no payment is under way."""
    return bill.status == "open" and bill.amount_remaining > 0 and not is_processing(bill)


def is_processing(bill: Bill) -> bool:
    """It is open, and a bank has been asked for the money and has not answered yet."""
    latest = last_try(bill)
    return bill.status == "open" and latest is not None and latest.status == "processing"


def has_failed(bill: Bill) -> bool:
    """It was tried, and the last try brought nothing."""
    latest = last_try(bill)
    return bill.attempts > 0 or (latest is not None and latest.status in FAILED)


def next_try(bill: Bill, now: float) -> int | None:
    """When Stripe tries again by itself (UTC epoch seconds), or None when it does not."""
    return bill.next_attempt if bill.auto_advance and bill.next_attempt and bill.next_attempt > now else None


def standing(bill: Bill) -> tuple[str, str]:
    """How a bill stands, as word and tone. Instalments, orders and histories all say the same."""
    if bill.status == "paid":
        return paid_word(bill.total, refunded(bill))
    if bill.status == "void":
        return "Waived", "quiet"
    if bill.status == "uncollectible":
        return "Not paid", "bad"
    latest = last_try(bill)
    if latest and latest.status == "processing":
        return "Processing", "quiet"
    if latest and latest.status == "requires_action":
        return "Confirmation needed", "bad"
    failed = has_failed(bill) and bill.collection_method == "charge_automatically"
    return ("Failed", "bad") if failed else ("Due now", "warn")


def paid_word(amount: int, given_back: int) -> tuple[str, str]:
    """How money that came in stands now, as word and tone."""
    if given_back <= 0:
        return "Paid", "ok"
    return ("Refunded", "quiet") if given_back >= amount else ("Partly refunded", "quiet")


def receipt_ref(bill: Bill, payment: Payment | None = None) -> str:
    """Id of the receipt page of a payment: the bill's, with an ordinal from the second payment on; "" without one.

    A bill that needed no money (nothing due, or paid from credit) has one receipt of its own.
    """
    paid = settled(bill)
    if payment is None:
        return bill.id if bill.status == "paid" and not paid else ""
    if payment not in paid:
        return ""
    ordinal = paid.index(payment) + 1
    return bill.id if ordinal == 1 else f"{bill.id}-{ordinal}"


def parse_receipt_ref(ref: str) -> tuple[str, int] | None:
    """Bill id and ordinal of the payment (from 1) out of a receipt's id, or None when it is none of ours."""
    if later := LATER_PAYMENT.fullmatch(ref):
        return later["bill"], int(later["ordinal"])
    return (ref, 1) if ONLY_PAYMENT.fullmatch(ref) else None


def receipt_payment(bill: Bill, ordinal: int) -> Payment | None:
    """The payment a receipt's ordinal means, or None when there is none (or none was needed)."""
    paid = settled(bill)
    return paid[ordinal - 1] if 0 < ordinal <= len(paid) else None
