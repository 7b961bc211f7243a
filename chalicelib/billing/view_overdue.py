"""What is owed on one item, and why, for the alert."""

from collections.abc import Sequence

from chalicelib.billing import declines
from chalicelib.billing.account import Overdue
from chalicelib.billing.bills import last_try
from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.billing.facts_bill import Bill, Payment
from chalicelib.billing.status import has_ended

TROUBLED = {"past_due", "unpaid", "incomplete"}
FAILED = {"failed", "requires_action"}
UNKNOWN_REASON = "The last payment didn’t go through."
WAITING = "This invoice is waiting to be paid."
LATE = "This invoice is past its due date."


def overdue(facts: SubscriptionFacts, bills: Sequence[Bill], has_card: bool, now: float) -> Overdue | None:
    """The item's open bills whose payment failed or is due, oldest first, or None when nothing is owed.

    A bill that Stripe is about to charge for the first time, or that is being paid right now, is not overdue.
    """
    mine = [b for b in bills if b.subscription == facts.id and b.currency == facts.currency and _is_owed(b, facts)]
    if not mine:
        return None
    mine.sort(key=lambda bill: (bill.created, bill.id))
    tries = [bill.next_attempt for bill in mine if bill.auto_advance and bill.next_attempt and bill.next_attempt > now]
    return Overdue(
        bills=tuple(mine),
        amount=sum(bill.amount_remaining for bill in mine),
        currency=facts.currency,
        reason=_reason(mine, has_card, now),
        next_try=min(tries, default=None),
        pay_link=mine[0].hosted_url,
    )


def _is_owed(bill: Bill, facts: SubscriptionFacts) -> bool:
    latest = last_try(bill)
    if bill.status != "open" or bill.amount_remaining <= 0 or (latest and latest.status == "processing"):
        return False
    if bill.collection_method == "send_invoice":
        return True
    tried = bill.attempts > 0 or (latest is not None and latest.status in FAILED)
    return tried or facts.status in TROUBLED or has_ended(facts)


def _reason(bills: Sequence[Bill], has_card: bool, now: float) -> str:
    if all(bill.collection_method == "send_invoice" for bill in bills):
        return LATE if any(bill.due is not None and bill.due <= now for bill in bills) else WAITING
    tries = [payment for bill in bills for payment in bill.payments if payment.status in FAILED]
    if tries:
        return _why(max(tries, key=lambda payment: payment.created))
    return UNKNOWN_REASON if has_card else declines.NO_CARD.what


def _why(payment: Payment) -> str:
    if payment.status == "requires_action":
        return declines.CONFIRM.what
    return declines.explain(payment.decline_code).what
