"""Invoice payments: which payment intent pays which invoice. https://docs.stripe.com/api/invoice-payment"""

from __future__ import annotations

from typing import Any

from local.stripe import lists
from local.stripe.params import PAGING, Accepts, choice, filled, hash_of, span
from local.stripe.store import Object, World
from local.stripe.wire import route

PAYMENT = hash_of({"type": choice("payment_intent", "payment_record"), "payment_intent": filled}, ("type",))
FILTERS: Accepts = {
    "created": span,
    "invoice": filled,
    "payment": PAYMENT,
    "status": choice("canceled", "open", "paid"),
}


@route("GET", "/v1/invoice_payments", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first; of one invoice, or with one payment intent."""
    found = lists.matching(world.of("invoice_payment"), params, "created", "invoice", "status")
    wanted = params.get("payment") or {}
    found = [one for one in found if all(one["payment"].get(name) == value for name, value in wanted.items())]
    return lists.page(world, params, found, "/v1/invoice_payments", "invoice_payment")


@route("GET", "/v1/invoice_payments/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One of them."""
    return world.get("invoice_payment", id)
