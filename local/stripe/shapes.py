"""Complete objects, in the shape of stripe-python's typed classes at its own API version.

The classes tell which fields an object has and which may be null. They do not tell null from absent:
`absent_fields.json`, made from Stripe's OpenAPI description by `make_absent_fields.py`, names the fields
Stripe leaves out when they are not set.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject

API_VERSION: str = stripe.api_version
_SCALARS = {bool, int, float, str}
# Expandable since 2026-04-22, though the typed classes still call it a plain string.
# https://docs.stripe.com/changelog/dahlia/2026-04-22/adds-expandable-tax-rate-property-to-tax-rate-details
_EXPANDABLE_TOO = {("TaxRateDetails", "tax_rate")}
_ABSENT: dict[str, list[str]] = json.loads(Path(__file__).with_name("absent_fields.json").read_text())


@dataclass(frozen=True)
class Field:
    """What a typed class says of one field."""

    optional: bool
    many: bool
    """A plain array."""
    listing: bool
    """A list object with `data`, `has_more` and `url`."""
    mapping: bool
    """A hash with free keys, such as metadata."""
    nested: type[stripe.StripeObject] | None
    """The class of a hash that is no object of its own."""
    resources: bool
    """Holds objects with an id of their own."""
    scalars: frozenset[type]

    @property
    def expandable(self) -> bool:
        """Holds an id that may be replaced by the object."""
        return self.resources and str in self.scalars


@cache
def object_class(object_name: str) -> Any:
    """The typed class of an object by its `object` name; KeyError when Stripe has no such object."""
    found = get_object_class("V1", object_name)
    if found is stripe.StripeObject:
        raise KeyError(object_name)
    return found


@cache
def fields(cls: Any) -> dict[str, Field]:
    """The fields of a typed class by name, without `deleted` (a deleted object is a stub of its own)."""
    return {
        name: _field(annotation, (cls.__name__, name) in _EXPANDABLE_TOO)
        for name, annotation in cls.__annotations__.items()
        if name not in ("OBJECT_NAME", "deleted") and not name.startswith("_")
    }


def _field(annotation: Any, holds_object: bool) -> Field:
    parts = _parts(annotation)
    classes = [
        part
        for part in parts - {stripe.ListObject, UntypedStripeObject}
        if isinstance(part, type) and issubclass(part, stripe.StripeObject)
    ]
    nested = [cls for cls in classes if not hasattr(cls, "OBJECT_NAME")]
    return Field(
        optional=NoneType in parts,
        many=list in parts,
        listing=stripe.ListObject in parts,
        mapping=UntypedStripeObject in parts or dict in parts,
        nested=nested[0] if nested else None,
        resources=holds_object or "resource" in parts or any(hasattr(cls, "OBJECT_NAME") for cls in classes),
        scalars=frozenset(part for part in parts if part in _SCALARS),
    )


def _parts(annotation: Any) -> set[Any]:
    """The leaves of an annotation; names of other modules' classes are objects with an id ("resource")."""
    if isinstance(annotation, str | ForwardRef):
        return {"resource"}
    if annotation is Decimal:
        return {str}  # Decimals travel as strings
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return {type(value) for value in arguments}
    if origin is Union:
        return set().union(*map(_parts, arguments))
    if origin in (UntypedStripeObject, dict):
        return {origin}
    if origin in (list, stripe.ListObject):
        return {origin, *_parts(arguments[0])} - {NoneType}
    return {annotation}


def complete(object_name: str, **given: Any) -> dict[str, Any]:
    """An object with every field Stripe sends, null where nothing was given.

    Hashes given in part are completed too. Raises TypeError for a field the class does not have and for
    a missing field that can neither be null nor has an obvious empty value.
    """
    return _complete(object_class(object_name), object_name, {"object": object_name, **given})


def _complete(cls: Any, path: str, given: dict[str, Any]) -> dict[str, Any]:
    known = fields(cls)
    strangers = sorted(set(given) - set(known))
    if strangers:
        raise TypeError(f"{path} has no field {', '.join(strangers)}")
    absent = set(_ABSENT.get(path, ())) - {"metadata"}
    return {
        name: _value(field, f"{path}.{name}", given.get(name, ...))
        for name, field in known.items()
        if name in given or name not in absent
    }


def _value(field: Field, path: str, value: Any) -> Any:
    if value is ...:
        return _empty(field, path)
    if field.nested is None or field.listing:
        return value
    if isinstance(value, dict) and not field.many:
        return value if "object" in value else _complete(field.nested, path, value)
    if isinstance(value, list):
        return [_complete(field.nested, path, member) if isinstance(member, dict) else member for member in value]
    return value


def _empty(field: Field, path: str) -> Any:
    if field.mapping and path.endswith(".metadata"):
        return {}
    if field.optional:
        return None
    if field.listing:
        raise TypeError(f"{path} must be given")
    if field.many:
        return []
    if field.mapping:
        return {}
    if field.nested is not None:
        return _complete(field.nested, path, {})
    if bool in field.scalars:
        return False
    raise TypeError(f"{path} must be given")
