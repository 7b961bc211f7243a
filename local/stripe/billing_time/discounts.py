"""Coupons of subscriptions and items, from the day they are given to the invoice they last count on.

https://docs.stripe.com/api/discounts/object
"""

from __future__ import annotations

from typing import Any

from local.stripe.billing_money.discounts import give
from local.stripe.clock import add_months
from local.stripe.errors import invalid
from local.stripe.params import filled, hash_of, list_of
from local.stripe.store import Object, World

DISCOUNTS = list_of(hash_of({"coupon": filled, "discount": filled}))


def check(world: World, given: list[dict[str, Any]], currency: str) -> None:
    """Refuse coupons that do not exist, no longer count or are in another currency."""
    for place, one in enumerate(given):
        if len(one) != 1:
            raise invalid("You must specify exactly one of coupon, discount or promotion_code.", f"discounts[{place}]")
        kind, id = next(iter(one.items()))
        found = world.live(kind, id, f"discounts[{place}][{kind}]", 400)
        if kind == "coupon" and not found["valid"]:
            raise invalid(f"Coupon expired: {id}", "discounts", "coupon_expired")
        if kind == "coupon" and found["currency"] not in (None, currency):
            message = f"The coupon {id} is in {found['currency']} and cannot be applied to {currency}."
            raise invalid(message, f"discounts[{place}][coupon]")


def redeem(world: World, given: list[dict[str, Any]], subscription: Object, item: str | None = None) -> list[str]:
    """The ids of the discounts asked for: new ones for coupons, and those named by id. Emits their creation."""
    return [one.get("discount") or _begin(world, one["coupon"], subscription, item) for one in given]


def _begin(world: World, coupon_id: str, subscription: Object, item: str | None) -> str:
    coupon = world.live("coupon", coupon_id)
    months = coupon["duration_in_months"]
    discount = give(
        world,
        coupon,
        customer=subscription["customer"],
        end=add_months(world.now(), months) if months else None,
        subscription=subscription["id"],
        subscription_item=item,
    )
    world.emit("customer.discount.created", discount)
    return str(discount["id"])


def running(world: World, ids: list[str], moment: int) -> list[str]:
    """Those that still count at a moment."""
    ends = {id: world.objects[id]["end"] for id in ids}
    return [id for id, end in ends.items() if end is None or end > moment]


def after_billing(world: World, holder: Object) -> None:
    """A subscription or item was billed: what counts once, or has run out, is its discount no more."""
    lasting = [id for id in running(world, holder["discounts"], world.now()) if not _once(world, id)]
    for id in holder["discounts"]:
        if id not in lasting:
            world.emit("customer.discount.deleted", world.objects[id])
    holder["discounts"] = lasting


def _once(world: World, id: str) -> bool:
    terms = world.hidden(id).get("terms") or {}
    return bool(terms.get("duration") == "once")
