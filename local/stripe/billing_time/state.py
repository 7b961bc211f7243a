"""What a subscription is in the middle of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local.stripe.store import Object, World

OVER = ("canceled", "incomplete_expired")
LIVE_SCHEDULE = ("not_started", "active")


def over(subscription: Object) -> bool:
    """Whether it has ended for good."""
    return subscription["status"] in OVER


def items_of(subscription: Object) -> list[Object]:
    """Its items, as kept."""
    items: list[Object] = subscription["items"]["data"]
    return items


def period_of(subscription: Object) -> tuple[int, int]:
    """The current period; one for all items, as mixed intervals are refused."""
    first = items_of(subscription)[0]
    return first["current_period_start"], first["current_period_end"]


def subscription_of(world: World, invoice: Object) -> Object | None:
    """The subscription an invoice was made for, unless it is gone or the invoice stands alone."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found = world.objects.get(details.get("subscription") or "")
    return found if found is not None and not found.get("deleted") else None


def has_card(world: World, subscription: Object) -> bool:
    """Whether there is anything to charge, in Stripe's order of precedence."""
    customer = world.objects[subscription["customer"]]
    return bool(
        subscription["default_payment_method"]
        or subscription["default_source"]
        or customer["invoice_settings"]["default_payment_method"]
        or customer["default_source"]
    )


@contextmanager
def changed(world: World, subscription: Object) -> Iterator[None]:
    """Announce what the block changes, unless the subscription itself is still to be announced."""
    if world.hidden(subscription["id"]).get("unannounced"):
        yield
    else:
        with world.change(subscription, "customer.subscription.updated"):
            yield
