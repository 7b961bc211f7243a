"""Holds answers against stripe-python's typed classes, at the very version the portal uses."""

from __future__ import annotations

from typing import Any

from local.stripe import shapes

# The classes are a server's; what Stripe keeps from browsers (`keys.shown`) may be missing.
KEPT_FROM_BROWSERS = {"payment_intent.metadata"}


def problems(value: Any) -> list[str]:
    """What is wrong with all objects in an answer, at whatever depth, as lines."""
    if isinstance(value, list):
        return [line for member in value for line in problems(member)]
    if not isinstance(value, dict):
        return []
    name = value.get("object")
    found = [line for member in value.values() for line in problems(member)]
    if not isinstance(name, str) or name in ("list", "search_result"):
        return found
    if value.get("deleted"):
        stub = {"id", "object", "deleted"}
        return found + [f"deleted {name} has {', '.join(value)}"] * (set(value) != stub)
    return found + _problems_of_hash(value, shapes.object_class(name), name)


def _problems_of_hash(value: dict[str, Any], cls: Any, where: str) -> list[str]:
    known = shapes.fields(cls)
    found = [f"{where}.{name} is not in {cls.__qualname__}" for name in value if name not in known]
    for name, field in known.items():
        if name not in value:
            may_be = field.optional or f"{where}.{name}" in KEPT_FROM_BROWSERS
            found += [] if may_be else [f"{where}.{name} is missing"]
        elif value[name] is None:
            found += [] if field.optional else [f"{where}.{name} is null"]
        else:
            found += _problems_of_field(value[name], field, f"{where}.{name}")
    return found


def _problems_of_field(value: Any, field: shapes.Field, where: str) -> list[str]:
    if field.many and not field.listing:
        if not isinstance(value, list):
            return [f"{where} is no array"]
        return [line for member in value for line in _problems_of_one(member, field, where)]
    return _problems_of_one(value, field, where)


def _problems_of_one(value: Any, field: shapes.Field, where: str) -> list[str]:
    if isinstance(value, dict):
        if field.nested is not None and "object" not in value:
            return _problems_of_hash(value, field.nested, where)
        fits = field.listing or field.resources or field.mapping or field.nested is not None
        return [] if fits else [f"{where} is a hash"]
    allowed = field.scalars | ({int} if float in field.scalars else set())
    return [] if not allowed or type(value) in allowed else [f"{where} is {value!r}"]
