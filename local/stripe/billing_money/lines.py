"""Invoice lines: making them, keeping them. https://docs.stripe.com/api/invoice-line-item/object

A line knows its tax rates by the entries of `taxes`, whose amounts `totals.add_up` fills in.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from decimal import Decimal

from local.stripe import lists, shapes
from local.stripe.store import Object, World

SHOWN = 10


def line(
    world: World,
    *,
    amount: int,
    description: str | None,
    price: Object | None = None,
    quantity: int | None = 1,
    period: tuple[int, int] | None = None,
    tax_rates: Sequence[str] = (),
    discounts: Sequence[str] = (),
    proration: bool = False,
    subscription_item: str | None = None,
    currency: str | None = None,
    discountable: bool = True,
    metadata: dict[str, str] | None = None,
) -> Object:
    """A line for `draft` or `preview`, not stored yet. `amount` is for the whole quantity, before discounts.

    `price` is the price object, `tax_rates` and `discounts` are ids of stored objects, `period` epoch seconds
    (default: now). A proration takes no discounts. `currency` is for a line without a price; else the draft's.
    A line without `subscription_item` becomes an invoice item when it is drafted.
    """
    start, end = period or (world.now(), world.now())
    return shapes.complete(
        "line_item",
        id=world.new_id("line_item"),
        livemode=False,
        amount=amount,
        subtotal=amount,
        currency=price["currency"] if price else currency or "",
        description=description,
        discountable=discountable and not proration,
        discounts=list(discounts),
        metadata=metadata or {},
        parent=_of_item(subscription_item, proration),
        period={"start": start, "end": end},
        pricing=pricing(amount, quantity, price),
        quantity=quantity,
        quantity_decimal=None if quantity is None else str(quantity),
        taxes=[tax_entry(world, rate, amount) for rate in tax_rates],
    )


def _of_item(subscription_item: str | None, proration: bool) -> Object | None:
    if subscription_item is None:
        return None
    details = {"subscription_item": subscription_item, "proration": proration}
    return {"type": "subscription_item_details", "subscription_item_details": details}


def pricing(amount: int, quantity: int | None, price: Object | None) -> Object:
    """How a line or invoice item came to its amount."""
    if price is None:
        each = Decimal(amount) / (quantity or 1)
        return {"type": "price_details", "unit_amount_decimal": f"{round(each, 12).normalize():f}"}
    details = {"price": price["id"], "product": price["product"]}
    return {"type": "price_details", "price_details": details, "unit_amount_decimal": price["unit_amount_decimal"]}


def tax_entry(world: World, rate_id: str, amount: int) -> Object:
    """A tax rate on a line, its amount still to be worked out."""
    rate = world.get("tax_rate", rate_id, "tax_rates", 400)
    return {
        "amount": 0,
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": rate_id},
        "taxability_reason": "not_available",
        "taxable_amount": amount,
        "type": "tax_rate_details",
    }


def keep(world: World, invoice: Object, lines: list[Object]) -> None:
    """Store lines as those of an invoice, after the ones it has."""
    known = world.hidden(invoice["id"]).setdefault("lines", [])
    for one in lines:
        one["invoice"] = invoice["id"]
        world.put(one)
        known.append(one["id"])


def of_invoice(world: World, invoice: Object) -> list[Object]:
    """All lines of a stored invoice, in order."""
    return [world.objects[id] for id in world.hidden(invoice["id"]).get("lines", ())]


def drop(world: World, invoice: Object, line_id: str) -> None:
    """Take a line off a draft."""
    world.hidden(invoice["id"])["lines"].remove(line_id)
    del world.objects[line_id]


def show(invoice: Object, lines: list[Object]) -> None:
    """Write the first lines into the invoice, as Stripe embeds them."""
    embedded = lists.whole(copy.deepcopy(lines[:SHOWN]), f"/v1/invoices/{invoice['id']}/lines")
    invoice["lines"] = {**embedded, "has_more": len(lines) > SHOWN}
