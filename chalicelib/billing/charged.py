"""Which saved payment method the next charge takes, in Stripe's order.

https://docs.stripe.com/billing/subscriptions/overview and the field descriptions of invoice, subscription, customer.
"""

from chalicelib.billing.bills import settled
from chalicelib.billing.facts import CardFacts, Home, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.status import has_ended


def charged_card(subscription: SubscriptionFacts, home: Home, open_bill: Bill | None = None) -> tuple[str | None, bool]:
    """Id of the payment method that is charged, or None, and whether it is only inherited from the customer."""
    own = (open_bill.default_card if open_bill else "", subscription.default_card, subscription.default_source)
    inherited = (home.customer.default_card, home.customer.default_source)
    for card in own:
        if card:
            return card, False
    return next((card for card in inherited if card), None), True


def last_paid_with(subscription: SubscriptionFacts, home: Home) -> CardFacts | None:
    """The saved card that paid the latest of its bills, known by brand and last digits, or None."""
    paid = [payment for bill in subscription.own(home.bills) for payment in settled(bill) if payment.last4]
    latest = max(paid, key=lambda payment: payment.created, default=None)
    return next((c for c in home.cards if latest and (c.brand, c.last4) == (latest.brand, latest.last4)), None)


def charged_items(home: Home, card: str) -> tuple[SubscriptionFacts, ...]:
    """The running items that are charged to this payment method: removing it would leave them without."""
    return tuple(s for s in _charging(home) if charged_card(s, home)[0] == card)


def inheriting_items(home: Home) -> tuple[SubscriptionFacts, ...]:
    """The running items that follow the customer's default: changing the default changes each of them."""
    return tuple(s for s in _charging(home) if charged_card(s, home)[1])


def _charging(home: Home) -> list[SubscriptionFacts]:
    return [s for s in home.subscriptions if not has_ended(s) and s.collection_method == "charge_automatically"]
