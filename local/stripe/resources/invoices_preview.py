"""What a next invoice would be. https://docs.stripe.com/api/invoices/create_preview"""

from __future__ import annotations

from typing import Any

from local.stripe import billing_money
from local.stripe.billing_money.items import pending
from local.stripe.billing_time.upcoming import upcoming_invoice
from local.stripe.errors import StripeError, bad_parameter, invalid
from local.stripe.params import Accepts, filled, hash_of, list_of, lower
from local.stripe.resources.invoice_lines import LINE, read_line
from local.stripe.store import Object, World
from local.stripe.wire import route

# Here, unlike on the item itself, a price is named directly (https://docs.stripe.com/api/invoices/create_preview).
ITEM: Accepts = {
    **{name: convert for name, convert in LINE.items() if name not in ("discounts", "pricing")},
    "currency": lower,
    "price": filled,
}
ACCEPTS: Accepts = {
    "currency": lower,
    "customer": filled,
    "invoice_items": list_of(hash_of(ITEM)),
    "subscription": filled,
}


@route("POST", "/v1/invoices/create_preview", ACCEPTS)
def create_preview(world: World, params: dict[str, Any]) -> Object:
    """Of a subscription's next period, or of what waits for a customer. 404 when there is nothing to come."""
    if not {"customer", "subscription"} & set(params):
        raise bad_parameter("You must specify either customer or subscription.", "customer", "parameter_missing")
    if "subscription" in params:
        found = _of_subscription(world, params)
    else:
        customer = world.live("customer", params["customer"], "customer", 400)
        found = {"customer": customer["id"], "subscription": None, "lines": []}
    currency = params.get("currency") or (found["subscription"] or {}).get("currency")
    found["lines"] += [read_line(world, _priced(one), currency) for one in params.get("invoice_items", ())]
    if not found["lines"] and not pending(world, found["customer"], None, currency):
        message = f"No upcoming invoices for customer: {found['customer']}"
        raise StripeError(404, message, code="invoice_upcoming_none")
    return billing_money.preview(world, **{"currency": currency, **found})


def _of_subscription(world: World, params: dict[str, Any]) -> dict[str, Any]:
    subscription = world.live("subscription", params["subscription"], "subscription", 400)
    if params.get("customer", subscription["customer"]) != subscription["customer"]:
        message = f"The subscription {subscription['id']} does not belong to the customer {params['customer']}."
        raise invalid(message, "subscription")
    return upcoming_invoice(world, subscription)


def _priced(item: dict[str, Any]) -> dict[str, Any]:
    """The item as `read_line` takes it."""
    rest = {name: value for name, value in item.items() if name != "price"}
    return {**rest, "pricing": {"price": item["price"]}} if "price" in item else rest
