"""The items of subscriptions, one by one. https://docs.stripe.com/api/subscription_items"""

from __future__ import annotations

from typing import Any

from local.stripe import lists
from local.stripe.billing_time import updating
from local.stripe.billing_time.parameters import ITEM, PRORATION
from local.stripe.billing_time.state import items_of
from local.stripe.errors import no_such
from local.stripe.params import filled, whole
from local.stripe.store import Object, World
from local.stripe.wire import route

LIST = {"limit": whole(1, 100), "starting_after": filled, "subscription": filled}
CHANGE = {**ITEM, "proration_behavior": PRORATION}


@route("GET", "/v1/subscription_items", LIST, ("subscription",))
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Those of one subscription, in their order."""
    subscription = world.live("subscription", params["subscription"], "subscription", 400)
    found = items_of(subscription)
    if "starting_after" in params:
        places = [place for place, item in enumerate(found, 1) if item["id"] == params["starting_after"]]
        if not places:
            raise no_such("subscription_item", params["starting_after"], "starting_after", 400)
        found = found[places[0] :]
    shown = found[: params.get("limit", 10)]
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    return {**lists.whole(shown, url), "has_more": len(shown) < len(found)}


@route("POST", "/v1/subscription_items", {**CHANGE, "subscription": filled}, ("subscription", "price"))
def create(world: World, params: dict[str, Any]) -> Object:
    """One more item."""
    subscription = world.live("subscription", params.pop("subscription"), "subscription", 400)
    _change(world, subscription, params, {})
    return items_of(subscription)[-1]


@route("GET", "/v1/subscription_items/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One item."""
    return _find(world, id)[1]


@route("POST", "/v1/subscription_items/<id>", CHANGE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Another price or quantity."""
    subscription, item = _find(world, id)
    _change(world, subscription, params, {"id": id})
    return item


@route("DELETE", "/v1/subscription_items/<id>", {"proration_behavior": PRORATION})
def delete(world: World, params: dict[str, Any], id: str) -> Object:
    """Not the last one."""
    subscription, _ = _find(world, id)
    _change(world, subscription, params, {"id": id, "deleted": True})
    return {"id": id, "object": "subscription_item", "deleted": True}


def _find(world: World, id: str) -> tuple[Object, Object]:
    for subscription in world.of("subscription"):
        for item in items_of(subscription):
            if item["id"] == id:
                return subscription, item
    raise no_such("subscription_item", id, "item")


def _change(world: World, subscription: Object, params: dict[str, Any], which: dict[str, Any]) -> None:
    """The same as an update of the subscription's `items`."""
    proration = {"proration_behavior": params.pop("proration_behavior", "create_prorations")}
    given = {"items": [{**params, **which}], **proration}
    updating.check(world, subscription, given)
    updating.write(world, subscription, given)
