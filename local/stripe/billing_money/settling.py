"""An invoice after a try to pay it. https://docs.stripe.com/billing/invoices/overview#workflow-overview"""

from __future__ import annotations

from local.stripe.billing_money import payments
from local.stripe.store import Object, World

PAYABLE = ("open", "uncollectible")


def settle(
    world: World, invoice: Object, *, automatic: bool = False, out_of_band: bool = False, counted: bool = False
) -> None:
    """Mark an invoice paid: by its intent, outside Stripe, or because nothing is due.

    Announces it in Stripe's order: the payment, the subscription, invoice.updated, invoice.paid,
    invoice.payment_succeeded (not for money taken outside).
    """
    world.cancel("invoice.advance", invoice["id"])
    due, by_card = invoice["amount_due"], invoice["amount_due"] > 0 and not out_of_band
    payments.close(world, invoice, "paid" if by_card else "canceled")
    if out_of_band:
        payments.record_outside(world, invoice)
    with world.change(invoice, "invoice.updated"):
        if by_card and not counted:
            _count(invoice, automatic)
        invoice.update(
            status="paid",
            attempted=True,
            auto_advance=False,
            amount_paid=due,
            amount_paid_off_stripe=due if out_of_band else 0,
            amount_remaining=0,
            next_payment_attempt=None,
        )
        invoice["status_transitions"]["paid_at"] = world.now()
        set_delinquent(world, invoice, False)
        tell_subscription(world, invoice)
    world.emit("invoice.paid", invoice)
    if not out_of_band:
        world.emit("invoice.payment_succeeded", invoice)


def note_processing(world: World, invoice: Object, *, automatic: bool) -> None:
    """Count a try whose end is days away. Nothing is tried meanwhile, and a new subscription begins already."""
    with world.change(invoice, "invoice.updated"):
        _count(invoice, automatic)
        invoice.update(attempted=True, next_payment_attempt=None)
        world.cancel("invoice.retry", invoice["id"])
        tell_subscription(world, invoice, processing=True)


def note_failure(world: World, invoice: Object, *, automatic: bool, needs_action: bool, counted: bool = False) -> None:
    """Count a failed try and let the subscription plan the next one."""
    with world.change(invoice, "invoice.updated"):
        if not counted:
            _count(invoice, automatic)
        invoice.update(attempted=True, next_payment_attempt=None if automatic else invoice["next_payment_attempt"])
        if automatic:
            set_delinquent(world, invoice, True)
        tell_subscription(world, invoice, failed=True)
    world.emit("invoice.payment_failed", invoice)
    if needs_action:
        world.emit("invoice.payment_action_required", invoice)


def set_delinquent(world: World, invoice: Object, delinquent: bool) -> None:
    """Whether the customer's most recent invoice came to grief."""
    customer = world.get("customer", invoice["customer"])
    if not customer.get("deleted"):
        with world.change(customer, "customer.updated"):
            customer["delinquent"] = delinquent


def subscription_of(invoice: Object) -> str | None:
    """Id of the subscription an invoice bills."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found: str | None = details.get("subscription")
    return found


def _count(invoice: Object, automatic: bool) -> None:
    """Any try is the first; afterwards only automatic ones count."""
    invoice["attempt_count"] = invoice["attempt_count"] + 1 if automatic else max(1, invoice["attempt_count"])


def tell_subscription(world: World, invoice: Object, failed: bool = False, processing: bool = False) -> None:
    """Let the subscription, if there is one, follow what became of its invoice."""
    from local.stripe import billing_time  # which itself makes invoices

    if subscription_of(invoice) is None:
        return
    if processing:
        billing_time.while_processing(world, invoice)
    else:
        (billing_time.after_failure if failed else billing_time.after_payment)(world, invoice)
