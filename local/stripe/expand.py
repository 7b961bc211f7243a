"""Expansion: ids replaced by their objects in an answer. https://docs.stripe.com/api/expanding_objects"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local.stripe import shapes
from local.stripe.errors import bad_parameter

if TYPE_CHECKING:
    from local.stripe.store import Object, World

MOST_LEVELS = 4
Include = Callable[["World", "Object"], Any]
_INCLUDED: dict[tuple[str, str], Include] = {}


def included(object_name: str, field: str) -> Callable[[Include], Include]:
    """Register how a field that is left out unless expanded is made: `@included("invoice", "payments")`."""

    def register(make: Include) -> Include:
        _INCLUDED[object_name, field] = make
        return make

    return register


def expanded(world: World, answer: Object, paths: list[str]) -> Object:
    """A copy of an answer with these paths expanded. Raises StripeError 400 for a path that cannot be."""
    result = copy.deepcopy(answer)
    for path in paths:
        steps = path.split(".")
        if len(steps) > MOST_LEVELS:
            message = f"You cannot expand more than {MOST_LEVELS} levels of a property. Property: {path}"
            raise bad_parameter(message, "expand[0]", "property_expansion_max_depth")
        if result.get("object") in ("list", "search_result") and steps[0] != "data":
            raise _refusal(path, f" You may want to try expanding 'data.{path}' instead.")
        _walk(world, result, steps, path)
    return result


def _refusal(path: str, hint: str = "") -> Exception:
    return bad_parameter(f"This property cannot be expanded ({path}).{hint}", "expand[0]")


def _walk(world: World, holder: Object, steps: list[str], path: str) -> None:
    """Expand the first step in an object or list object, and go on inside it."""
    step, *rest = steps
    if holder.get("object") in ("list", "search_result"):
        if step != "data":
            raise _refusal(path)
        for member in holder["data"]:
            _go_on(world, member, rest, path)
        return
    if holder.get("deleted"):
        return
    _walk_fields(world, holder, shapes.object_class(holder["object"]), steps, path)


def _walk_fields(world: World, holder: Object, cls: Any, steps: list[str], path: str) -> None:
    step, *rest = steps
    field = shapes.fields(cls).get(step)
    if field is None or not (field.resources or field.nested or field.listing):
        raise _refusal(path)
    include = _INCLUDED.get((holder.get("object", ""), step))
    if include is not None and holder.get(step) is None:
        holder[step] = copy.deepcopy(include(world, holder))
    value = holder.get(step)
    if field.expandable and isinstance(value, str):
        holder[step] = value = _fetched(world, value)
    elif field.expandable and isinstance(value, list):
        holder[step] = value = [_fetched(world, one) if isinstance(one, str) else one for one in value]
    if not rest or value is None:
        return
    for member in value if isinstance(value, list) else [value]:
        if isinstance(member, dict) and "object" not in member and field.nested is not None:
            _walk_fields(world, member, field.nested, rest, path)
        else:
            _go_on(world, member, rest, path)


def _go_on(world: World, member: Any, rest: list[str], path: str) -> None:
    if rest and isinstance(member, dict) and "object" in member:
        _walk(world, member, rest, path)


def _fetched(world: World, id: str) -> Any:
    """The object behind an id; the id itself where this Stripe keeps no such object (setup attempts)."""
    return copy.deepcopy(world.objects.get(id, id))
