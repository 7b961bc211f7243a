"""When the rest of a payment plan may be paid at once, and the words for when not."""

from chalicelib.billing.account import Card, PaymentPlan, Status, Subscription
from chalicelib.billing.bills import last_try
from chalicelib.settings.merchant import Settings

# An instalment due within this time may be charged before the rest is through.
MARGIN = 3600
RUNNING = {Status.ACTIVE, Status.TRIALING}
# These say at once whether they pay. Debits take days, in which the next instalments would be charged all the same.
ANSWER_AT_ONCE = {"amazon_pay", "card", "cashapp", "link", "paypal", "revolut_pay"}
CHARGING = "An instalment is being charged right now. Once it has gone through, you can pay off the rest here."


def why_not_next(item: Subscription, settings: Settings, now: float) -> str:
    """Why the next instalment alone cannot be paid now, for the customer; "" when it can."""
    if isinstance(item, PaymentPlan) and item.ahead:
        return f"You’ve paid the instalment of {settings.day(item.ahead)} already. The one after it can be paid then."
    if isinstance(item, PaymentPlan) and item.rest and item.early is None:
        return "Only one instalment is left. You can pay off the rest instead."
    return _why_not(item, settings, now, offered=True)


def why_not(item: Subscription, settings: Settings, now: float) -> str:
    """Why the rest of this item cannot be paid at once now (UTC epoch seconds), for the customer; "" when it can."""
    return _why_not(item, settings, now, offered=settings.plan_payoff)


def _why_not(item: Subscription, settings: Settings, now: float, offered: bool) -> str:
    ask = f"Please write to {settings.company.support_email}."
    if not isinstance(item, PaymentPlan):
        return "Only a payment plan can be paid off."
    if item.paid_off or item.shown.status is Status.COMPLETED or (item.left == 0 and not item.ended):
        return "There is nothing left to pay."
    if not offered or item.ended or item.sends_invoice:
        return f"This plan can’t be paid off here. {ask}"
    if item.overdue:
        return "Please pay what is overdue first. Then you can pay off the rest."
    return _not_yet(item, now) or _not_certain(item, ask) or _no_card(item.card)


def _not_yet(plan: PaymentPlan, now: float) -> str:
    under_way = last_try(plan.paying_off) if plan.paying_off else None
    if under_way and under_way.status == "processing":
        return "Your payment of the rest is being processed. There’s nothing for you to do."
    billed = any(row.word in {"Processing", "Due now"} for row in plan.instalments)
    soon = plan.next_payment is not None and plan.next_payment.due <= now + MARGIN
    return CHARGING if billed or soon else ""


def _not_certain(plan: PaymentPlan, ask: str) -> str:
    """The number of instalments or what they cost isn’t known, or something besides is wrong with the plan."""
    settled = plan.rest is not None and plan.of == plan.done + plan.rest.instalments
    running = plan.shown.status in RUNNING and plan.next_payment is not None
    return "" if settled and running and not plan.never_ends else f"This plan can’t be paid off here. {ask}"


def _no_card(card: Card | None) -> str:
    if card is None or card.expired:
        return "Please choose a card for this plan first. Then you can pay off the rest."
    if card.kind in ANSWER_AT_ONCE:
        return ""
    return (
        f"Paying off the rest works with a card only: {card.label} takes days to pay, and the next instalment could be "
        "charged meanwhile. Choose a card for this plan first."
    )
