"""Writing to objects the way Stripe does, and telling what changed."""

from __future__ import annotations

from typing import Any


def apply(target: dict[str, Any], given: dict[str, Any]) -> None:
    """Write given parameters into an object: hashes merge member by member, the rest is replaced."""
    for name, value in given.items():
        if name == "metadata":
            target[name] = merged_metadata(target.get(name) or {}, value)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            apply(target[name], value)
        else:
            target[name] = value


def merged_metadata(old: dict[str, str], given: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: None clears it, an empty value removes its key."""
    if given is None:
        return {}
    return {key: value for key, value in {**old, **given}.items() if value != ""}


def previous_attributes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The old values of what changed; inside hashes only the members that changed, lists whole."""
    previous: dict[str, Any] = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            previous[name] = previous_attributes(old, new)
        else:
            previous[name] = old
    return previous
