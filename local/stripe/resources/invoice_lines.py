"""Invoice lines: out of parameters, onto drafts, and listed. https://docs.stripe.com/api/invoice-line-item"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from local.stripe import changes, lists
from local.stripe.billing_money import discounts
from local.stripe.billing_money.drafts import add_to_draft
from local.stripe.billing_money.lines import line, of_invoice
from local.stripe.billing_money.rounding import half_up
from local.stripe.errors import bad_parameter, invalid, no_such
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
BASES = ("amount", "pricing", "price_data", "unit_amount_decimal")


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
    check_rates(world, params.get("tax_rates", ()), "tax_rates")
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


def check_rates(world: World, rates: Iterable[str], param: str) -> None:
    """Refuse tax rates that do not exist."""
    for rate in rates:
        world.live("tax_rate", rate, param, 400)


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


@route(
    "POST",
    "/v1/invoices/<id>/add_lines",
    {"invoice_metadata": metadata, "lines": list_of(hash_of(LINE))},
    ("lines",),
)
def add_lines(world: World, params: dict[str, Any], id: str) -> Object:
    """More lines at the end of a draft."""
    invoice = world.live("invoice", id)
    if invoice["status"] != "draft":
        raise invalid("Lines can only be added to draft invoices.", "lines", "invoice_not_editable")
    made = [read_line(world, given, invoice["currency"]) for given in params["lines"]]
    with world.change(invoice, "invoice.updated"):
        changes.apply(invoice, {"metadata": params.get("invoice_metadata", {})})
        add_to_draft(world, invoice, made)
    return invoice


@route("GET", "/v1/invoices/<id>/lines", PAGING)
def list_lines(world: World, params: dict[str, Any], id: str) -> Object:
    """All lines, in the order they have on the invoice."""
    every = of_invoice(world, world.live("invoice", id))
    ids = [one["id"] for one in every]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise no_such("line_item", params[name], name, 400)
    if "starting_after" in params:
        every = every[ids.index(params["starting_after"]) + 1 :]
    if "ending_before" in params:
        every = every[: ids.index(params["ending_before"])]
    limit = params.get("limit", 10)
    chosen = every[-limit:] if "ending_before" in params else every[:limit]
    return {**lists.whole(chosen, f"/v1/invoices/{id}/lines"), "has_more": len(every) > len(chosen)}
