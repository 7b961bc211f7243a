"""Other items, prices and quantities for a running subscription, with what that costs for the rest of the period.

https://docs.stripe.com/billing/subscriptions/prorations
"""

from __future__ import annotations

from typing import Any

from local.stripe import billing_money
from local.stripe.billing_money.items import invoice_item
from local.stripe.billing_time import items, lines
from local.stripe.billing_time.bills import bill
from local.stripe.billing_time.periods import around
from local.stripe.billing_time.state import items_of, period_of
from local.stripe.store import Object, World

BEHAVIORS = ("always_invoice", "create_prorations", "none")


def as_changes(subscription: Object, wanted: list[Object], *, with_discounts: bool) -> list[dict[str, Any]]:
    """The changes that turn a subscription's items into a phase's: matched by price, others removed and added."""
    left = {item["price"]["id"]: item for item in items_of(subscription)}
    found = []
    for one in wanted:
        given = {
            "price": one["price"],
            "quantity": one["quantity"],
            "metadata": one["metadata"],
            "tax_rates": [rate["id"] for rate in one["tax_rates"] or ()],
        }
        same = left.pop(one["price"], None)
        if same is not None:
            given["id"] = same["id"]
        if with_discounts or same is None:
            given["discounts"] = given_discounts(one["discounts"])
        found.append(given)
    return found + [{"id": item["id"], "deleted": True} for item in left.values()]


def given_discounts(planned: list[Object]) -> list[dict[str, Any]]:
    """The discounts of a phase or phase item, as a parameter names them."""
    return [{kind: one[kind] for kind in ("coupon", "discount") if one[kind]} for one in planned]


def change(world: World, subscription: Object, given: list[dict[str, Any]], behavior: str) -> None:
    """Apply checked changes: an `id` changes or (`deleted`) removes an item, no id adds one.

    Another interval starts a new period, billed at once; else the rest of the period is credited and charged
    for as `behavior` says.
    """
    now, whole = world.now(), period_of(subscription)
    before = {item["id"]: (item, _worth(item)) for item in items_of(subscription)}
    credits = {id: _prorated(world, subscription, item, -1) for id, (item, _) in before.items()}
    interval = items_of(subscription)[0]["price"]["recurring"]
    _write(world, subscription, given)
    if _every(items_of(subscription)[0]["price"]["recurring"]) != _every(interval):
        made = [made for one in credits.values() for made in one] if behavior != "none" else []
        _begin_anew(world, subscription, made)
        return
    if behavior == "none" or subscription["status"] == "trialing" or not whole[0] <= now < whole[1]:
        return
    made = []
    for id, (_, worth) in before.items():
        kept = next((item for item in items_of(subscription) if item["id"] == id), None)
        if kept is None or _worth(kept) != worth:
            made += credits[id]
    for item in items_of(subscription):
        if item["id"] not in before or _worth(item) != before[item["id"]][1]:
            made += _prorated(world, subscription, item, 1)
    if made:
        _settle(world, subscription, made, behavior)


def _every(recurring: Object) -> tuple[str, int]:
    return recurring["interval"], recurring["interval_count"]


def _worth(item: Object) -> tuple[str, int]:
    return item["price"]["id"], item["quantity"]


def _prorated(world: World, subscription: Object, item: Object, sign: int) -> list[Object]:
    now, whole = world.now(), period_of(subscription)
    paid_for = subscription["status"] not in ("trialing", "incomplete") and whole[0] <= now < whole[1]
    return [lines.of_proration(world, item, (now, whole[1]), whole, sign)] if paid_for else []


def _write(world: World, subscription: Object, given: list[dict[str, Any]]) -> None:
    kept = items_of(subscription)
    period = period_of(subscription)
    for one in given:
        item = next((item for item in kept if item["id"] == one.get("id")), None)
        if item is None:
            kept.append(items.make(world, subscription, one, period))
        elif one.get("deleted"):
            kept.remove(item)
        else:
            items.change(world, subscription, item, one)


def _begin_anew(world: World, subscription: Object, credits: list[Object]) -> None:
    """A new cycle from now, billed now."""
    now, before = world.now(), period_of(subscription)
    subscription["billing_cycle_anchor"] = now
    whole = around(now, items_of(subscription)[0]["price"]["recurring"], now)
    for item in items_of(subscription):
        item.update(current_period_start=whole[0], current_period_end=whole[1])
    ahead = [lines.of_item(world, item, whole, whole) for item in items_of(subscription)]
    invoice = bill(world, subscription, credits + ahead, "subscription_update", (before[0], now))
    collect_now(world, invoice)


def _settle(world: World, subscription: Object, made: list[Object], behavior: str) -> None:
    """Invoice prorations now, or let them wait for the next invoice."""
    if behavior == "always_invoice":
        now = world.now()
        collect_now(world, bill(world, subscription, made, "subscription_update", (now, now)))
        return
    for one in made:
        details = one["parent"]["subscription_item_details"]
        invoice_item(
            world,
            one,
            customer=subscription["customer"],
            subscription=subscription["id"],
            subscription_item=details["subscription_item"],
            proration=True,
        )


def collect_now(world: World, invoice: Object) -> None:
    """Finalise and charge at once, where it is not sent for payment."""
    if invoice["status"] == "draft" and invoice["collection_method"] == "charge_automatically":
        billing_money.finalize(world, invoice)
        if invoice["status"] == "open":
            billing_money.collect(world, invoice)
