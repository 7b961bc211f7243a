"""Invoice items: what waits for a customer's next invoice, or stands on one. https://docs.stripe.com/api/invoiceitems"""

from __future__ import annotations

from typing import Any

from local.stripe.billing_money.lines import line, tax_entry
from local.stripe.store import Object, World


def invoice_item(
    world: World,
    made: Object,
    *,
    customer: str,
    invoice: str | None = None,
    subscription: str | None = None,
    subscription_item: str | None = None,
    proration: bool = False,
) -> Object:
    """Store what a line from `line()` says as an invoice item, pending unless `invoice` is named.

    Prorations that wait for the next invoice are made this way. Emits invoiceitem.created.
    """
    parent = None
    if subscription is not None:
        details = {"subscription": subscription}
        if subscription_item is not None:
            details["subscription_item"] = subscription_item
        parent = {"type": "subscription_details", "subscription_details": details}
    rates = [world.get("tax_rate", tax["tax_rate_details"]["tax_rate"]) for tax in made["taxes"]]
    same = ("amount", "currency", "description", "discountable", "discounts", "metadata", "period", "pricing")
    item = world.add(
        "invoiceitem",
        customer=customer,
        invoice=invoice,
        date=world.now(),
        parent=parent,
        proration=proration,
        quantity=made["quantity"] or 1,
        quantity_decimal=made["quantity_decimal"] or "1",
        tax_rates=[dict(rate) for rate in rates],
        **{name: made[name] for name in same},
    )
    world.emit("invoiceitem.created", item)
    return item


def pending(world: World, customer: str, subscription: str | None, currency: str | None = None) -> list[Object]:
    """Items that wait for the next invoice of a customer and, where tied to one, of this subscription."""
    return [
        item
        for item in world.of("invoiceitem")
        if item["customer"] == customer
        and item["invoice"] is None
        and of_subscription(item) in (None, subscription)
        and currency in (None, item["currency"])
    ]


def of_subscription(item: Object) -> str | None:
    """The subscription an item belongs to."""
    parent: dict[str, Any] = item["parent"] or {}
    found: str | None = (parent.get("subscription_details") or {}).get("subscription")
    return found


def as_line(world: World, item: Object) -> Object:
    """The line an invoice item makes on its invoice."""
    made = line(
        world,
        amount=item["amount"],
        description=item["description"],
        quantity=item["quantity"],
        period=(item["period"]["start"], item["period"]["end"]),
        tax_rates=[rate["id"] for rate in item["tax_rates"] or ()],
        discounts=item["discounts"] or (),
        currency=item["currency"],
        discountable=item["discountable"],
        metadata=dict(item["metadata"]),
    )
    made.update(pricing=dict(item["pricing"]), subscription=of_subscription(item))
    tie(made, item)
    return made


def tie(made: Object, item: Object) -> None:
    """Name the invoice item as what a line comes from."""
    details = {
        "invoice_item": item["id"],
        "proration": item["proration"],
        "proration_details": {"credited_items": None} if item["proration"] else None,
        "subscription": of_subscription(item),
    }
    made["parent"] = {
        "type": "invoice_item_details",
        "invoice_item_details": details,
        "subscription_item_details": None,
    }


def use_default_rates(world: World, made: Object, rates: list[str]) -> None:
    """Put the invoice's tax rates on a line that has none of its own."""
    if not made["taxes"]:
        made["taxes"] = [tax_entry(world, rate, made["amount"]) for rate in rates]
