"""Invoice items. https://docs.stripe.com/api/invoiceitems"""

from __future__ import annotations

from typing import Any

from local.stripe import lists
from local.stripe.billing_money.drafts import add_to_draft, refresh
from local.stripe.billing_money.items import invoice_item
from local.stripe.billing_money.lines import drop, of_invoice
from local.stripe.errors import invalid
from local.stripe.params import PAGING, Accepts, boolean, filled, lower, span
from local.stripe.resources.invoice_lines import LINE, read_line
from local.stripe.store import Object, World
from local.stripe.wire import route

CREATE: Accepts = {
    **LINE,
    "currency": lower,
    "customer": filled,
    "invoice": filled,
    "subscription": filled,
    "unit_amount_decimal": filled,
}


@route("POST", "/v1/invoiceitems", CREATE, ("customer",))
def create(world: World, params: dict[str, Any]) -> Object:
    """Something to bill: on a draft if one is named, else on the customer's next invoice."""
    customer = world.live("customer", params["customer"], "customer", 400)
    invoice = _draft(world, params)
    made = read_line(world, params, (invoice or customer)["currency"])
    if invoice is not None:
        with world.change(invoice, "invoice.updated"):
            add_to_draft(world, invoice, [made])
        return world.get("invoiceitem", made["parent"]["invoice_item_details"]["invoice_item"])
    if "subscription" in params:
        world.live("subscription", params["subscription"], "subscription", 400)
    customer["currency"] = customer["currency"] or made["currency"]
    return invoice_item(world, made, customer=customer["id"], subscription=params.get("subscription"))


def _draft(world: World, params: dict[str, Any]) -> Object | None:
    if "invoice" not in params:
        return None
    invoice = world.live("invoice", params["invoice"], "invoice", 400)
    if invoice["customer"] != params["customer"]:
        raise invalid("The invoice specified does not belong to the customer.", "invoice")
    if invoice["status"] != "draft":
        message = "The specified invoice is not editable: items can only be added to drafts."
        raise invalid(message, "invoice", "invoice_not_editable")
    return invoice


FILTERS: Accepts = {"created": span, "customer": filled, "invoice": filled, "pending": boolean}


@route("GET", "/v1/invoiceitems", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first; `pending` picks those on no invoice yet."""
    found = [
        item
        for item in world.of("invoiceitem")
        if params.get("customer") in (None, item["customer"])
        and params.get("invoice") in (None, item["invoice"])
        and params.get("pending") in (None, item["invoice"] is None)
        and lists.within(item["date"], params.get("created"))
    ]
    return lists.page(world, params, found, "/v1/invoiceitems", "invoiceitem")


@route("GET", "/v1/invoiceitems/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One item."""
    return world.live("invoiceitem", id)


@route("DELETE", "/v1/invoiceitems/<id>")
def delete(world: World, _params: dict[str, Any], id: str) -> Object:
    """While it waits, or its invoice is a draft."""
    item = world.live("invoiceitem", id)
    invoice = world.objects.get(item["invoice"] or "")
    if invoice is not None and invoice["status"] != "draft":
        message = "You can't delete an invoice item that is on an invoice that is no longer a draft."
        raise invalid(message, "id", "invoice_not_editable")
    world.emit("invoiceitem.deleted", item)
    if invoice is not None:
        with world.change(invoice, "invoice.updated"):
            for one in of_invoice(world, invoice):
                if (one["parent"].get("invoice_item_details") or {}).get("invoice_item") == id:
                    drop(world, invoice, one["id"])
            refresh(world, invoice)
    return world.delete(item)
