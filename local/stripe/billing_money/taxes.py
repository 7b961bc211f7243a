"""Tax of a line by its rates, after discounts, rounded half up for each line and rate.

https://docs.stripe.com/billing/taxes/tax-rates; inclusive tax is part of the amount, exclusive comes on top.
"""

from __future__ import annotations

from decimal import Decimal

from local.stripe.billing_money.rounding import half_up, percent_of
from local.stripe.store import Object, World

EXEMPT = {"exempt": "customer_exempt", "reverse": "reverse_charge"}


def put_on(world: World, line: Object, net: int, tax_exempt: str) -> None:
    """Fill in the amounts of a line's `taxes`. `net` is the line after discounts."""
    base = net / _with_inclusive(world, line)
    inside = {id(tax): _amount(world, tax, base, tax_exempt) for tax in line["taxes"] if _inclusive(tax)}
    taxable = net - sum(inside.values())
    for tax in line["taxes"]:
        tax["taxable_amount"] = taxable
        tax["taxability_reason"] = EXEMPT.get(tax_exempt, "not_available")
        tax["amount"] = inside[id(tax)] if _inclusive(tax) else _amount(world, tax, Decimal(taxable), tax_exempt)


def without(world: World, line: Object, amount: int, tax_exempt: str) -> int:
    """An amount of this line less the tax included in it."""
    base = amount / _with_inclusive(world, line)
    return amount - sum(_amount(world, tax, base, tax_exempt) for tax in line["taxes"] if _inclusive(tax))


def _with_inclusive(world: World, line: Object) -> Decimal:
    """What 1 before tax becomes with all inclusive rates."""
    shares = (_percentage(world, tax) for tax in line["taxes"] if _inclusive(tax))
    return 1 + sum((percent_of(1, share) for share in shares), Decimal(0))


def _amount(world: World, tax: Object, base: Decimal, tax_exempt: str) -> int:
    return 0 if tax_exempt in EXEMPT else half_up(percent_of(base, _percentage(world, tax)))


def _inclusive(tax: Object) -> bool:
    return bool(tax["tax_behavior"] == "inclusive")


def _percentage(world: World, tax: Object) -> float:
    return float(world.get("tax_rate", tax["tax_rate_details"]["tax_rate"])["percentage"])
