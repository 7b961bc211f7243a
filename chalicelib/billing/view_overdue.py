"""What is owed on one item, and why, for the alert."""

from collections.abc import Sequence

from chalicelib.billing import declines
from chalicelib.billing.account import Overdue
from chalicelib.billing.bills import has_failed, is_processing, is_waiting, last_failure, next_try
from chalicelib.billing.declines import Decline
from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.billing.facts_bill import Bill, Payment
from chalicelib.billing.status import has_ended

TROUBLED = {"past_due", "unpaid", "incomplete"}
UNKNOWN = Decline("The last payment didn’t go through.", declines.NO_CARD.do, False)
WAITING = "This invoice is waiting to be paid."
LATE = "This invoice is past its due date."


def overdue(
    facts: SubscriptionFacts, bills: Sequence[Bill], has_card: bool, now: float, drafts: bool = False
) -> Overdue | None:
    """The item's open bills whose payment failed or is due, oldest first, or None when nothing is owed.

    A bill that Stripe is about to charge for the first time, or that is being paid right now, is not overdue. With
    `drafts` those that nobody will collect are: a plan's instalments are owed however often the card failed.
    """
    own = _own(facts, bills)
    mine = [bill for bill in own if _is_owed(bill, facts) or (drafts and _is_left_as_draft(bill))]
    if not mine:
        return None
    mine.sort(key=lambda bill: (bill.created, bill.id))
    tries = [moment for bill in mine if (moment := next_try(bill, now))]
    return Overdue(
        bills=tuple(mine),
        amount=sum(bill.amount_remaining for bill in mine),
        currency=facts.currency,
        reason=_reason(mine, has_card, now),
        next_try=min(tries, default=None),
        pay_link=mine[0].hosted_url,
    )


def on_its_way(facts: SubscriptionFacts, bills: Sequence[Bill]) -> int:
    """What a bank is processing of the item's open bills, in minor units of its currency."""
    return sum(bill.amount_remaining for bill in _own(facts, bills) if is_processing(bill))


def _own(facts: SubscriptionFacts, bills: Sequence[Bill]) -> list[Bill]:
    return [bill for bill in facts.own(bills) if bill.currency == facts.currency]


def _is_owed(bill: Bill, facts: SubscriptionFacts) -> bool:
    if not is_waiting(bill):
        return False
    return bill.collection_method == "send_invoice" or has_failed(bill) or facts.status in TROUBLED or has_ended(facts)


def _is_left_as_draft(bill: Bill) -> bool:
    automatic = bill.collection_method == "charge_automatically"
    return bill.status == "draft" and bill.amount_remaining > 0 and automatic and not bill.auto_advance


def _reason(bills: Sequence[Bill], has_card: bool, now: float) -> str:
    if all(bill.collection_method == "send_invoice" for bill in bills):
        return LATE if any(bill.due is not None and bill.due <= now for bill in bills) else WAITING
    return why(last_failure(bills), has_card).what


def why(failure: Payment | None, has_card: bool) -> Decline:
    """Why a payment failed, in plain words; None is a failure without a try that says so."""
    if failure is None:
        return UNKNOWN if has_card else declines.NO_CARD
    return declines.CONFIRM if failure.status == "requires_action" else declines.explain(failure.decline_code)
