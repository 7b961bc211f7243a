"""What the mail about a failed bill says: made from the mirror as it is now, or not at all."""

from collections.abc import Callable

from chalicelib.billing import declines
from chalicelib.billing.account import PaymentPlan, Subscription
from chalicelib.billing.charged import charged_card
from chalicelib.billing.declines import Decline
from chalicelib.billing.facts import Home, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill, Payment
from chalicelib.billing.plan_rows import billed
from chalicelib.billing.view_item import item
from chalicelib.billing.view_overdue import FAILED, UNKNOWN_REASON
from chalicelib.billing.view_payments import payment_method
from chalicelib.mail import messages
from chalicelib.mail.mailer import Message
from chalicelib.mail.messages import FailureNews
from chalicelib.notices.failing import failing
from chalicelib.settings.merchant import Settings

UNKNOWN = Decline(UNKNOWN_REASON, declines.NO_CARD.do, False)


def letter(
    home: Home, bill_id: str, day: int, now: float, settings: Settings, link_to: Callable[[str], str]
) -> Message | None:
    """The mail about this bill on this day, or None when its owner has nothing to do about it any more.

    It goes to the address Stripe has now. `link_to` gives the item's address, which leads there after sign-in.
    """
    bill = next((found for found in failing(home) if found.id == bill_id), None)
    if bill is None:
        return None
    facts = next(found for found in home.subscriptions if found.id == bill.subscription)
    shown, tried = item(facts, home, now, settings), _last_failure(bill)
    why, number = _why(bill, tried, facts, home), _number(bill, home)
    news = FailureNews(
        name=shown.name,
        link=link_to(shown.id),
        amount=bill.amount_remaining,
        currency=bill.currency,
        since=bill.issued or bill.created,
        card=_card(tried, shown),
        reason=why.what,
        advice=why.do,
        next_try=_next_try(bill, now),
        number=number if shown.is_plan else None,
        of=shown.of if isinstance(shown, PaymentPlan) else None,
        in_all=_in_all(bill, shown),
        last=day == settings.payment_failed_days[-1] and day > 0,
    )
    return messages.payment_failed(settings, home.customer.email, news)


def _last_failure(bill: Bill) -> Payment | None:
    tries = [payment for payment in bill.payments if payment.status in FAILED]
    return max(tries, key=lambda payment: payment.created, default=None)


def _card(tried: Payment | None, shown: Subscription) -> str:
    """What was tried; a try that made no charge doesn't say, it was the card that is charged for the item."""
    named = payment_method(tried) if tried else ""
    return named or (shown.card.label if shown.card and shown.card.kind else "")


def _why(bill: Bill, tried: Payment | None, facts: SubscriptionFacts, home: Home) -> Decline:
    if tried:
        return declines.CONFIRM if tried.status == "requires_action" else declines.explain(tried.decline_code)
    return UNKNOWN if charged_card(facts, home, bill)[0] else declines.NO_CARD


def _next_try(bill: Bill, now: float) -> int | None:
    return bill.next_attempt if bill.auto_advance and bill.next_attempt and bill.next_attempt > now else None


def _number(bill: Bill, home: Home) -> int | None:
    """Which instalment a bill is, from 1."""
    made, _ = billed([other for other in home.bills if other.subscription == bill.subscription])
    return next((number for number, other in enumerate(made, 1) if other.id == bill.id), None)


def _in_all(bill: Bill, shown: Subscription) -> int | None:
    """What is overdue on the item, when that is more than this bill."""
    owed = shown.overdue
    more = owed is not None and owed.currency == bill.currency and owed.amount > bill.amount_remaining
    return owed.amount if owed and more else None
