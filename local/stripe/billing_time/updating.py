"""What may change about a subscription, and what that sets off. https://docs.stripe.com/api/subscriptions/update"""

from __future__ import annotations

from typing import Any

from local.stripe import changes
from local.stripe.billing_time import checks, discounts, making, planning, swapping, turning
from local.stripe.billing_time.state import changed, items_of, over
from local.stripe.errors import bad_parameter, invalid
from local.stripe.store import Object, World

_AT_ANY_TIME = {"metadata", "cancellation_details"}
_WHILE_INCOMPLETE = {*_AT_ANY_TIME, "default_payment_method", "default_source", "description", "payment_settings"}
_PLAIN = (
    "cancellation_details", "collection_method", "days_until_due", "default_payment_method", "default_source",
    "description", "metadata", "pause_collection", "payment_settings", "trial_settings",
)  # fmt: skip


def check(world: World, subscription: Object, given: dict[str, Any]) -> None:
    """Refuse what Stripe refuses, before anything is written."""
    if over(subscription) and set(given) - _AT_ANY_TIME:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise invalid(message, code="invalid_canceled_subscription_fields")
    if subscription["status"] == "incomplete" and set(given) - _WHILE_INCOMPLETE:
        name = sorted(set(given) - _WHILE_INCOMPLETE)[0]
        raise invalid(f"You cannot update `{name}` of a subscription while it is incomplete.", name)
    checks.check_unmanaged(world, subscription, given)
    checks.check_card(world, given, subscription["customer"])
    if {"collection_method", "days_until_due"} & set(given):
        method = str(given.get("collection_method", subscription["collection_method"]))
        checks.check_collection({"days_until_due": subscription["days_until_due"], **given}, method)
    checks.check_tax_rates(world, given.get("default_tax_rates"), "default_tax_rates")
    discounts.check(world, given.get("discounts", []), subscription["currency"])
    if "items" in given:
        check_changes(world, subscription, given["items"], "items")


def check_changes(world: World, subscription: Object, given: list[dict[str, Any]], where: str) -> None:
    """Item changes must name own items, leave at least one, and fit together."""
    after = {item["id"]: item["price"]["id"] for item in items_of(subscription)}
    for place, one in enumerate(given):
        id = one.get("id", f"new {place}")
        if "id" in one and id not in after:
            message = f"Invalid subscription item ID: '{id}'. It is not an item of this subscription."
            raise invalid(message, f"{where}[{place}][id]", "resource_missing")
        if one.get("deleted"):
            del after[id]
        elif "price" in one or "id" not in one:
            after[id] = one.get("price", "")
    if not after:
        raise invalid("A subscription must have at least one active plan.", where)
    if len(set(after.values())) < len(after):
        raise invalid("A subscription cannot have two items with the same price.", where)
    priced = [{**one, "price": one["price"]} for one in given if one.get("price")]
    kept = [{"price": price} for price in after.values()]
    checks.check_items(world, [*kept, *priced], where, subscription["currency"])


def write(world: World, subscription: Object, given: dict[str, Any]) -> None:
    """Write checked parameters, and announce them as one update."""
    if given.get("trial_settings", {}) is None:
        raise bad_parameter("Invalid object", "trial_settings")
    with changed(world, subscription):
        changes.apply(subscription, {name: given[name] for name in _PLAIN if name in given})
        if subscription["collection_method"] == "charge_automatically":
            subscription["days_until_due"] = None
        _write_ending(world, subscription, given)
        if "default_tax_rates" in given:
            subscription["default_tax_rates"] = [world.objects[rate] for rate in given["default_tax_rates"]]
        if "discounts" in given:
            subscription["discounts"] = discounts.redeem(world, given["discounts"], subscription)
        if "items" in given:
            swapping.change(world, subscription, given["items"], given.get("proration_behavior", "create_prorations"))
        if "trial_end" in given:
            _write_trial(world, subscription, given["trial_end"])
    planning.plan(world, subscription)


def _write_ending(world: World, subscription: Object, given: dict[str, Any]) -> None:
    if given.get("cancel_at") is not None:
        making.end_at(world, subscription, given["cancel_at"])
    elif given.get("cancel_at_period_end") and not subscription["cancel_at_period_end"]:
        making.end_at(world, subscription, None)
    elif "cancel_at" in given or (given.get("cancel_at_period_end") is False and subscription["cancel_at_period_end"]):
        making.go_on(subscription)


def _write_trial(world: World, subscription: Object, end: int | str) -> None:
    """End a trial now, move its end, or begin one."""
    now = world.now()
    if isinstance(end, str):
        if subscription["status"] == "trialing":
            turning.end_trial_now(world, subscription)
        return
    if subscription["status"] != "trialing":
        subscription.update(status="trialing", trial_start=now)
        for item in items_of(subscription):
            item["current_period_start"] = now
    subscription.update(trial_end=end, billing_cycle_anchor=end)
    for item in items_of(subscription):
        item["current_period_end"] = end
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = end
