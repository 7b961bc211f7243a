"""Invoices: what is done with them. https://docs.stripe.com/invoicing/integration/workflow-transitions"""

from __future__ import annotations

from typing import Any

from local.stripe import billing_money
from local.stripe.billing_money import intents, payments
from local.stripe.billing_money.advancing import plan_collection
from local.stripe.billing_money.settling import PAYABLE, settle
from local.stripe.errors import StripeError, invalid
from local.stripe.params import boolean, filled
from local.stripe.resources.invoices import check_card
from local.stripe.resources.payment_intents_confirm import check_debit
from local.stripe.store import Object, World
from local.stripe.wire import route

PAY = {"off_session": boolean, "paid_out_of_band": boolean, "payment_method": filled}


@route("POST", "/v1/invoices/<id>/finalize", {"auto_advance": boolean})
def finalize(world: World, params: dict[str, Any], id: str) -> Object:
    """A draft becomes final, and is collected an hour later if it advances by itself."""
    invoice = world.live("invoice", id)
    if invoice["status"] != "draft":
        message = "This invoice is already finalized, you can't re-finalize a non-draft invoice."
        raise invalid(message, code="invoice_not_editable")
    auto_advance = params.get("auto_advance", invoice["auto_advance"])
    billing_money.finalize(world, invoice)
    if invoice["status"] == "open":
        plan_collection(world, invoice, auto_advance)
    return invoice


@route("POST", "/v1/invoices/<id>/pay", PAY)
def pay(world: World, params: dict[str, Any], id: str) -> Object:
    """Take the money now, or note that it was taken elsewhere. Declined: 402, with the payment intent inside."""
    invoice = world.live("invoice", id)
    _check_payable(world, invoice)
    check_card(world, invoice["customer"], params.get("payment_method"), "payment_method")
    out_of_band = params.get("paid_out_of_band", False)
    method = params.get("payment_method") or billing_money.method_for(world, invoice)
    if method is None and not out_of_band and invoice["amount_due"] > 0:
        message = "There is no `default_payment_method` set on this Customer or Invoice. Please set one and try again."
        raise invalid(message)
    billing_money.finalize(world, invoice)
    if invoice["status"] == "paid":
        return invoice
    if out_of_band:
        settle(world, invoice, out_of_band=True)
        return invoice
    if method is not None and invoice["amount_due"] > 0:
        check_debit(world, payments.intent_of(world, invoice), world.get("payment_method", method), None)
    off_session = params.get("off_session", True)
    how = billing_money.collect(world, invoice, payment_method=method, off_session=off_session, automatic=False)
    if how not in ("paid", "processing"):
        raise _refusal(world, invoice, how)
    return invoice


def _check_payable(world: World, invoice: Object) -> None:
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid")
    if invoice["status"] == "void":
        raise invalid("Voided invoices cannot be paid.")
    if _is_processing(world, invoice):
        message = "You cannot confirm this PaymentIntent because it has a status of processing."
        raise invalid(message, code="payment_intent_unexpected_state")


def _is_processing(world: World, invoice: Object) -> bool:
    return any(
        world.objects[row["payment"]["payment_intent"]]["status"] == "processing"
        for row in payments.of_invoice(world, invoice)
        if row["status"] == "open"
    )


def _refusal(world: World, invoice: Object, how: str) -> StripeError:
    intent = payments.intent_of(world, invoice)
    if how == "failed":
        return intents.refusal(intent)
    return StripeError(
        402,
        "This payment requires additional user action before it can be completed successfully. Payment can be "
        "completed using the PaymentIntent associated with the invoice. For more details see: "
        "https://stripe.com/docs/billing/subscriptions/overview#requires-action",
        type="card_error",
        code="invoice_payment_intent_requires_action",
        payment_intent=dict(intent),
    )


@route("POST", "/v1/invoices/<id>/void")
def void(world: World, _params: dict[str, Any], id: str) -> Object:
    """Take a final, unpaid invoice back, for good."""
    invoice = world.live("invoice", id)
    if invoice["status"] not in PAYABLE:
        raise invalid(f"You can only void open or uncollectible invoices. This invoice is {invoice['status']}.")
    if _is_processing(world, invoice):
        raise invalid("You cannot void an invoice while a payment of it is processing.")
    return billing_money.void(world, invoice)


@route("POST", "/v1/invoices/<id>/mark_uncollectible")
def mark_uncollectible(world: World, _params: dict[str, Any], id: str) -> Object:
    """Give up on an open invoice."""
    invoice = world.live("invoice", id)
    if invoice["status"] != "open":
        raise invalid(f"You can only mark open invoices as uncollectible. This invoice is {invoice['status']}.")
    return billing_money.mark_uncollectible(world, invoice)


@route("POST", "/v1/invoices/<id>/send")
def send(world: World, _params: dict[str, Any], id: str) -> Object:
    """Mail it to the customer, finalised if need be. (No mail leaves; invoice.sent tells.)"""
    invoice = world.live("invoice", id)
    if invoice["collection_method"] != "send_invoice":
        message = "You can only manually send an invoice if its collection method is 'send_invoice'."
        raise invalid(message)
    if invoice["status"] == "void":
        raise invalid("Voided invoices cannot be sent.")
    billing_money.finalize(world, invoice)
    world.emit("invoice.sent", invoice)
    return invoice
