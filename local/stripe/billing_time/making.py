"""New subscriptions, before their first invoice. https://docs.stripe.com/api/subscriptions/object"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.billing_time import discounts, items
from local.stripe.billing_time.periods import Period, around
from local.stripe.store import Object, World

COPIED = ("default_payment_method", "default_source", "description", "days_until_due")


def make(world: World, given: dict[str, Any], schedule: str | None = None) -> Object:
    """Store a subscription made of checked parameters, `trial_end` and `cancel_at` as epoch seconds.

    It is trialing; active when sent its invoices or made by a schedule; else incomplete until it is paid.
    """
    now, trial_end = world.now(), given.get("trial_end")
    period = _first_period(world, given)
    method = given.get("collection_method", "charge_automatically")
    paid_later = method == "send_invoice" or schedule is not None
    first = world.objects[given["items"][0]["price"]]
    subscription = world.add(
        "subscription",
        automatic_tax={"enabled": False},
        billing_cycle_anchor=trial_end or given.get("billing_cycle_anchor") or now,
        billing_mode={"type": "flexible", "flexible": {"proration_discounts": "included"}},
        cancel_at_period_end=False,
        cancellation_details={},
        collection_method=method,
        currency=first["currency"],
        customer=given["customer"],
        default_tax_rates=[world.objects[rate] for rate in given.get("default_tax_rates") or ()],
        invoice_settings={"issuer": {"type": "self"}},
        items=lists.whole([], ""),
        managed_payments={"enabled": False},
        metadata=changes.merged_metadata({}, given.get("metadata")),
        payment_settings={"save_default_payment_method": "off"},
        schedule=schedule,
        start_date=now,
        status="trialing" if trial_end else "active" if paid_later else "incomplete",
        trial_start=now if trial_end else None,
        trial_end=trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": "create_invoice"}},
        **{name: given.get(name) for name in COPIED},
    )
    _fill(world, subscription, given, period)
    owner = world.objects[given["customer"]]
    with world.change(owner, "customer.updated"):
        owner["currency"] = owner["currency"] or subscription["currency"]
    return subscription


def _fill(world: World, subscription: Object, given: dict[str, Any], period: Period) -> None:
    """Items, discounts and settings, which name the subscription or merge into what it has."""
    made = [items.make(world, subscription, one, period) for one in given["items"]]
    subscription["items"] = lists.whole(made, f"/v1/subscription_items?subscription={subscription['id']}")
    subscription["discounts"] = discounts.redeem(world, given.get("discounts") or [], subscription)
    for name in ("trial_settings", "payment_settings"):
        changes.apply(subscription[name], given.get(name) or {})
    if given.get("proration_behavior") == "none":
        world.hidden(subscription["id"])["free_until_anchor"] = True
    if given.get("cancel_at") is not None or given.get("cancel_at_period_end"):
        end_at(world, subscription, given.get("cancel_at"))


def _first_period(world: World, given: dict[str, Any]) -> Period:
    """Up to the trial's end, or to the first renewal: one interval on, or where the anchor says."""
    now = world.now()
    if given.get("trial_end"):
        return now, given["trial_end"]
    recurring = world.objects[given["items"][0]["price"]]["recurring"]
    end = around(given.get("billing_cycle_anchor") or now, recurring, now)[1]
    cancel_at = given.get("cancel_at")
    return now, min(end, cancel_at) if isinstance(cancel_at, int) else end


def end_at(world: World, subscription: Object, moment: int | str | None) -> None:
    """Let it end at a moment, by name or by date; None means with the current period."""
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    subscription["cancel_at_period_end"] = moment is None
    by_name = max(ends) if moment == "max_period_end" else min(ends)
    subscription["cancel_at"] = moment if isinstance(moment, int) else by_name
    subscription["canceled_at"] = world.now()
    subscription["cancellation_details"]["reason"] = "cancellation_requested"


def go_on(subscription: Object) -> None:
    """Take a planned end back."""
    subscription.update(cancel_at=None, cancel_at_period_end=False, canceled_at=None)
    subscription["cancellation_details"]["reason"] = None
