"""Prices, flat ones only. https://docs.stripe.com/api/prices"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from local.stripe import changes, lists
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
from local.stripe.resources import products
from local.stripe.store import Object, World
from local.stripe.wire import route

INTERVALS = ("day", "week", "month", "year")
_LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}
TAX_BEHAVIOR = choice("exclusive", "inclusive", "unspecified")
RECURRING = hash_of(
    {"interval": choice(*INTERVALS), "interval_count": whole(1), "usage_type": choice("licensed")}, ("interval",)
)
WRITABLE: Accepts = {
    "active": boolean,
    "lookup_key": text,
    "metadata": metadata,
    "nickname": text,
    "tax_behavior": TAX_BEHAVIOR,
    "transfer_lookup_key": boolean,
}
CREATE: Accepts = {
    **WRITABLE,
    "billing_scheme": choice("per_unit"),
    "currency": lower,
    "product": filled,
    "product_data": hash_of(
        {"name": filled, "id": filled, "active": boolean, "metadata": metadata, "unit_label": text}, ("name",)
    ),
    "recurring": RECURRING,
    "unit_amount": integer,
    "unit_amount_decimal": filled,
}


@route("POST", "/v1/prices", CREATE, ("currency",))
def create(world: World, params: dict[str, Any]) -> Object:
    """A price of a product that exists or comes with it."""
    _check(params)
    product_data = params.pop("product_data", None)
    _take_lookup_key(world, params)
    if product_data is None:
        world.live("product", params["product"], "product", 400)
    else:
        params["product"] = products.add(world, **product_data)["id"]
    recurring = params.pop("recurring", None)
    if recurring is not None:
        recurring = {"interval_count": 1, "usage_type": "licensed", **recurring}
    price = world.add(
        "price",
        **{
            "active": True,
            "billing_scheme": "per_unit",
            "tax_behavior": "unspecified",
            **params,
            **_amounts(params),
            "recurring": recurring,
            "type": "recurring" if recurring else "one_time",
            "metadata": changes.merged_metadata({}, params.get("metadata")),
        },
    )
    world.emit("price.created", price)
    return price


def _check(params: dict[str, Any]) -> None:
    if "product" not in params and "product_data" not in params:
        raise invalid("You must specify either `product` or `product_data` when creating a price.")
    if "product" in params and "product_data" in params:
        raise invalid("You may only specify one of these parameters: product, product_data.", "product")
    if "unit_amount" not in params and "unit_amount_decimal" not in params:
        raise invalid("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.")
    recurring = params.get("recurring") or {}
    if recurring.get("interval_count", 1) > _LONGEST.get(recurring.get("interval", "day"), 1095):
        raise invalid("The maximum interval is three years.", "recurring[interval_count]")


def _amounts(params: dict[str, Any]) -> dict[str, Any]:
    """Both ways to write an amount; a fraction of the smallest unit has the decimal one only."""
    if "unit_amount" in params:
        return {"unit_amount": params["unit_amount"], "unit_amount_decimal": str(params["unit_amount"])}
    try:
        amount = Decimal(params["unit_amount_decimal"])
        exact = int(amount) if amount == amount.to_integral_value() else None
    except (InvalidOperation, ValueError) as error:
        raise bad_parameter(f"Invalid decimal: {params['unit_amount_decimal']}", "unit_amount_decimal") from error
    return {"unit_amount": exact, "unit_amount_decimal": params["unit_amount_decimal"]}


def _take_lookup_key(world: World, params: dict[str, Any], own_id: str | None = None) -> None:
    """A lookup key names one price; it moves only if asked to."""
    key, transfer = params.get("lookup_key"), params.pop("transfer_lookup_key", False)
    for holder in world.of("price") if key else ():
        if holder["lookup_key"] == key and holder["id"] != own_id:
            if not transfer:
                message = f"A price (`{holder['id']}`) already uses that lookup key."
                raise invalid(message, "lookup_key", "resource_already_exists")
            with world.change(holder, "price.updated"):
                holder["lookup_key"] = None


FILTERS: Accepts = {
    "active": boolean,
    "created": span,
    "currency": lower,
    "lookup_keys": list_of(filled),
    "product": filled,
    "recurring": hash_of({"interval": choice(*INTERVALS)}),
    "type": choice("one_time", "recurring"),
}


@route("GET", "/v1/prices", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    found = lists.matching(world.of("price"), params, "active", "created", "currency", "product", "type")
    if "lookup_keys" in params:
        found = [price for price in found if price["lookup_key"] in params["lookup_keys"]]
    interval = (params.get("recurring") or {}).get("interval")
    if interval is not None:
        found = [price for price in found if price["recurring"] and price["recurring"]["interval"] == interval]
    return lists.page(world, params, found, "/v1/prices", "price")


@route("GET", "/v1/prices/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One price."""
    return world.live("price", id, "price")


@route("POST", "/v1/prices/<id>", WRITABLE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """All but the amount may change."""
    price = world.live("price", id, "price")
    if (
        price["tax_behavior"] != "unspecified"
        and params.get("tax_behavior", price["tax_behavior"]) != price["tax_behavior"]
    ):
        raise invalid("You cannot change the tax_behavior of a price once it has been set.", "tax_behavior")
    _take_lookup_key(world, params, id)
    with world.change(price, "price.updated"):
        changes.apply(price, params)
    return price
