"""Invoice items. https://docs.stripe.com/api/invoiceitems"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from local.stripe import lists
from local.stripe.billing_money import discounts
from local.stripe.billing_money.building import refuse_mixed_currencies
from local.stripe.billing_money.drafts import add_to_draft, refresh
from local.stripe.billing_money.items import invoice_item
from local.stripe.billing_money.lines import drop, line, of_invoice
from local.stripe.billing_money.rounding import half_up
from local.stripe.errors import bad_parameter, invalid
from local.stripe.params import (
    PAGING,
    Accepts,
    boolean,
    choice,
    filled,
    hash_of,
    integer,
    list_of,
    lower,
    metadata,
    span,
    text,
    whole,
)
from local.stripe.store import Object, World
from local.stripe.wire import route

DISCOUNTS = list_of(hash_of({"coupon": filled, "discount": filled}))
PRICE_DATA = hash_of(
    {
        "currency": lower,
        "product": filled,
        "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
        "unit_amount": integer,
        "unit_amount_decimal": filled,
    },
    ("currency", "product"),
)
LINE: Accepts = {
    "amount": integer,
    "description": text,
    "discountable": boolean,
    "discounts": DISCOUNTS,
    "metadata": metadata,
    "period": hash_of({"start": integer, "end": integer}, ("start", "end")),
    "price_data": PRICE_DATA,
    "pricing": hash_of({"price": filled}, ("price",)),
    "quantity": whole(0),
    "tax_rates": list_of(filled),
}
CREATE: Accepts = {
    **LINE,
    "currency": lower,
    "customer": filled,
    "invoice": filled,
    "subscription": filled,
    "unit_amount_decimal": filled,
}
BASES = ("amount", "pricing", "price_data", "unit_amount_decimal")


@route("POST", "/v1/invoiceitems", CREATE, ("customer",))
def create(world: World, params: dict[str, Any]) -> Object:
    """Something to bill: on a draft if one is named, else on the customer's next invoice."""
    customer = world.live("customer", params["customer"], "customer", 400)
    invoice = _draft(world, params)
    made = read_line(world, params, (invoice or customer)["currency"])
    if invoice is not None:
        with world.change(invoice, "invoice.updated"):
            add_to_draft(world, invoice, [made])
        return world.get("invoiceitem", made["parent"]["invoice_item_details"]["invoice_item"])
    if "subscription" in params:
        world.live("subscription", params["subscription"], "subscription", 400)
    refuse_mixed_currencies(world, customer, made["currency"])
    customer["currency"] = customer["currency"] or made["currency"]
    return invoice_item(world, made, customer=customer["id"], subscription=params.get("subscription"))


def _draft(world: World, params: dict[str, Any]) -> Object | None:
    if "invoice" not in params:
        return None
    invoice = world.live("invoice", params["invoice"], "invoice", 400)
    if invoice["customer"] != params["customer"]:
        raise invalid("The invoice specified does not belong to the customer.", "invoice")
    if invoice["status"] != "draft":
        message = "The specified invoice is not editable: items can only be added to drafts."
        raise invalid(message, "invoice", "invoice_not_editable")
    return invoice


def read_line(world: World, params: dict[str, Any], currency: str | None) -> Object:
    """A line out of the parameters of an invoice item. Raises StripeError when they do not tell an amount."""
    if sum(name in params for name in BASES) != 1:
        raise bad_parameter("You must specify exactly one of amount, pricing, price_data or unit_amount_decimal.")
    price = _price(world, params)
    quantity = params.get("quantity", 1)
    period = params.get("period")
    asked = params.get("currency")
    used = price["currency"] if price else asked or currency
    if asked not in (None, used):
        message = f"The price specified only supports `{used}`. This doesn't match the expected currency: `{asked}`."
        raise invalid(message, "currency")
    if used is None:
        raise bad_parameter("Missing required param: currency.", "currency", "parameter_missing")
    return line(
        world,
        amount=_amount(params, price, quantity),
        description=params.get("description") or _product_name(world, price),
        price=price,
        quantity=quantity,
        period=(period["start"], period["end"]) if period else None,
        tax_rates=params.get("tax_rates", ()),
        discounts=discounts.given(world, params.get("discounts"), used, customer=params.get("customer")),
        currency=used,
        discountable=params.get("discountable", True),
        metadata=params.get("metadata"),
    )


def _price(world: World, params: dict[str, Any]) -> Object | None:
    """The price named, or one made up on the spot, which is in no list."""
    if "price_data" in params:
        given = params["price_data"]
        world.live("product", given["product"], "price_data[product]", 400)
        each = given.get("unit_amount_decimal") or str(given.get("unit_amount", 0))
        return {**given, "id": world.new_id("price"), "unit_amount_decimal": each}
    if "pricing" not in params:
        return None
    price = world.live("price", params["pricing"]["price"], "pricing[price]", 400)
    if price["type"] != "one_time":
        raise invalid(
            "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
            "pricing[price]",
        )
    if not price["active"]:
        message = "The price specified is inactive. This field only accepts active prices."
        raise invalid(message, "pricing[price]")
    return price


def _amount(params: dict[str, Any], price: Object | None, quantity: int) -> int:
    if "amount" in params:
        return int(params["amount"])
    try:
        each = Decimal(price["unit_amount_decimal"] if price else params["unit_amount_decimal"])
        return half_up(each * quantity)
    except (InvalidOperation, ValueError) as error:
        raise bad_parameter("Invalid decimal", "unit_amount_decimal") from error


def _product_name(world: World, price: Object | None) -> str | None:
    return world.objects.get(price["product"], {}).get("name") if price else None


FILTERS: Accepts = {"created": span, "customer": filled, "invoice": filled, "pending": boolean}


@route("GET", "/v1/invoiceitems", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first; `pending` picks those on no invoice yet."""
    found = [
        item
        for item in world.of("invoiceitem")
        if params.get("customer") in (None, item["customer"])
        and params.get("invoice") in (None, item["invoice"])
        and params.get("pending") in (None, item["invoice"] is None)
        and lists.within(item["date"], params.get("created"))
    ]
    return lists.page(world, params, found, "/v1/invoiceitems", "invoiceitem")


@route("GET", "/v1/invoiceitems/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One item."""
    return world.live("invoiceitem", id)


@route("DELETE", "/v1/invoiceitems/<id>")
def delete(world: World, _params: dict[str, Any], id: str) -> Object:
    """While it waits, or its invoice is a draft."""
    item = world.live("invoiceitem", id)
    invoice = world.objects.get(item["invoice"] or "")
    if invoice is not None and invoice["status"] != "draft":
        message = "You can't delete an invoice item that is on an invoice that is no longer a draft."
        raise invalid(message, "id", "invoice_not_editable")
    world.emit("invoiceitem.deleted", item)
    if invoice is not None:
        with world.change(invoice, "invoice.updated"):
            for one in of_invoice(world, invoice):
                if (one["parent"].get("invoice_item_details") or {}).get("invoice_item") == id:
                    drop(world, invoice, one["id"])
            refresh(world, invoice)
    return world.delete(item)
