"""What is told before it happens: the next invoice, and the end of a trial."""

from __future__ import annotations

from local.stripe import billing_money
from local.stripe.billing_time.planning import plan, renews_at
from local.stripe.billing_time.upcoming import upcoming_invoice
from local.stripe.store import World, due


@due("subscription.upcoming")
def upcoming(world: World, id: str) -> None:
    """Some days before each renewal. https://docs.stripe.com/api/events/types#event_types-invoice.upcoming"""
    subscription = world.objects[id]
    renewal = renews_at(world, subscription)
    if renewal is not None:
        world.hidden(id)["upcoming"] = renewal
        world.emit("invoice.upcoming", billing_money.preview(world, **upcoming_invoice(world, subscription)))
        plan(world, subscription)


@due("subscription.trial_will_end")
def trial_will_end(world: World, id: str) -> None:
    """Three days before a trial ends, or at once when it is shorter."""
    subscription = world.objects[id]
    if subscription["status"] == "trialing":
        world.hidden(id)["trial_end"] = subscription["trial_end"]
        world.emit("customer.subscription.trial_will_end", subscription)
        plan(world, subscription)
