"""Exact arithmetic on minor units."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def half_up(amount: Decimal) -> int:
    """The nearest whole number; halves go away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def percent_of(base: int | Decimal, percentage: float) -> Decimal:
    """A share of an amount, not rounded yet."""
    return Decimal(base) * Decimal(str(percentage)) / 100


def spread(total: int, weights: list[int]) -> list[int]:
    """Share a total out in proportion to weights, to the last unit: the largest remainders get one more."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares
