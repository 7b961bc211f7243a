"""What the mail about a failed bill says: made from the mirror as it is now, or not at all."""

from collections.abc import Callable

from chalicelib.billing.account import PaymentPlan, Subscription
from chalicelib.billing.bills import last_failure, next_try
from chalicelib.billing.charged import charged_card
from chalicelib.billing.facts import Home, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill, Payment
from chalicelib.billing.plan_rows import billed
from chalicelib.billing.view_item import item
from chalicelib.billing.view_overdue import why
from chalicelib.billing.view_payments import payment_method
from chalicelib.mail import messages
from chalicelib.mail.mailer import Message
from chalicelib.mail.messages import FailureNews
from chalicelib.notices.failing import failing
from chalicelib.settings.merchant import Settings


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
    shown, tried = item(facts, home, now, settings), last_failure([bill])
    reason, number = why(tried, charged_card(facts, home, bill)[0] is not None), _number(bill, facts, home)
    news = FailureNews(
        name=shown.name,
        link=link_to(shown.id),
        amount=bill.amount_remaining,
        currency=bill.currency,
        since=bill.issued or bill.created,
        card=_card(tried, shown),
        reason=reason.what,
        advice=reason.do,
        next_try=next_try(bill, now),
        number=number if shown.is_plan else None,
        of=shown.of if isinstance(shown, PaymentPlan) else None,
        in_all=_in_all(bill, shown),
        last=day == settings.payment_failed_days[-1] and day > 0,
    )
    return messages.payment_failed(settings, home.customer.email, news)


def _card(tried: Payment | None, shown: Subscription) -> str:
    """What was tried; a try that made no charge doesn't say, it was the card that is charged for the item."""
    named = payment_method(tried) if tried else ""
    return named or (shown.card.label if shown.card and shown.card.kind else "")


def _number(bill: Bill, facts: SubscriptionFacts, home: Home) -> int | None:
    """Which instalment a bill is, from 1."""
    made, _ = billed(facts.own(home.bills))
    return next((number for number, other in enumerate(made, 1) if other.id == bill.id), None)


def _in_all(bill: Bill, shown: Subscription) -> int | None:
    """What is overdue on the item, when that is more than this bill."""
    owed = shown.overdue
    more = owed is not None and owed.currency == bill.currency and owed.amount > bill.amount_remaining
    return owed.amount if owed and more else None
