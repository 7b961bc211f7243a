"""Checkout sessions in `payment` mode. https://docs.stripe.com/api/checkout/sessions"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, checkout, lists
from local.stripe.errors import invalid
from local.stripe.expand import included
from local.stripe.params import (
    PAGING,
    Accepts,
    choice,
    filled,
    hash_of,
    integer,
    list_of,
    lower,
    metadata,
    span,
    text,
    whole,
)
from local.stripe.resources.prices import TAX_BEHAVIOR
from local.stripe.store import Object, World, random_text
from local.stripe.wire import route

PRICE_DATA = hash_of(
    {
        "currency": lower,
        "product": filled,
        "product_data": hash_of({"name": filled, "metadata": metadata}, ("name",)),
        "tax_behavior": TAX_BEHAVIOR,
        "unit_amount": integer,
    },
    ("currency",),
)
LINE = {"price": filled, "price_data": PRICE_DATA, "quantity": whole(1), "tax_rates": list_of(filled)}
CREATE: Accepts = {
    "cancel_url": filled,
    "client_reference_id": filled,
    "customer": filled,
    "customer_creation": choice("always", "if_required"),
    "customer_email": filled,
    "line_items": list_of(hash_of(LINE)),
    "metadata": metadata,
    "mode": choice("payment"),
    "payment_intent_data": hash_of({"description": filled, "metadata": metadata, "receipt_email": text}),
    "success_url": filled,
}
FILTERS: Accepts = {
    "created": span,
    "customer": filled,
    "customer_details": hash_of({"email": filled}, ("email",)),
    "payment_intent": filled,
    "status": choice("open", "complete", "expired"),
}


@route("POST", "/v1/checkout/sessions", CREATE, ("mode", "line_items"))
def create(world: World, params: dict[str, Any]) -> Object:
    """A page to pay on. Without a customer none is made either, unless `customer_creation` says so."""
    if "customer" in params:
        world.live("customer", params["customer"], "customer", 400)
        if "customer_creation" in params or "customer_email" in params:
            raise invalid("You may only specify one of these parameters: customer, customer_creation, customer_email.")
    lines = checkout.add_lines(world, params.pop("line_items"))
    hidden = {"lines": [line["id"] for line in lines], "payment_intent_data": params.pop("payment_intent_data", {})}
    id, sums = f"cs_test_{random_text(58)}", checkout.sums(world, lines)
    by_bank = checkout.BY_BANK.get(sums["currency"])
    session = world.add(
        "checkout.session",
        id=id,
        hidden=hidden,
        **{
            **params,
            **sums,
            "customer_creation": None if "customer" in params else params.get("customer_creation", "if_required"),
            "expires_at": world.now() + checkout.LIFE,
            "metadata": changes.merged_metadata({}, params.get("metadata")),
            "payment_method_types": ["card", by_bank] if by_bank else ["card"],
            "payment_status": "unpaid" if sums["amount_total"] else "no_payment_required",
            "status": "open",
            "url": f"{world.base_url}/c/pay/{id}",
        },
    )
    world.at(session["expires_at"], "checkout.session.expire", id)
    return session


@route("GET", "/v1/checkout/sessions", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first. The e-mail is compared letter by letter, as with customers."""
    found = lists.matching(
        world.of("checkout.session", params.get("customer")), params, "created", "customer", "payment_intent", "status"
    )
    wanted = (params.get("customer_details") or {}).get("email")
    if wanted is not None:
        found = [one for one in found if (one["customer_details"] or {}).get("email") == wanted]
    return lists.page(world, params, found, "/v1/checkout/sessions", "checkout.session")


@route("GET", "/v1/checkout/sessions/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One session."""
    return world.get("checkout.session", id, "session")


@route("GET", "/v1/checkout/sessions/<id>/line_items", PAGING)
def list_lines(world: World, params: dict[str, Any], id: str) -> Object:
    """In the order of the page, which is the order they were given in."""
    lines = checkout.lines_of(world, world.get("checkout.session", id, "session"))
    after = params.get("starting_after")
    start = next((n + 1 for n, line in enumerate(lines) if line["id"] == after), 0)
    limit = params.get("limit", 10)
    url = f"/v1/checkout/sessions/{id}/line_items"
    more = start + limit < len(lines)
    return {"object": "list", "data": lines[start : start + limit], "has_more": more, "url": url}


@included("checkout.session", "line_items")
def first_lines(world: World, session: Object) -> Object:
    """The first of them."""
    return list_lines(world, {"limit": checkout.SHOWN_LINES}, session["id"])


@included("item", "taxes")
def line_taxes(world: World, line: Object) -> list[Object]:
    """Each rate's part in a line."""
    found: list[Object] = world.hidden(line["id"])["taxes"]
    return found


@included("item", "discounts")
def line_discounts(world: World, line: Object) -> list[Object]:
    """None: this Stripe sells without."""
    return []
