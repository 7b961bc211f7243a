"""Invoices that will not be paid. https://docs.stripe.com/invoicing/overview#void"""

from __future__ import annotations

from local.stripe.billing_money import payments
from local.stripe.billing_money.settling import set_delinquent, tell_subscription
from local.stripe.billing_money.totals import shares_balance
from local.stripe.store import Object, World


def void(world: World, invoice: Object) -> Object:
    """Take a final invoice back; credit it used returns to the customer. Emits invoice.voided."""
    world.cancel("invoice.advance", invoice["id"])
    payments.close(world, invoice, "canceled")
    customer = world.get("customer", invoice["customer"])
    if not customer.get("deleted") and shares_balance(invoice, customer):
        with world.change(customer, "customer.updated"):
            customer["balance"] -= invoice["ending_balance"] - invoice["starting_balance"]
    with world.change(invoice, "invoice.updated"):
        invoice.update(status="void", auto_advance=False, next_payment_attempt=None)
        invoice["status_transitions"]["voided_at"] = world.now()
        tell_subscription(world, invoice)
    world.emit("invoice.voided", invoice)
    return invoice


def mark_uncollectible(world: World, invoice: Object, reason: str = "user_forgiven") -> Object:
    """Give up on an open invoice; it can still be paid. Emits invoice.marked_uncollectible.

    `reason` is what `status_details` tells: max_payment_attempts, payment_not_received, subscription_canceled,
    subscription_paused or user_forgiven.
    """
    world.cancel("invoice.advance", invoice["id"])
    with world.change(invoice, "invoice.updated"):
        invoice.update(status="uncollectible", auto_advance=False, next_payment_attempt=None)
        invoice["status_details"] = {"uncollectible": {"reason": reason}}
        invoice["status_transitions"]["marked_uncollectible_at"] = world.now()
        set_delinquent(world, invoice, False)
        tell_subscription(world, invoice)
    world.emit("invoice.marked_uncollectible", invoice)
    return invoice
