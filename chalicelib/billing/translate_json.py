"""Reading Stripe's JSON without trusting it: a missing, null or mistyped field gives the neutral value."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from chalicelib.clock import LAST_MOMENT

Json = Mapping[str, Any]

BEYOND = 10**12


def at(data: Json, *path: str) -> Any:
    """The value at `path`, or None as soon as the path breaks off."""
    value: Any = data
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text(data: Json, *path: str) -> str:
    """Text at `path`, or ""."""
    value = at(data, *path)
    return value if isinstance(value, str) else ""


def number(data: Json, *path: str) -> int | None:
    """Integer at `path` (an amount or a count), or None; what is beyond any sum Stripe takes counts as none.

    https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
    """
    value = at(data, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < BEYOND else None


def moment(data: Json, *path: str) -> int | None:
    """UTC epoch seconds at `path`, or None; a time no calendar here can hold counts as none."""
    return _in_calendar(number(data, *path))


def epoch(data: Json, *path: str) -> int | None:
    """UTC epoch seconds written as text at `path`, as metadata holds them, or None."""
    return _in_calendar(written(data, 12, *path))


def written(data: Json, longest: int, *path: str) -> int | None:
    """Whole number written as text of at most `longest` digits at `path`, as metadata holds them, or None."""
    digits = text(data, *path).strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= longest else None


def instant(data: Json, *path: str) -> int:
    """UTC epoch seconds at `path`, or 0."""
    return moment(data, *path) or 0


def amount(data: Json, *path: str) -> int:
    """Integer at `path`, or 0."""
    return number(data, *path) or 0


def decimal(data: Json, *path: str) -> Decimal | None:
    """Number at `path` as an exact decimal, or None. Stripe sends decimals as text, its client as Decimal."""
    value = at(data, *path)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def yes(data: Json, *path: str) -> bool:
    """True only for a real true."""
    return at(data, *path) is True


def part(data: Json, *path: str) -> Json:
    """Object at `path`, or an empty one."""
    value = at(data, *path)
    return value if isinstance(value, Mapping) else {}


def rows(data: Json, *path: str) -> tuple[Json, ...]:
    """Objects of the array or Stripe list at `path`; ids that were not expanded are left out."""
    value = at(data, *path)
    if isinstance(value, Mapping):
        value = value.get("data")
    if not isinstance(value, list | tuple):
        return ()
    return tuple(row for row in value if isinstance(row, Mapping))


def ref(data: Json, *path: str) -> str:
    """Id of the object at `path`, expanded or not, or ""."""
    value = at(data, *path)
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else ""


def _in_calendar(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < LAST_MOMENT else None
