"""The phases of a schedule: reading them, and what they make of a subscription.

https://docs.stripe.com/billing/subscriptions/subscription-schedules
"""

from __future__ import annotations

from typing import Any

from local.stripe import shapes
from local.stripe.billing_time.items import plan_of
from local.stripe.billing_time.periods import step
from local.stripe.billing_time.state import items_of
from local.stripe.errors import invalid
from local.stripe.store import Object, World

ALWAYS: dict[str, Any] = {
    "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}},
    "default_settings": {
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": "automatic",
        "collection_method": "charge_automatically",
        "invoice_settings": {"issuer": {"type": "self"}},
    },
}
"""What every schedule has."""


def build(world: World, given: list[dict[str, Any]], start: int) -> list[Object]:
    """Phases one after another from a moment, complete in Stripe's shape. Raises StripeError for gaps."""
    phases: list[Object] = []
    for place, one in enumerate(given):
        begins = _moment(world, one.get("start_date", start))
        if begins != start:
            message = "Phases must follow one another: a phase starts when the one before it ends."
            raise invalid(message, f"phases[{place}][start_date]")
        start = _end(world, one, begins)
        if start <= begins:
            raise invalid("The end date of a phase must be after its start date.", f"phases[{place}][end_date]")
        phases.append(_phase(world, one, begins, start))
    return phases


def _moment(world: World, given: int | str) -> int:
    return world.now() if isinstance(given, str) else given


def _end(world: World, given: dict[str, Any], begins: int) -> int:
    """By date, by duration, or one interval of its first price."""
    if "end_date" in given:
        return _moment(world, given["end_date"])
    length = given.get("duration") or world.objects[given["items"][0]["price"]]["recurring"]
    return step(begins, {"interval_count": 1, **length})


def _phase(world: World, given: dict[str, Any], begins: int, ends: int) -> Object:
    rest = {name: value for name, value in given.items() if name not in ("duration", "items", "trial")}
    price = world.objects[given["items"][0]["price"]]
    phase: dict[str, Any] = {
        "currency": price["currency"],
        "proration_behavior": "create_prorations",
        "metadata": {},
        **rest,
        "start_date": begins,
        "end_date": ends,
        "items": [_item(world, one) for one in given["items"]],
        "default_tax_rates": [world.objects[rate] for rate in given.get("default_tax_rates") or ()],
        "discounts": [dict(one) for one in given.get("discounts") or ()],
    }
    if given.get("trial"):
        phase["trial_end"] = ends
    if phase.get("invoice_settings") is not None:
        phase["invoice_settings"] = {"issuer": None, **phase["invoice_settings"]}
    return _completed([phase])[0]


def _item(world: World, given: dict[str, Any]) -> Object:
    return {
        "price": given["price"],
        "plan": given["price"],
        "quantity": given.get("quantity", 1),
        "metadata": given.get("metadata") or {},
        "discounts": [dict(one) for one in given.get("discounts") or ()],
        "tax_rates": [world.objects[rate] for rate in given.get("tax_rates") or ()],
    }


def _completed(phases: list[Object]) -> list[Object]:
    rest = {"id": "", "created": 0, "livemode": False, "customer": "", "end_behavior": "", "status": ""}
    return list(shapes.complete("subscription_schedule", **rest, **ALWAYS, phases=phases)["phases"])


def of_subscription(world: World, subscription: Object, start: int, end: int) -> Object:
    """The phase a running subscription makes when a schedule takes it over."""
    items = [
        {
            "price": item["price"]["id"],
            "quantity": item["quantity"],
            "metadata": item["metadata"],
            "tax_rates": [rate["id"] for rate in item["tax_rates"] or ()],
            "discounts": [{"discount": id} for id in item["discounts"]],
        }
        for item in items_of(subscription)
    ]
    given = {
        "items": items,
        "end_date": end,
        "metadata": dict(subscription["metadata"]),
        "default_payment_method": subscription["default_payment_method"],
        "default_tax_rates": [rate["id"] for rate in subscription["default_tax_rates"] or ()],
        "discounts": [{"discount": id} for id in subscription["discounts"]],
        "collection_method": subscription["collection_method"],
    }
    return build(world, [given], start)[0]


def at(schedule: Object, moment: int) -> Object | None:
    """The phase a moment lies in; a boundary belongs to the later one."""
    return next((one for one in schedule["phases"] if one["start_date"] <= moment < one["end_date"]), None)


def items_from(world: World, subscription: Object, moment: int) -> list[Object]:
    """What will be billed from a moment on: the subscription's items, or those of the phase that begins by then."""
    schedule = world.objects.get(subscription["schedule"] or "")
    current = schedule["current_phase"] if schedule is not None else None
    phase = at(schedule, moment) if schedule is not None and current is not None else None
    if phase is None or current is None or phase["start_date"] == current["start_date"]:
        return items_of(subscription)
    kept = {item["price"]["id"]: item for item in items_of(subscription)}
    return [_as_item(world, one, kept.get(one["price"])) for one in phase["items"]]


def _as_item(world: World, planned: Object, kept: Object | None) -> Object:
    price = world.objects[planned["price"]]
    return {
        "id": kept["id"] if kept else world.new_id("subscription_item"),
        "price": price,
        "plan": plan_of(price),
        "quantity": planned["quantity"],
        "tax_rates": planned["tax_rates"],
        "discounts": [one["discount"] for one in planned["discounts"] if one.get("discount")],
    }
