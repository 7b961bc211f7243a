"""What a route accepts: one converter per parameter, from the strings of a form to values.

A converter takes (value, name) and gives the value to store. The empty string unsets: `text`, `hash_of`
and `timestamp` give None for it, `list_of` gives []; wrap any other in `or_unset` to allow it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from local.stripe import forms
from local.stripe.errors import bad_parameter, cannot_be_empty, missing_parameter

Converter = Callable[[Any, str], Any]
Accepts = Mapping[str, Converter]


def read(accepts: Accepts, needs: tuple[str, ...], given: dict[str, Any], inside: str = "") -> dict[str, Any]:
    """Convert what was given; refuse unknown and missing parameters. `inside` is the parent's name."""

    def named(name: str) -> str:
        return f"{inside}[{name}]" if inside else name

    unknown = [named(name) for name in given if name not in accepts]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(unknown)}"
        raise bad_parameter(message, unknown[0], "parameter_unknown")
    for name in needs:
        if name not in given:
            raise missing_parameter(named(name))
    return {name: accepts[name](value, named(name)) for name, value in given.items()}


def text(value: Any, name: str) -> str | None:
    """A string of at most 5,000 characters; empty unsets."""
    if not isinstance(value, str):
        raise bad_parameter("Invalid string", name)
    if len(value) > 5000:
        raise bad_parameter(f"Invalid string: {value[:10]}...; must be at most 5000 characters", name)
    return value or None


def filled(value: Any, name: str) -> str:
    """A string that cannot be unset."""
    given = text(value, name)
    if given is None:
        raise cannot_be_empty(name)
    return given


def lower(value: Any, name: str) -> str:
    """A string kept in lower case, such as a currency."""
    return filled(value, name).lower()


def integer(value: Any, name: str) -> int:
    """A whole number, negative allowed."""
    if not re.fullmatch(r"-?\d{1,18}", filled(value, name)):
        raise bad_parameter(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    return int(value)


def whole(low: int, high: int | None = None) -> Converter:
    """A whole number within bounds."""

    def convert(value: Any, name: str) -> int:
        number = integer(value, name)
        if number < low:
            edge = f"greater than or equal to {low}"
        elif high is not None and number > high:
            edge = f"less than or equal to {high}"
        else:
            return number
        message = f"This value must be {edge} (it currently is '{number}')."
        raise bad_parameter(message, name, "parameter_invalid_integer")

    return convert


def number(value: Any, name: str) -> float:
    """A number that may have decimals, such as a percentage."""
    try:
        result = float(filled(value, name))
    except ValueError:
        result = math.nan
    if not math.isfinite(result):
        raise bad_parameter(f"Invalid decimal: {value}", name)
    return result


def boolean(value: Any, name: str) -> bool:
    """`true` or `false`."""
    if value not in ("true", "false", "True", "False"):
        raise bad_parameter(f"Invalid boolean: {value}", name)
    return str(value).lower() == "true"


def timestamp(value: Any, name: str) -> int | None:
    """Epoch seconds; empty unsets."""
    return None if value == "" else integer(value, name)


def choice(*choices: str) -> Converter:
    """One of a fixed set of words."""

    def convert(value: Any, name: str) -> str:
        if filled(value, name) not in choices:
            *most, last = choices
            listed = f"{', '.join(most)} or {last}" if most else last
            raise bad_parameter(f"Invalid {name}: must be one of {listed}", name)
        return str(value)

    return convert


def or_unset(convert: Converter) -> Converter:
    """The same, and the empty string gives None."""
    return lambda value, name: None if value == "" else convert(value, name)


def hash_of(accepts: Accepts, needs: tuple[str, ...] = ()) -> Converter:
    """A nested hash of known members; the empty string unsets it."""

    def convert(value: Any, name: str) -> dict[str, Any] | None:
        if value == "":
            return None
        if not isinstance(value, dict):
            raise bad_parameter("Invalid object", name)
        return read(accepts, needs, value, name)

    return convert


def list_of(convert_one: Converter) -> Converter:
    """A list; the empty string gives the empty list."""

    def convert(value: Any, name: str) -> list[Any]:
        if value == "":
            return []
        members = forms.items(value) if isinstance(value, dict) else None
        if members is None:
            raise bad_parameter("Invalid array", name)
        return [convert_one(member, f"{name}[{place}]") for place, member in enumerate(members)]

    return convert


def metadata(value: Any, name: str) -> dict[str, str] | None:
    """Keys and values; an empty value removes its key, an empty string removes all (None)."""
    if value == "":
        return None
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise bad_parameter("Invalid metadata: must be a hash of strings", name)
    for key, word in value.items():
        if len(key) > 40:
            raise bad_parameter("Metadata keys may not be longer than 40 characters.", name)
        if len(word) > 500:
            raise bad_parameter(f"Metadata values may not be longer than 500 characters: {key}", name)
    if len(value) > 50:
        raise bad_parameter("Metadata may not have more than 50 keys.", name)
    return dict(value)


def span(value: Any, name: str) -> dict[str, int]:
    """A moment, or bounds on one: `created=1` or `created[gte]=1`."""
    if isinstance(value, str):
        return {"gte": integer(value, name), "lte": integer(value, name)}
    return read({"gt": integer, "gte": integer, "lt": integer, "lte": integer}, (), value, name)


ADDRESS = hash_of(dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), text))
PAGING: Accepts = {"limit": whole(1, 100), "starting_after": filled, "ending_before": filled}
