"""What the next invoice of a subscription will hold."""

from __future__ import annotations

from typing import Any

from local.stripe.billing_time import discounts, lines
from local.stripe.billing_time.periods import Period, around
from local.stripe.billing_time.phases import items_from
from local.stripe.billing_time.planning import renews_at
from local.stripe.billing_time.state import period_of
from local.stripe.errors import StripeError
from local.stripe.store import Object, World


def upcoming_lines(world: World, subscription: Object) -> tuple[list[Object], Period]:
    """The lines of the next regular invoice, pending items apart, and the period it bills for.

    Raises StripeError 404 `invoice_upcoming_none` when there will be none.
    """
    renewal = renews_at(world, subscription)
    if renewal is None:
        message = f"No upcoming invoices for customer: '{subscription['customer']}'"
        raise StripeError(404, message, code="invoice_upcoming_none")
    items = items_from(world, subscription, renewal)
    whole = around(subscription["billing_cycle_anchor"], items[0]["price"]["recurring"], renewal)
    period = (renewal, min(whole[1], subscription["cancel_at"] or whole[1]))
    return [lines.of_item(world, item, period, whole) for item in items], period


def upcoming_invoice(world: World, subscription: Object) -> dict[str, Any]:
    """The same as what `billing_money.preview` takes."""
    found, _ = upcoming_lines(world, subscription)
    start, renewal = period_of(subscription)
    return {
        "customer": subscription["customer"],
        "subscription": subscription,
        "lines": found,
        "collection_method": subscription["collection_method"],
        "period": (start, renewal),
        "discounts": discounts.running(world, subscription["discounts"], renewal),
        "next_payment_attempt": renewal + 3600 if subscription["collection_method"] != "send_invoice" else None,
    }
