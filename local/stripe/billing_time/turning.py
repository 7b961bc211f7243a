"""What happens by itself: periods renew, phases change, trials end, cancellations come due."""

from __future__ import annotations

from local.stripe.billing_time import endings, lines, schedules
from local.stripe.billing_time.bills import bill
from local.stripe.billing_time.periods import around
from local.stripe.billing_time.planning import plan
from local.stripe.billing_time.state import changed, has_card, items_of, over, period_of
from local.stripe.billing_time.swapping import collect_now
from local.stripe.store import Object, World, due


@due("subscription.turn")
def turn(world: World, id: str) -> None:
    """Do what is due for one subscription at this moment, and plan what is next."""
    subscription = world.objects[id]
    if over(subscription):
        return
    schedules.turn(world, subscription)
    cancel_at = subscription["cancel_at"]
    if not over(subscription) and cancel_at is not None and cancel_at <= world.now():
        endings.end(world, subscription, None, bill_rest=True)
    dormant = over(subscription) or subscription["status"] in ("incomplete", "paused")
    if not dormant and period_of(subscription)[1] <= world.now():
        renew(world, subscription)
    plan(world, subscription)


def renew(world: World, subscription: Object) -> None:
    """The next period begins, and a draft of its invoice is made. A trial that ends gives way to the first one."""
    if subscription["status"] == "trialing" and not _goes_on_after_trial(world, subscription):
        return
    before = period_of(subscription)
    with changed(world, subscription):
        advance(world, subscription)
        start, end = period_of(subscription)
        items = items_of(subscription)
        whole = around(subscription["billing_cycle_anchor"], items[0]["price"]["recurring"], start)
        made = [lines.of_item(world, item, (start, end), whole) for item in items]
        bill(world, subscription, made, "subscription_cycle", before)


def advance(world: World, subscription: Object) -> None:
    """Move to the period that begins where the current one ended; cut short by a cancellation date."""
    start = period_of(subscription)[1]
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    recurring = items_of(subscription)[0]["price"]["recurring"]
    end = around(subscription["billing_cycle_anchor"], recurring, start)[1]
    for item in items_of(subscription):
        item.update(current_period_start=start, current_period_end=min(end, subscription["cancel_at"] or end))


def end_trial_now(world: World, subscription: Object) -> None:
    """The trial is over at once: a first paid period from now, charged now."""
    now, before = world.now(), period_of(subscription)
    subscription.update(status="active", trial_end=now, billing_cycle_anchor=now)
    whole = around(now, items_of(subscription)[0]["price"]["recurring"], now)
    for item in items_of(subscription):
        item.update(current_period_start=whole[0], current_period_end=whole[1])
    made = [lines.of_item(world, item, whole, whole) for item in items_of(subscription)]
    collect_now(world, bill(world, subscription, made, "subscription_update", before))


def _goes_on_after_trial(world: World, subscription: Object) -> bool:
    """Without a card a trial may end in a pause or for good. https://docs.stripe.com/billing/subscriptions/trials"""
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behavior == "create_invoice" or has_card(world, subscription):
        return True
    if behavior == "cancel":
        endings.end(world, subscription, None)
        return False
    with world.change(subscription, "customer.subscription.paused"):
        subscription.update(status="paused", status_details=_paused(world))
    return False


def _paused(world: World) -> Object:
    reason = {"subscription": {"type": "trial_end_without_payment_method"}}
    return {"paused": {**reason, "transitioned_at": world.now(), "type": "subscription"}}


@due("subscription.resume")
def resume_collection(world: World, id: str) -> None:
    """A pause of payment collection is over. Drafts kept meanwhile stay drafts."""
    subscription = world.objects[id]
    with changed(world, subscription):
        subscription["pause_collection"] = None
    plan(world, subscription)
