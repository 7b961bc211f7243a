"""Lists: newest first, cut by a cursor. https://docs.stripe.com/api/pagination"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.stripe.errors import bad_parameter, no_such

if TYPE_CHECKING:
    from local.stripe.store import Object, World


def page(world: World, params: dict[str, Any], objects: list[Object], url: str, object_name: str) -> Object:
    """One page of objects that are newest first, by the `limit`, `starting_after` and `ending_before` given."""
    limit = params.get("limit", 10)
    after = _cursor(world, params, "starting_after", object_name)
    before = _cursor(world, params, "ending_before", object_name)
    if after and before:
        message = "You may only specify one of these parameters: starting_after, ending_before."
        raise bad_parameter(message, "starting_after", "parameters_exclusive")
    if after:
        objects = [obj for obj in objects if world.position(obj) < after]
    if before:
        objects = [obj for obj in objects if world.position(obj) > before]
        chosen = objects[-limit:]
    else:
        chosen = objects[:limit]
    return {"object": "list", "data": chosen, "has_more": len(objects) > len(chosen), "url": url}


def _cursor(world: World, params: dict[str, Any], name: str, object_name: str) -> tuple[int, int] | None:
    id = params.get(name)
    if id is None:
        return None
    if id not in world.objects or world.objects[id]["object"] != object_name:
        raise no_such(object_name, id, name, 400)
    return world.position(world.objects[id])


def whole(objects: list[Object], url: str) -> Object:
    """A list that lies inside an object, all of it."""
    return {"object": "list", "data": objects, "has_more": False, "url": url}


def within(moment: int, bounds: dict[str, int] | None) -> bool:
    """Whether a moment lies within `created[gte]=…` and its like."""
    bounds = bounds or {}
    return (
        moment > bounds.get("gt", moment - 1)
        and moment >= bounds.get("gte", moment)
        and moment < bounds.get("lt", moment + 1)
        and moment <= bounds.get("lte", moment)
    )


def matching(objects: list[Object], params: dict[str, Any], *names: str) -> list[Object]:
    """The objects whose fields equal the parameters given under these names; `created` is a span."""
    given = {name: params[name] for name in names if name in params and name != "created"}
    span = params.get("created") if "created" in names else None
    return [
        obj
        for obj in objects
        if all(obj.get(name) == value for name, value in given.items()) and within(obj["created"], span)
    ]
