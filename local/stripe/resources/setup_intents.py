"""Saving a card or bank account without charging it. https://docs.stripe.com/payments/setup-intents"""

from __future__ import annotations

import copy
from typing import Any

from local.stripe import changes, lists
from local.stripe.banks import ACH, SEPA
from local.stripe.cards import Decline
from local.stripe.challenges import challenge, next_action, require_return_url
from local.stripe.errors import card_declined, doc_url, invalid
from local.stripe.params import (
    PAGING,
    Accepts,
    boolean,
    choice,
    filled,
    hash_of,
    list_of,
    metadata,
    or_unset,
    span,
    text,
)
from local.stripe.resources import mandates, payment_methods
from local.stripe.store import Object, World, random_text
from local.stripe.wire import route

CARD_OPTIONS = hash_of({"card": hash_of({"request_three_d_secure": choice("any", "automatic", "challenge")})})
CONFIRM: Accepts = {
    "payment_method": filled,
    "payment_method_data": hash_of(payment_methods.CREATE, ("type",)),
    "payment_method_options": CARD_OPTIONS,
    "return_url": filled,
    "use_stripe_sdk": boolean,
    "mandate_data": mandates.DATA,
}
CREATE: Accepts = {
    **CONFIRM,
    "automatic_payment_methods": hash_of(
        {"enabled": boolean, "allow_redirects": choice("always", "never")}, ("enabled",)
    ),
    "confirm": boolean,
    "customer": filled,
    "description": text,
    "metadata": metadata,
    "payment_method_types": list_of(choice("card", SEPA, ACH)),
    "usage": choice("off_session", "on_session"),
}
REASONS = ("abandoned", "duplicate", "requested_by_customer")
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


@route("POST", "/v1/setup_intents", CREATE)
def create(world: World, params: dict[str, Any]) -> Object:
    """Waits for a card, or for confirmation when it has one; `confirm` goes on at once."""
    confirming = {name: params.pop(name) for name in tuple(params) if name in CONFIRM}
    confirm_now = params.pop("confirm", False)
    if "return_url" in confirming and not confirm_now:
        raise invalid("You can only pass `return_url` when `confirm` is true.", "return_url")
    _settle_types(params)
    if "customer" in params:
        world.live("customer", params["customer"], "customer", 400)
    method = _chosen(world, confirming, params.get("customer"))
    options = {"card": {"request_three_d_secure": "automatic"}}
    changes.apply(options, confirming.get("payment_method_options") or {})
    id = world.new_id("setup_intent")
    intent = world.add(
        "setup_intent",
        id=id,
        client_secret=f"{id}_secret_{random_text(25)}",
        payment_method=method["id"] if method else None,
        payment_method_options=options,
        status="requires_confirmation" if method else "requires_payment_method",
        **{
            "usage": "off_session",
            **params,
            "metadata": changes.merged_metadata({}, params.get("metadata")),
        },
    )
    world.emit("setup_intent.created", intent)
    return _confirm(world, intent, confirming) if confirm_now else intent


def _settle_types(params: dict[str, Any]) -> None:
    """Those asked for by name; else whatever the account takes."""
    if "automatic_payment_methods" in params and "payment_method_types" in params:
        message = "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        raise invalid(message, "automatic_payment_methods")
    if "payment_method_types" not in params:
        automatic = params.get("automatic_payment_methods", {"enabled": True})
        params["automatic_payment_methods"] = {"allow_redirects": "always", **automatic}
        params["payment_method_types"] = ["card", SEPA, ACH]


def _chosen(world: World, params: dict[str, Any], customer: str | None, intent: Object | None = None) -> Object | None:
    """The card a call names, or describes, checked to be usable by this customer. None when it names none."""
    if "payment_method_data" in params:
        return payment_methods.create(world, dict(params["payment_method_data"]))
    if "payment_method" not in params:
        return None
    method = payment_methods.named(world, params["payment_method"])
    payment_methods.check_usable(world, method)
    owner = method["customer"]
    if owner not in (None, customer):
        message = (
            f"The PaymentMethod {method['id']} does not belong to the Customer you supplied {customer}. Please use "
            "this PaymentMethod with the Customer that it belongs to instead."
            if customer
            else f"The payment method supplied ({method['id']}) belongs to the Customer {owner}. Please include the "
            "Customer in the `customer` parameter on the SetupIntent."
        )
        raise invalid(message, "payment_method", setup_intent=intent)
    return method


@route("GET", "/v1/setup_intents", {**PAGING, "customer": filled, "payment_method": filled, "created": span})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    found = lists.matching(world.of("setup_intent"), params, "customer", "payment_method", "created")
    return lists.page(world, params, found, "/v1/setup_intents", "setup_intent")


@route("GET", "/v1/setup_intents/<id>", key="client_secret")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """For the server, or for the browser that has the client secret."""
    return world.get("setup_intent", id, "intent")


