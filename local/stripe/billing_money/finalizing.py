"""Finalising: a draft becomes a bill. https://docs.stripe.com/invoicing/integration/workflow-transitions"""

from __future__ import annotations

from local.stripe.billing_money import payments
from local.stripe.billing_money.drafts import refresh
from local.stripe.billing_money.settling import settle
from local.stripe.billing_money.totals import balance_after, shares_balance
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
        if shares_balance(invoice, customer):
            with world.change(customer, "customer.updated"):
                customer["balance"] = balance_after(invoice)
        url = f"{world.base_url}/invoice/{invoice['id']}"
        invoice.update(
            status="open",
            ending_balance=balance_after(invoice),
            number=_next_number(customer),
            effective_at=invoice["effective_at"] or world.now(),
            automatically_finalizes_at=None,
            next_payment_attempt=None,
            hosted_invoice_url=url,
            invoice_pdf=f"{url}/pdf",
        )
        invoice["status_transitions"]["finalized_at"] = world.now()
        if invoice["amount_due"] > 0:
            payments.expect(world, invoice)
    world.emit("invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        settle(world, invoice)
    return invoice


def _next_number(customer: Object) -> str:
    """The customer's prefix and the next of their own sequence, such as ABCD1234-0001."""
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = number + 1
    return f"{customer['invoice_prefix']}-{number:04}"
