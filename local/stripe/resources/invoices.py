"""Invoices: making, reading and changing them. https://docs.stripe.com/api/invoices"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.billing_money import discounts, draft, payments
from local.stripe.billing_money.advancing import plan_collection, plan_draft
from local.stripe.billing_money.drafts import DAY, refresh
from local.stripe.billing_money.settling import subscription_of
from local.stripe.errors import bad_parameter, invalid
from local.stripe.expand import included
from local.stripe.params import (
    PAGING,
    Accepts,
    boolean,
    choice,
    filled,
    hash_of,
    list_of,
    lower,
    metadata,
    span,
    text,
    timestamp,
    whole,
)
from local.stripe.resources.invoice_lines import DISCOUNTS, check_rates
from local.stripe.store import Object, World
from local.stripe.wire import route

COLLECTION = choice("charge_automatically", "send_invoice")
STATUS = choice("draft", "open", "paid", "uncollectible", "void")
WRITABLE: Accepts = {
    "auto_advance": boolean,
    "collection_method": COLLECTION,
    "custom_fields": list_of(hash_of({"name": filled, "value": filled}, ("name", "value"))),
    "days_until_due": whole(0),
    "default_payment_method": text,
    "default_tax_rates": list_of(filled),
    "description": text,
    "discounts": DISCOUNTS,
    "due_date": timestamp,
    "footer": text,
    "metadata": metadata,
    "statement_descriptor": text,
}
CREATE: Accepts = {
    **WRITABLE,
    "currency": lower,
    "customer": filled,
    "pending_invoice_items_behavior": choice("exclude", "include"),
}
# What a final invoice keeps; the rest stays editable (https://docs.stripe.com/api/invoices/update).
FIXED = ("collection_method", "custom_fields", "days_until_due", "default_tax_rates", "discounts", "due_date")


@route("POST", "/v1/invoices", CREATE, ("customer",))
def create(world: World, params: dict[str, Any]) -> Object:
    """A draft without subscription, empty unless the pending items are included."""
    customer = world.live("customer", params["customer"], "customer", 400)
    _check_due(params, params.get("collection_method", "charge_automatically"))
    check_card(world, customer["id"], params.get("default_payment_method"), "default_payment_method")
    check_rates(world, params.get("default_tax_rates", ()), "default_tax_rates")
    currency = params.pop("currency", None) or customer["currency"] or "gbp"
    asked = params.pop("discounts", [])
    include = params.pop("pending_invoice_items_behavior", "exclude") == "include"
    params["metadata"] = changes.merged_metadata({}, params.get("metadata"))
    return draft(
        world,
        **{"auto_advance": False, "default_tax_rates": [], **params},
        subscription=None,
        lines=[],
        reason="manual",
        currency=currency,
        discounts=discounts.given(world, asked, currency, customer=customer["id"]),
        with_pending=include,
    )


def _check_due(params: dict[str, Any], method: str) -> None:
    """Sent invoices say when they are due; charged ones cannot."""
    told = [name for name in ("days_until_due", "due_date") if params.get(name) is not None]
    if method == "charge_automatically" and told:
        message = f"You can only pass {told[0]} if the invoice's collection_method is 'send_invoice'."
        raise invalid(message, told[0])
    if method == "send_invoice" and len(told) != 1:
        message = (
            "If an invoice's collection_method is 'send_invoice', you must specify either days_until_due or due_date."
        )
        raise bad_parameter(message, "days_until_due")


def check_card(world: World, customer: str, id: str | None, param: str) -> None:
    """Refuse a card that is not this customer's."""
    if id is None:
        return
    if world.live("payment_method", id, param, 400)["customer"] != customer:
        raise invalid(
            f"The customer does not have a payment method with the ID {id}. The payment method must be attached to "
            "the customer.",
            param,
            "resource_missing",
        )


FILTERS: Accepts = {
    "collection_method": COLLECTION,
    "created": span,
    "customer": filled,
    "due_date": span,
    "status": STATUS,
    "subscription": filled,
}


@route("GET", "/v1/invoices", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    found = lists.matching(
        world.of("invoice", params.get("customer")), params, "collection_method", "created", "customer", "status"
    )
    if "subscription" in params:
        found = [invoice for invoice in found if subscription_of(invoice) == params["subscription"]]
    if "due_date" in params:
        found = [one for one in found if one["due_date"] and lists.within(one["due_date"], params["due_date"])]
    return lists.page(world, params, found, "/v1/invoices", "invoice")


@route("GET", "/v1/invoices/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One invoice."""
    return world.live("invoice", id)


@route("POST", "/v1/invoices/<id>", WRITABLE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """A draft in everything; a final invoice keeps its amounts and how it is collected."""
    invoice = world.live("invoice", id)
    is_draft = invoice["status"] == "draft"
    if not is_draft and any(name in params for name in FIXED):
        name = next(name for name in params if name in FIXED)
        raise invalid("Finalized invoices can't be updated in this way", name, "invoice_not_editable")
    check_card(world, invoice["customer"], params.get("default_payment_method"), "default_payment_method")
    auto_advance = params.pop("auto_advance", None)
    with world.change(invoice, "invoice.updated"):
        if is_draft:
            _write_draft(world, invoice, params)
        changes.apply(invoice, params)
        if auto_advance is not None and is_draft:
            plan_draft(world, invoice, auto_advance)
        elif auto_advance is not None and invoice["status"] == "open" and auto_advance != invoice["auto_advance"]:
            plan_collection(world, invoice, auto_advance)
        if is_draft:
            refresh(world, invoice)
    return invoice


@route("DELETE", "/v1/invoices/<id>")
def delete(world: World, _params: dict[str, Any], id: str) -> Object:
    """A draft that belongs to no subscription; anything else is voided instead."""
    invoice = world.live("invoice", id)
    if invoice["status"] != "draft" or subscription_of(invoice):
        message = "You can only delete draft invoices that belong to no subscription. Void this invoice instead."
        raise invalid(message, code="invoice_not_editable")
    world.cancel("invoice.advance", id)
    world.emit("invoice.deleted", invoice)
    return world.delete(invoice)


def _write_draft(world: World, invoice: Object, params: dict[str, Any]) -> None:
    """Take out and write what needs more than storing."""
    method = params.get("collection_method", invoice["collection_method"])
    if "collection_method" in params or "days_until_due" in params or "due_date" in params:
        _check_due(params, method)
    days = params.pop("days_until_due", None)
    if days is not None:
        params["due_date"] = invoice["created"] + days * DAY
    if method == "charge_automatically":
        params["due_date"] = None
    if "default_tax_rates" in params:
        check_rates(world, params["default_tax_rates"], "default_tax_rates")
        params["default_tax_rates"] = [dict(world.get("tax_rate", rate)) for rate in params["default_tax_rates"]]
    if "discounts" in params:
        asked = params["discounts"]
        params["discounts"] = discounts.given(world, asked, invoice["currency"], customer=invoice["customer"])


@included("invoice", "payments")
def payments_of(world: World, invoice: Object) -> Object:
    """The ways an invoice is being, was, or was to be paid."""
    return lists.whole(payments.of_invoice(world, invoice), f"/v1/invoices/{invoice['id']}/payments")


@included("invoice", "confirmation_secret")
def confirmation_secret(world: World, invoice: Object) -> Object | None:
    """What a browser needs to confirm the payment of a final invoice."""
    if not payments.of_invoice(world, invoice):
        return None
    return {"client_secret": payments.intent_of(world, invoice)["client_secret"], "type": "payment_intent"}