@route("POST", "/v1/setup_intents/<id>/confirm", CONFIRM, key="client_secret")
def confirm(world: World, params: dict[str, Any], id: str) -> Object:
    """Save the card: done at once, after 3D Secure, or declined (402, and the intent waits for another card)."""
    return _confirm(world, world.get("setup_intent", id, "intent"), params)


def _confirm(world: World, intent: Object, params: dict[str, Any]) -> Object:
    if intent["payment_method"] is None and not {"payment_method", "payment_method_data"} & set(params):
        raise _unexpected(
            intent,
            "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the "
            "SetupIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
        )
    if intent["status"] not in OPEN:
        ended = "it has already succeeded" if intent["status"] == "succeeded" else "it has been canceled"
        raise _unexpected(intent, f"You cannot confirm this SetupIntent because {ended}.")
    require_return_url(world, intent, params)
    method = _chosen(world, params, intent["customer"], intent)
    if method is None:
        method = world.get("payment_method", intent["payment_method"])
    changes.apply(intent["payment_method_options"], params.get("payment_method_options") or {})
    intent.update(payment_method=method["id"], last_setup_error=None, next_action=None)
    intent["latest_attempt"] = world.new_id("setup_attempt")
    if method["type"] != "card":
        mandates.require(world, method, params.get("mandate_data"), "setup_intent")
        intent["mandate"] = mandates.of(world, method)
        return _succeed(world, intent, method)
    card = payment_methods.card_of(world, method)
    if card.decline and not card.attaches:
        raise _fail(world, intent, method, card.decline)
    asked = intent["payment_method_options"]["card"]["request_three_d_secure"] in ("any", "challenge")
    if card.authentication or asked:
        return_url = None if params.get("use_stripe_sdk") else params.get("return_url")
        intent.update(status="requires_action", next_action=next_action(world, intent, return_url))
        world.emit("setup_intent.requires_action", intent)
        return intent
    return _succeed(world, intent, method)


def _succeed(world: World, intent: Object, method: Object) -> Object:
    """The card is the customer's from now on; without a customer it is used up."""
    if intent["customer"] is None:
        world.hidden(method["id"])["spent"] = True
    elif method["customer"] is None:
        payment_methods.attach(world, method, intent["customer"])
    world.hidden(method["id"])["set_up"] = intent["usage"]
    intent.update(status="succeeded", next_action=None)
    world.emit("setup_intent.succeeded", intent)
    return intent


def _fail(world: World, intent: Object, method: Object, why: Decline) -> Exception:
    """The intent waits for another card. Gives the error for whoever asked, to raise."""
    error = {"type": "card_error", "code": why.code, "decline_code": why.decline_code, "message": why.message}
    _wait_again(world, intent, {**error, "param": why.param}, method)
    return card_declined(why.message, why.code, why.decline_code, why.param, setup_intent=intent, payment_method=method)


def _wait_again(world: World, intent: Object, error: Object, method: Object) -> None:
    said = {name: value for name, value in error.items() if value is not None}
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error={**said, "doc_url": doc_url(said["code"]), "payment_method": copy.deepcopy(method)},
    )
    world.emit("setup_intent.setup_failed", intent)


@challenge("setup_intent")
def settle(world: World, intent: Object, passed: bool) -> None:
    """The customer came back from the bank."""
    method = world.get("payment_method", intent["payment_method"])
    card = payment_methods.card_of(world, method)
    if passed and card.decline and not card.attaches:
        _fail(world, intent, method, card.decline)
    elif passed:
        _succeed(world, intent, method)
    else:
        message = (
            "We are unable to authenticate your payment method. Please choose a different payment method and try again."
        )
        error = {"type": "invalid_request_error", "code": "setup_intent_authentication_failure", "message": message}
        _wait_again(world, intent, error, method)


@route("POST", "/v1/setup_intents/<id>/cancel", {"cancellation_reason": or_unset(choice(*REASONS))})
def cancel(world: World, params: dict[str, Any], id: str) -> Object:
    """While it is open."""
    intent = world.get("setup_intent", id, "intent")
    if intent["status"] == "canceled":
        raise _unexpected(intent, "You cannot cancel this SetupIntent because it is already canceled.")
    if intent["status"] not in OPEN:
        raise _unexpected(
            intent,
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent "
            "with one of the following statuses may be canceled: `requires_payment_method`, "
            "`requires_confirmation`, or `requires_action`.",
        )
    reason = params.get("cancellation_reason")
    intent.update(status="canceled", cancellation_reason=reason, next_action=None)
    world.emit("setup_intent.canceled", intent)
    return intent


def _unexpected(intent: Object, message: str) -> Exception:
    return invalid(message, code="setup_intent_unexpected_state", setup_intent=intent)
