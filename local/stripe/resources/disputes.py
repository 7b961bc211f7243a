"""Disputes: what customers took back through their bank. https://docs.stripe.com/api/disputes"""

from __future__ import annotations

from typing import Any

from local.stripe import lists
from local.stripe.params import PAGING, filled, span
from local.stripe.store import Object, World
from local.stripe.wire import route


@route("GET", "/v1/disputes", {**PAGING, "charge": filled, "created": span, "payment_intent": filled})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    found = lists.matching(world.of("dispute"), params, "charge", "created", "payment_intent")
    return lists.page(world, params, found, "/v1/disputes", "dispute")


@route("GET", "/v1/disputes/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One dispute."""
    return world.get("dispute", id)
