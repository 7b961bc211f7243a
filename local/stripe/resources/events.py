"""What happened, for those who missed the webhook. https://docs.stripe.com/api/events"""

from __future__ import annotations

from typing import Any

from local.stripe import lists
from local.stripe.errors import invalid
from local.stripe.events import wanted
from local.stripe.params import PAGING, boolean, filled, list_of, span
from local.stripe.store import Object, World
from local.stripe.wire import route

KEPT_SECONDS = 30 * 24 * 3600
FILTERS = {"type": filled, "types": list_of(filled), "created": span, "delivery_success": boolean}


@route("GET", "/v1/events", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first, up to 30 days back."""
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.", "types", "parameters_exclusive")
    if len(params.get("types", [])) > 20:
        raise invalid("You may pass at most 20 types.", "types")
    names = params.get("types") or [params.get("type", "*")]
    found = [event for event in _kept(world) if wanted(names, event["type"])]
    if "delivery_success" in params:
        found = [event for event in found if (event["pending_webhooks"] == 0) == params["delivery_success"]]
    return lists.page(world, params, lists.matching(found, params, "created"), "/v1/events", "event")


@route("GET", "/v1/events/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One event as it was recorded."""
    return world.get("event", id)


def _kept(world: World) -> list[Object]:
    return [event for event in world.of("event") if event["created"] > world.now() - KEPT_SECONDS]
