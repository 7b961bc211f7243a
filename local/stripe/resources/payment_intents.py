"""Payment intents. https://docs.stripe.com/api/payment_intents

One behind an invoice pays it however it is confirmed, and can be changed or cancelled with the invoice only.
"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.billing_money import intents
from local.stripe.billing_money.collect import follow
from local.stripe.billing_money.currencies import check_charge
from local.stripe.challenges import require_return_url
from local.stripe.errors import StripeError, invalid
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
from local.stripe.resources import payment_methods
from local.stripe.resources.setup_intents import CARD_OPTIONS
from local.stripe.store import Object, World
from local.stripe.wire import route

METHOD: Accepts = {
    "payment_method": filled,
    "payment_method_data": hash_of(payment_methods.CREATE, ("type",)),
    "payment_method_options": CARD_OPTIONS,
    "receipt_email": text,
    "setup_future_usage": or_unset(choice("off_session", "on_session")),
}
CONFIRM: Accepts = {
    **METHOD,
    "error_on_requires_action": boolean,
    "mandate_data": hash_of(
        {"customer_acceptance": hash_of({"type": filled, "online": hash_of({"infer_from_client": boolean})})}
    ),
    "off_session": boolean,
    "return_url": filled,
    "use_stripe_sdk": boolean,
}
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
    "payment_method_types": list_of(choice("card")),
}
ONLY_CONFIRMING = ("error_on_requires_action", "mandate_data", "off_session", "return_url", "use_stripe_sdk")
REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")


@route("POST", "/v1/payment_intents", CREATE, ("amount", "currency"))
def create(world: World, params: dict[str, Any]) -> Object:
    """Waits for a card, or for confirmation when it has one; `confirm` charges at once."""
    confirm_now = params.pop("confirm", False)
    confirming = {name: params.pop(name) for name in ONLY_CONFIRMING if name in params}
    if confirming and not confirm_now:
        name = next(iter(confirming))
        raise invalid(f"You can only pass `{name}` when `confirm` is true.", name)
    check_charge(params["amount"], params["currency"])
    if "customer" in params:
        world.live("customer", params["customer"], "customer", 400)
    method = _chosen(world, params, params.get("customer"))
    options = {"card": {"request_three_d_secure": "automatic"}}
    changes.apply(options, params.pop("payment_method_options", None) or {})
    for name in ("payment_method", "payment_method_data"):
        params.pop(name, None)
    if "payment_method_types" not in params:
        automatic = params.get("automatic_payment_methods", {"enabled": True})
        params["automatic_payment_methods"] = {"allow_redirects": "always", **automatic}
    params["metadata"] = changes.merged_metadata({}, params.get("metadata"))
    made = intents.new(world, method=method["id"] if method else None, payment_method_options=options, **params)
    return _confirm(world, made, confirming) if confirm_now else made


def _chosen(world: World, params: dict[str, Any], customer: str | None) -> Object | None:
    """The card a call names or describes, checked to be usable by this customer; None when it names none."""
    if "payment_method_data" in params:
        return payment_methods.create(world, dict(params["payment_method_data"]))
    if "payment_method" not in params:
        return None
    method = payment_methods.named(world, params["payment_method"])
    payment_methods.check_usable(world, method)
    owner = method["customer"]
    if owner is not None and customer is None:
        message = (
            "The payment method you provided is attached to a customer so for security purposes you must provide "
            "the customer in the request."
        )
        raise invalid(message, "payment_method")
    if owner not in (None, customer):
        raise invalid(
            f"The customer does not have a payment method with the ID {method['id']}. The payment method must be "
            "attached to the customer.",
            "payment_method",
            "resource_missing",
        )
    return method


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
        raise _unexpected(intent, f"This PaymentIntent's {name} could not be updated because it has a status of")
    check_charge(params.get("amount", intent["amount"]), params.get("currency", intent["currency"]))
    if "customer" in params:
        world.live("customer", params["customer"], "customer", 400)
    method = _chosen(world, params, params.get("customer", intent["customer"]))
    params.pop("payment_method_data", None)
    if method is not None:
        params["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"
    changes.apply(intent, params)
    return intent


@route("POST", "/v1/payment_intents/<id>/confirm", CONFIRM, key="client_secret")
def confirm(world: World, params: dict[str, Any], id: str) -> Object:
    """Charge the card: done at once, after 3D Secure, or declined (402, and the intent waits for another card)."""
    return _confirm(world, world.get("payment_intent", id, "intent"), params)


def _confirm(world: World, intent: Object, params: dict[str, Any]) -> Object:
    if intent["status"] not in intents.OPEN:
        raise _unexpected(intent, "You cannot confirm this PaymentIntent because it has a status of")
    require_return_url(world, intent, params)
    method = _chosen(world, params, intent["customer"])
    if method is None and intent["payment_method"] is not None:
        method = world.get("payment_method", intent["payment_method"])
    if method is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken."
        )
        raise invalid(message, code="payment_intent_unexpected_state", payment_intent=dict(intent))
    given = ("payment_method_options", "receipt_email", "setup_future_usage")
    changes.apply(intent, {name: params[name] for name in given if name in params})
    off_session = params.get("off_session", False)
    how = intents.attempt(
        world,
        intent,
        method,
        off_session=off_session,
        may_ask=not (off_session or params.get("error_on_requires_action", False)),
        return_url=None if params.get("use_stripe_sdk") else params.get("return_url"),
    )
    follow(world, intent, how)
    if how == "failed":
        raise intents.refusal(intent)
    return intent


@route("POST", "/v1/payment_intents/<id>/cancel", {"cancellation_reason": or_unset(choice(*REASONS))})
def cancel(world: World, params: dict[str, Any], id: str) -> Object:
    """While it is open, and not behind an invoice: those are voided instead."""
    intent = world.get("payment_intent", id, "intent")
    if intent["status"] not in intents.OPEN:
        raise _unexpected(intent, "You cannot cancel this PaymentIntent because it has a status of")
    if world.hidden(id).get("invoice"):
        message = (
            "You cannot cancel a PaymentIntent that was created by an invoice. Void the invoice instead to cancel it."
        )
        raise invalid(message)
    intents.cancel(world, intent, params.get("cancellation_reason"))
    return intent


def _unexpected(intent: Object, message: str) -> StripeError:
    said = (
        f"{message} {intent['status']}. Only a PaymentIntent with one of the following statuses may be changed so: "
        "requires_payment_method, requires_confirmation, requires_action."
    )
    return invalid(said, code="payment_intent_unexpected_state", payment_intent=dict(intent))
