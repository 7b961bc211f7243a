"""Coupons. https://docs.stripe.com/api/coupons"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.errors import bad_parameter, invalid
from local.stripe.params import (
    PAGING,
    Accepts,
    choice,
    filled,
    hash_of,
    list_of,
    lower,
    metadata,
    number,
    span,
    text,
    timestamp,
    whole,
)
from local.stripe.store import Object, World, random_text
from local.stripe.wire import route

WRITABLE: Accepts = {"metadata": metadata, "name": text}
CREATE: Accepts = {
    **WRITABLE,
    "amount_off": whole(1),
    "applies_to": hash_of({"products": list_of(filled)}),
    "currency": lower,
    "duration": choice("forever", "once", "repeating"),
    "duration_in_months": whole(1),
    "id": filled,
    "max_redemptions": whole(1),
    "percent_off": number,
    "redeem_by": timestamp,
}


@route("POST", "/v1/coupons", CREATE)
def create(world: World, params: dict[str, Any]) -> Object:
    """So much off, or such a share."""
    _check(params)
    if params.get("id") in world.objects:
        raise invalid("Coupon already exists.", "id", "resource_already_exists")
    coupon = world.add(
        "coupon",
        **{
            "id": random_text(8),
            "duration": "once",
            "times_redeemed": 0,
            "valid": True,
            **params,
            "metadata": changes.merged_metadata({}, params.get("metadata")),
        },
    )
    world.emit("coupon.created", coupon)
    return coupon


def _check(params: dict[str, Any]) -> None:
    if ("percent_off" in params) == ("amount_off" in params):
        both = "Received both percent_off and amount_off parameters. Please pass in only one."
        raise bad_parameter(both if "percent_off" in params else "Must provide percent_off or amount_off.")
    if "amount_off" in params and "currency" not in params:
        raise bad_parameter("You must pass currency when passing amount_off", "currency")
    if not 0 < params.get("percent_off", 1) <= 100:
        raise bad_parameter("percent_off must be greater than 0 and at most 100.", "percent_off")
    if (params.get("duration") == "repeating") != ("duration_in_months" in params):
        message = "The duration_in_months param must be set when creating a coupon with a duration of 'repeating'."
        raise bad_parameter(message, "duration_in_months")


@route("GET", "/v1/coupons", {**PAGING, "created": span})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    found = lists.matching(world.of("coupon"), params, "created")
    return lists.page(world, params, found, "/v1/coupons", "coupon")


@route("GET", "/v1/coupons/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One coupon."""
    return world.live("coupon", id, "coupon")


@route("POST", "/v1/coupons/<id>", WRITABLE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Its terms cannot change."""
    coupon = world.live("coupon", id, "coupon")
    with world.change(coupon, "coupon.updated"):
        changes.apply(coupon, params)
    return coupon


@route("DELETE", "/v1/coupons/<id>")
def delete(world: World, _params: dict[str, Any], id: str) -> Object:
    """Discounts already given stay."""
    coupon = world.live("coupon", id, "coupon")
    world.emit("coupon.deleted", coupon)
    return world.delete(coupon)
