"""Subscription items. https://docs.stripe.com/api/subscription_items/object"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, shapes
from local.stripe.billing_time import discounts
from local.stripe.billing_time.periods import Period
from local.stripe.store import Object, World


def make(world: World, subscription: Object, given: dict[str, Any], period: Period) -> Object:
    """A new item. Its price and tax rates are the stored objects themselves, so they stay up to date."""
    price = world.objects[given["price"]]
    id = world.new_id("subscription_item")
    return shapes.complete(
        "subscription_item",
        id=id,
        created=world.now(),
        current_period_start=period[0],
        current_period_end=period[1],
        discounts=discounts.redeem(world, given.get("discounts") or [], subscription, id),
        metadata=changes.merged_metadata({}, given.get("metadata")),
        plan=plan_of(price),
        price=price,
        quantity=given.get("quantity", 1),
        subscription=subscription["id"],
        tax_rates=[world.objects[rate] for rate in given.get("tax_rates") or []],
    )


def change(world: World, subscription: Object, item: Object, given: dict[str, Any]) -> None:
    """Write what was given to an item; its id stays."""
    if "price" in given:
        item["price"] = world.objects[given["price"]]
        item["plan"] = plan_of(item["price"])
    if "quantity" in given:
        item["quantity"] = given["quantity"]
    if "metadata" in given:
        item["metadata"] = changes.merged_metadata(item["metadata"], given["metadata"])
    if "tax_rates" in given:
        item["tax_rates"] = [world.objects[rate] for rate in given["tax_rates"]]
    if "discounts" in given:
        item["discounts"] = discounts.redeem(world, given["discounts"], subscription, item["id"])


def plan_of(price: Object) -> Object:
    """The older form of a price, which still comes with every item."""
    same = ("active", "billing_scheme", "created", "currency", "id", "livemode", "metadata", "nickname", "product")
    return shapes.complete(
        "plan",
        **{name: price[name] for name in same},
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        interval=price["recurring"]["interval"],
        interval_count=price["recurring"]["interval_count"],
        usage_type="licensed",
    )
