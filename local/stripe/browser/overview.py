"""What the console lists, newest first and joined for reading."""

from __future__ import annotations

from itertools import islice
from typing import Any

from local.stripe.store import Object, World

_ROWS = 40


def overview(world: World) -> dict[str, Any]:
    """The rows of every section."""
    customers = world.of("customer")
    names = {each["id"]: each["name"] or each["email"] or each["id"] for each in customers}
    return {
        "names": names,
        "customers": customers[:_ROWS],
        "subscriptions": [(each, *_billing(world, each)) for each in world.of("subscription")[:_ROWS]],
        "invoices": world.of("invoice")[:_ROWS],
        "events": [(each, _deliveries(world, each)) for each in world.of("event")[:_ROWS]],
        "endpoints": world.of("webhook_endpoint"),
        "requests": list(islice(reversed(world.log.dump()), _ROWS)),
        "faults": world.faults.dump(),
        "counts": {kind: len(world.of(kind)) for kind in ("customer", "subscription", "invoice", "event")},
        "next_renewal": next_renewal(world),
    }


def _billing(world: World, subscription: Object) -> tuple[int | None, Object | None, str]:
    """When a subscription is billed next, the card it is charged to, and what it is for."""
    customer = world.objects.get(subscription["customer"], {})
    default = (customer.get("invoice_settings") or {}).get("default_payment_method")
    card = world.objects.get(subscription["default_payment_method"] or default or "")
    items = subscription["items"]["data"]
    products = [world.objects.get(item["price"]["product"], {}).get("name", "") for item in items]
    return _period_end(subscription), card, ", ".join(filter(None, products))


def _period_end(subscription: Object) -> int | None:
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    return min(ends) if ends and subscription["status"] not in ("canceled", "incomplete_expired") else None


def next_renewal(world: World) -> int | None:
    """The first moment a running subscription begins a new period."""
    ends = [_period_end(each) for each in world.of("subscription") if not each["cancel_at_period_end"]]
    return min((end for end in ends if end is not None and end > world.now()), default=None)


def _deliveries(world: World, event: Object) -> list[dict[str, Any]]:
    return [one for one in world.deliveries.all.values() if one["event"] == event["id"]]
