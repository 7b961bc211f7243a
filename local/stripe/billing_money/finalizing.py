"""Finalising: a draft becomes a bill. https://docs.stripe.com/invoicing/integration/workflow-transitions"""

from __future__ import annotations

from local.stripe.billing_money import intents
from local.stripe.billing_money.drafts import refresh
from local.stripe.billing_money.settling import settle
from local.stripe.store import Object, World


def finalize(world: World, invoice: Object) -> Object:
    """Fix a draft: number, customer's details, balance, and a payment intent for what is due.

    It is open then, or paid when nothing is due. Emits invoice.finalized. What is no draft stays as it is.
    """
    if invoice["status"] != "draft":
        return invoice
    world.cancel("invoice.advance", invoice["id"])
    customer = world.live("customer", invoice["customer"])
    with world.change(invoice, "invoice.updated"):
        refresh(world, invoice)
        with world.change(customer, "customer.updated"):
            customer["balance"] += invoice["total"] - invoice["amount_due"]
        url = f"{world.base_url}/invoice/{invoice['id']}"
        invoice.update(
            status="open",
            ending_balance=customer["balance"],
            number=_next_number(customer),
            effective_at=invoice["effective_at"] or world.now(),
            automatically_finalizes_at=None,
            next_payment_attempt=None,
            hosted_invoice_url=url,
            invoice_pdf=f"{url}/pdf",
        )
        invoice["status_transitions"]["finalized_at"] = world.now()
        if invoice["amount_due"] > 0:
            _expect_payment(world, invoice)
    world.emit("invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        settle(world, invoice)
    return invoice


def _next_number(customer: Object) -> str:
    """The customer's prefix and the next of their own sequence, such as ABCD1234-0001."""
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = number + 1
    return f"{customer['invoice_prefix']}-{number:04}"


def _expect_payment(world: World, invoice: Object) -> None:
    """The default payment of an invoice: an intent for all of it."""
    first = invoice["billing_reason"] == "subscription_create"
    intent = intents.new(
        world,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description="Subscription creation" if first else _description(invoice),
        setup_future_usage="off_session" if first else None,
        hidden={"invoice": invoice["id"]},
    )
    payment = world.add(
        "invoice_payment",
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
        status_transitions={},
    )
    world.hidden(invoice["id"]).update(intent=intent["id"], payment=payment["id"])


def _description(invoice: Object) -> str:
    subscribed = invoice["parent"] is not None and invoice["billing_reason"] != "manual"
    return "Subscription update" if subscribed else "Payment for Invoice"
