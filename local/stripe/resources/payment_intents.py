"""Payment intents. https://docs.stripe.com/api/payment_intents

One behind an invoice pays it however it is confirmed, and can be changed or cancelled with the invoice only.
"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.banks import ACH, SEPA
from local.stripe.billing_money import intents
from local.stripe.billing_money.currencies import check_charge
from local.stripe.errors import invalid
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
    or_unset,
    span,
    text,
    whole,
)
from local.stripe.resources.payment_intents_confirm import CONFIRM, METHOD, chosen, confirm_now, unexpected
from local.stripe.store import Object, World
from local.stripe.wire import route

WRITABLE: Accepts = {
    **METHOD,
    "amount": whole(1),
    "currency": lower,
    "customer": filled,
    "description": text,
    "metadata": metadata,
    "statement_descriptor": text,
    "statement_descriptor_suffix": text,
}
CREATE: Accepts = {
    **WRITABLE,
    **CONFIRM,
    "automatic_payment_methods": hash_of(
        {"enabled": boolean, "allow_redirects": choice("always", "never")}, ("enabled",)
    ),
    "confirm": boolean,
    "payment_method_types": list_of(choice("card", SEPA, ACH)),
}
ONLY_CONFIRMING = ("error_on_requires_action", "mandate_data", "off_session", "return_url", "use_stripe_sdk")
REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")


@route("POST", "/v1/payment_intents", CREATE, ("amount", "currency"))
def create(world: World, params: dict[str, Any]) -> Object:
    """Waits for a card, or for confirmation when it has one; `confirm` charges at once."""
    at_once = params.pop("confirm", False)
    confirming = {name: params.pop(name) for name in ONLY_CONFIRMING if name in params}
    if confirming and not at_once:
        name = next(iter(confirming))
        raise invalid(f"You can only pass `{name}` when `confirm` is true.", name)
    check_charge(params["amount"], params["currency"])
    if "customer" in params:
        world.live("customer", params["customer"], "customer", 400)
    method = chosen(world, params, params.get("customer"))
    options = {"card": {"request_three_d_secure": "automatic"}}
    changes.apply(options, params.pop("payment_method_options", None) or {})
    for name in ("payment_method", "payment_method_data"):
        params.pop(name, None)
    if "payment_method_types" not in params:
        automatic = params.get("automatic_payment_methods", {"enabled": True})
        params["automatic_payment_methods"] = {"allow_redirects": "always", **automatic}
    params["metadata"] = changes.merged_metadata({}, params.get("metadata"))
    made = intents.new(world, method=method["id"] if method else None, payment_method_options=options, **params)
    return confirm_now(world, made, confirming) if at_once else made


@route("GET", "/v1/payment_intents", {**PAGING, "created": span, "customer": filled})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first, those behind invoices among them."""
    found = lists.matching(world.of("payment_intent"), params, "created", "customer")
    return lists.page(world, params, found, "/v1/payment_intents", "payment_intent")


@route("GET", "/v1/payment_intents/<id>", key="client_secret")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """For the server, or for the browser that has the client secret."""
    return world.get("payment_intent", id, "intent")


@route("POST", "/v1/payment_intents/<id>", WRITABLE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """While it is open."""
    intent = world.get("payment_intent", id, "intent")
    bound = {"amount", "currency", "customer"} & set(params)
    if bound and world.hidden(id).get("invoice"):
        raise invalid(f"You cannot change the {sorted(bound)[0]} of a PaymentIntent created by an invoice.")
    if intent["status"] not in intents.OPEN and set(params) - {"description", "metadata", "receipt_email"}:
        name = next(iter(params))
        raise unexpected(intent, f"This PaymentIntent's {name} could not be updated because it has a status of")
    check_charge(params.get("amount", intent["amount"]), params.get("currency", intent["currency"]))
    if "customer" in params:
        world.live("customer", params["customer"], "customer", 400)
    method = chosen(world, params, params.get("customer", intent["customer"]))
    params.pop("payment_method_data", None)
    if method is not None:
        params["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"
    changes.apply(intent, params)
    return intent


@route("POST", "/v1/payment_intents/<id>/cancel", {"cancellation_reason": or_unset(choice(*REASONS))})
def cancel(world: World, params: dict[str, Any], id: str) -> Object:
    """While it is open, and not behind an invoice: those are voided instead."""
    intent = world.get("payment_intent", id, "intent")
    if intent["status"] not in intents.OPEN:
        raise unexpected(intent, "You cannot cancel this PaymentIntent because it has a status of")
    if world.hidden(id).get("invoice"):
        message = (
            "You cannot cancel a PaymentIntent that was created by an invoice. Void the invoice instead to cancel it."
        )
        raise invalid(message)
    intents.cancel(world, intent, params.get("cancellation_reason"))
    return intent
