"""A paused subscription begins again. https://docs.stripe.com/api/subscriptions/resume"""

from __future__ import annotations

from local.stripe.billing_time import lines, planning
from local.stripe.billing_time.bills import bill
from local.stripe.billing_time.periods import around
from local.stripe.billing_time.state import changed, items_of, period_of
from local.stripe.billing_time.swapping import collect_now
from local.stripe.errors import invalid
from local.stripe.store import Object, World


def resume(world: World, subscription: Object) -> None:
    """A new period from now, billed now. Active once that is paid. Raises StripeError when it is not paused."""
    if subscription["status"] != "paused":
        raise invalid("This subscription cannot be resumed: only a subscription with the status `paused` can be.")
    now, before = world.now(), period_of(subscription)
    whole = around(now, items_of(subscription)[0]["price"]["recurring"], now)
    with changed(world, subscription):
        subscription["billing_cycle_anchor"] = now
        for item in items_of(subscription):
            item.update(current_period_start=whole[0], current_period_end=whole[1])
        made = [lines.of_item(world, item, whole, whole) for item in items_of(subscription)]
        invoice = bill(world, subscription, made, "subscription_update", before)
    collect_now(world, invoice)
    if invoice["status"] in ("draft", "paid"):
        resumed(world, subscription)


def resumed(world: World, subscription: Object) -> None:
    """It is active again."""
    if subscription["status"] == "paused":
        with world.change(subscription, "customer.subscription.resumed"):
            subscription.update(status="active", status_details=None)
        planning.plan(world, subscription)
