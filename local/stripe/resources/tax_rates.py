"""Tax rates. https://docs.stripe.com/api/tax_rates"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.errors import bad_parameter
from local.stripe.params import PAGING, Accepts, boolean, filled, metadata, number, span, text
from local.stripe.store import Object, World
from local.stripe.wire import route

WRITABLE: Accepts = {
    "active": boolean,
    "country": text,
    "description": text,
    "display_name": filled,
    "jurisdiction": text,
    "metadata": metadata,
    "state": text,
    "tax_type": filled,
}


@route(
    "POST",
    "/v1/tax_rates",
    {**WRITABLE, "inclusive": boolean, "percentage": number},
    ("display_name", "inclusive", "percentage"),
)
def create(world: World, params: dict[str, Any]) -> Object:
    """A percentage on top of prices, or contained in them."""
    if not 0 <= params["percentage"] <= 100:
        raise bad_parameter("Invalid percentage: must be between 0 and 100", "percentage")
    rate = world.add(
        "tax_rate",
        **{
            "active": True,
            "rate_type": "percentage",
            **params,
            "metadata": changes.merged_metadata({}, params.get("metadata")),
        },
    )
    world.emit("tax_rate.created", rate)
    return rate


@route("GET", "/v1/tax_rates", {**PAGING, "active": boolean, "created": span, "inclusive": boolean})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    found = lists.matching(world.of("tax_rate"), params, "active", "created", "inclusive")
    return lists.page(world, params, found, "/v1/tax_rates", "tax_rate")


@route("GET", "/v1/tax_rates/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One rate."""
    return world.get("tax_rate", id, "tax_rate")


@route("POST", "/v1/tax_rates/<id>", WRITABLE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """The percentage cannot change."""
    rate = world.get("tax_rate", id, "tax_rate")
    with world.change(rate, "tax_rate.updated"):
        changes.apply(rate, params)
    return rate
