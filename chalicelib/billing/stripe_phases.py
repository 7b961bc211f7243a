"""A schedule's phase as Stripe shows it → the parameters that make the same phase again.

Updating a schedule replaces all its phases, so every one that should stay must be sent whole
(https://docs.stripe.com/api/subscription_schedules/update#update_subscription_schedule-phases).
"""

from typing import Any

PLAIN = ("start_date", "end_date", "trial_end", "collection_method", "proration_behavior", "currency", "description")


def phase_params(phase: dict[str, Any]) -> dict[str, Any]:
    """Everything of a phase that decides what is charged, when, and to which card; null and empty is left out."""
    params: dict[str, Any] = {name: phase[name] for name in PLAIN if phase.get(name) is not None}
    params["items"] = [_item(item) for item in phase["items"]]
    if phase.get("default_payment_method"):
        params["default_payment_method"] = _id(phase["default_payment_method"])
    if phase.get("default_tax_rates"):
        params["default_tax_rates"] = [_id(rate) for rate in phase["default_tax_rates"]]
    if phase.get("discounts"):
        params["discounts"] = [_discount(discount) for discount in phase["discounts"]]
    if phase.get("metadata"):
        params["metadata"] = phase["metadata"]
    if phase.get("billing_cycle_anchor"):
        params["billing_cycle_anchor"] = phase["billing_cycle_anchor"]
    return params


def _item(item: dict[str, Any]) -> dict[str, Any]:
    params: dict[str, Any] = {"price": _id(item["price"])}
    if item.get("quantity") is not None:
        params["quantity"] = item["quantity"]
    if item.get("tax_rates"):
        params["tax_rates"] = [_id(rate) for rate in item["tax_rates"]]
    if item.get("discounts"):
        params["discounts"] = [_discount(discount) for discount in item["discounts"]]
    if item.get("metadata"):
        params["metadata"] = item["metadata"]
    return params


def _discount(discount: dict[str, Any]) -> dict[str, str]:
    names = ("coupon", "discount", "promotion_code")
    return {name: _id(discount[name]) for name in names if discount.get(name)}


def _id(value: Any) -> str:
    return str(value["id"] if isinstance(value, dict) else value)
