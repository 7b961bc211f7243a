"""Charges. https://docs.stripe.com/api/charges"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.errors import invalid
from local.stripe.expand import included
from local.stripe.params import PAGING, Accepts, filled, metadata, span, text
from local.stripe.store import Object, World
from local.stripe.wire import route

WRITABLE: Accepts = {"customer": filled, "description": text, "metadata": metadata, "receipt_email": text}


@route("GET", "/v1/charges", {**PAGING, "created": span, "customer": filled, "payment_intent": filled})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first, declined ones among them."""
    found = lists.matching(world.of("charge", params.get("customer")), params, "created", "customer", "payment_intent")
    return lists.page(world, params, found, "/v1/charges", "charge")


@route("GET", "/v1/charges/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One charge."""
    return world.get("charge", id)


@route("POST", "/v1/charges/<id>", WRITABLE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """What is written on it, not what it did; one of no customer may be given to one."""
    charge = world.get("charge", id)
    if params.get("customer", charge["customer"]) != charge["customer"]:
        world.live("customer", params["customer"], "customer", 400)
        if charge["customer"] is not None:
            raise invalid("This charge already has a customer; it cannot be given to another.", "customer")
    with world.change(charge, "charge.updated"):
        changes.apply(charge, params)
    return charge


@included("charge", "refunds")
def refunds(world: World, charge: Object) -> Object:
    """What was given back of it, newest first."""
    found = [world.objects[id] for id in world.hidden(charge["id"]).get("refunds", ())]
    return lists.whole(found[::-1], f"/v1/charges/{charge['id']}/refunds")
