"""Customers with cards, prices and subscriptions for the tests of the time side."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import stripe

from tests.contracts.stripe.conftest import LocalStripe

DAY = 86400


def moment(text: str) -> int:
    """Epoch seconds of a UTC date or time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day(epoch: int) -> str:
    """The UTC date of a moment."""
    return datetime.fromtimestamp(epoch, UTC).date().isoformat()


def start_at(local_stripe: LocalStripe, text: str) -> None:
    """Let the local Stripe's time begin at this moment."""
    local_stripe.fake("POST", "reset", at=moment(text))


def to(local_stripe: LocalStripe, text: str) -> None:
    """Move the clock to a moment."""
    local_stripe.fake("POST", "clock", to=moment(text))


def advance(local_stripe: LocalStripe, step: str | int) -> None:
    """Move the clock by an ISO 8601 duration or seconds."""
    local_stripe.fake("POST", "clock", advance=step)


def customer(local_stripe: LocalStripe, card: str | None = "pm_card_visa") -> str:
    """A customer's id; the card is its default."""
    made = local_stripe.client.v1.customers.create({"email": "ada@example.com", "name": "Ada"})
    if card:
        use_card(local_stripe, made.id, card)
    return made.id


def use_card(local_stripe: LocalStripe, customer_id: str, card: str) -> str:
    """Save another card as the customer's default; gives its id."""
    method = local_stripe.client.v1.payment_methods.attach(card, {"customer": customer_id})
    settings = {"default_payment_method": method.id}
    local_stripe.client.v1.customers.update(customer_id, {"invoice_settings": settings})
    return method.id


def price(
    local_stripe: LocalStripe, amount: int = 1200, interval: str = "month", currency: str = "gbp", **more: Any
) -> str:
    """A recurring price's id."""
    given = {
        "currency": currency,
        "unit_amount": amount,
        "recurring": {"interval": interval, "interval_count": more.pop("interval_count", 1)},
        "product_data": {"name": "Pro"},
        **more,
    }
    return local_stripe.client.v1.prices.create(given).id


def subscribe(local_stripe: LocalStripe, customer_id: str | None = None, **given: Any) -> stripe.Subscription:
    """A subscription to one price, monthly unless `items` say otherwise."""
    buyer = customer_id or customer(local_stripe)
    items = given.pop("items", None) or [{"price": price(local_stripe)}]
    return local_stripe.client.v1.subscriptions.create({"customer": buyer, "items": items, **given})


def read(local_stripe: LocalStripe, subscription_id: str) -> stripe.Subscription:
    """The subscription as it is now."""
    return local_stripe.client.v1.subscriptions.retrieve(subscription_id)


def invoices(local_stripe: LocalStripe, subscription_id: str) -> list[stripe.Invoice]:
    """All its invoices, oldest first."""
    found = local_stripe.client.v1.invoices.list({"subscription": subscription_id, "limit": 100})
    return list(found.auto_paging_iter())[::-1]


def events(local_stripe: LocalStripe, *types: str) -> list[stripe.Event]:
    """The events of these types, oldest first."""
    found = local_stripe.client.v1.events.list({"types": list(types), "limit": 100})
    return list(found.auto_paging_iter())[::-1]
