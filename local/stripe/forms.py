"""Form bodies and query strings as Stripe writes them: `items[0][price]=x`, `expand[]=y`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from local.stripe.errors import bad_parameter

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_MOST_LEVELS = 10


def parse(encoded: bytes) -> dict[str, Any]:
    """Turn an encoded form into nested dicts of strings; lists stay dicts keyed "0", "1", ….

    Raises StripeError 400 for bytes that are not UTF-8 and for keys that are not well formed.
    """
    try:
        pairs = parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise bad_parameter("Invalid request: the form is not valid UTF-8.") from error
    tree: dict[str, Any] = {}
    for key, value in pairs:
        _put(tree, _steps(key), value, key)
    return tree


def _steps(key: str) -> list[str]:
    match = _KEY.match(key)
    if match is None:
        raise bad_parameter(f"Received unknown parameter: {key}", key, "parameter_unknown")
    steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(steps) > _MOST_LEVELS:
        raise bad_parameter("Invalid object", key)
    return steps


def _put(tree: dict[str, Any], steps: list[str], value: str, key: str) -> None:
    *parents, last = steps
    for step in parents:
        tree = tree.setdefault(step if step else str(len(tree)), {})
        if not isinstance(tree, dict):
            raise bad_parameter("Invalid object", key)
    tree[last if last else str(len(tree))] = value


def items(value: dict[str, Any]) -> list[Any] | None:
    """The members of a dict keyed "0", "1", … in order, or None when it is not a list."""
    if not all(key.isdigit() for key in value):
        return None
    return [value[key] for key in sorted(value, key=int)]
