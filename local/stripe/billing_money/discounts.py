"""Discounts: coupons given to something, and what they take off an invoice.

A line's own discounts come first, then the invoice's, each on what the one before left.
https://docs.stripe.com/billing/subscriptions/coupons
"""

from __future__ import annotations

import copy
from typing import Any

from local.stripe.billing_money.rounding import half_up, percent_of, spread
from local.stripe.errors import bad_parameter, invalid
from local.stripe.store import Object, World


def give(world: World, coupon: Object, **owner: Any) -> Object:
    """A coupon redeemed as a discount of its owner: `customer`, `subscription`, `invoice`, `invoice_item`, ….

    The coupon's terms are kept, should it be deleted. Raises StripeError when it is not valid any more.
    """
    if not coupon["valid"]:
        raise invalid(f"Coupon expired: {coupon['id']}", "discounts", "coupon_expired")
    coupon["times_redeemed"] += 1
    source = {"type": "coupon", "coupon": coupon["id"]}
    hidden = {"terms": copy.deepcopy(coupon)}
    return world.add("discount", start=world.now(), source=source, hidden=hidden, **owner)


def given(world: World, asked: list[dict[str, str]] | None, currency: str, **owner: Any) -> list[str]:
    """The discounts a `discounts` parameter asks for, by id: new ones for coupons, or those that exist."""
    found = []
    for place, one in enumerate(asked or ()):
        if len(one) != 1:
            message = "You must specify exactly one of coupon, discount or promotion_code."
            raise bad_parameter(message, f"discounts[{place}]")
        if "discount" in one:
            found.append(world.live("discount", one["discount"], f"discounts[{place}][discount]", 400)["id"])
            continue
        coupon = world.live("coupon", one["coupon"], f"discounts[{place}][coupon]", 400)
        if coupon["amount_off"] is not None and coupon["currency"] != currency:
            message = f"The coupon {coupon['id']} is in {coupon['currency']} and cannot be applied to {currency}."
            raise invalid(message, f"discounts[{place}][coupon]")
        found.append(give(world, coupon, **owner)["id"])
    return found


def take_off(world: World, lines: list[Object], invoice_discounts: list[str]) -> None:
    """Work out `discount_amounts` of every line anew."""
    for one in lines:
        one["discount_amounts"] = []
    for one in lines:
        for discount in one["discounts"]:
            _apply(world, discount, [one])
    for discount in invoice_discounts:
        _apply(world, discount, lines)


def left(line: Object) -> int:
    """What of a line remains after the discounts so far."""
    return int(line["amount"] - sum(entry["amount"] for entry in line["discount_amounts"]))


def _apply(world: World, discount_id: str, lines: list[Object]) -> None:
    terms = _terms(world, discount_id)
    fitting = [one for one in lines if _covers(terms, one) and left(one) > 0]
    base = sum(map(left, fitting))
    if terms["amount_off"] is not None:
        off = min(base, terms["amount_off"])
    else:
        off = half_up(percent_of(base, terms["percent_off"]))
    for one, share in zip(fitting, spread(off, [left(one) for one in fitting]), strict=True):
        one["discount_amounts"].append({"amount": share, "discount": discount_id})


def _terms(world: World, discount_id: str) -> Object:
    """The coupon behind a discount, as it was when given where that was kept."""
    terms: Object | None = world.hidden(discount_id).get("terms")
    return terms or world.get("coupon", world.get("discount", discount_id)["source"]["coupon"])


def _covers(terms: Object, line: Object) -> bool:
    """A sum off is in one currency and passes over lines in others."""
    if not line["discountable"] or terms["currency"] not in (None, line["currency"]):
        return False
    products = (terms.get("applies_to") or {}).get("products")
    return not products or line["pricing"].get("price_details", {}).get("product") in products
