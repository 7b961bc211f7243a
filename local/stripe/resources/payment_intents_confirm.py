"""Confirming payment intents. https://docs.stripe.com/api/payment_intents/confirm"""

from __future__ import annotations

from typing import Any

from local.stripe import changes
from local.stripe.banks import CURRENCY
from local.stripe.billing_money import intents
from local.stripe.billing_money.collect import follow
from local.stripe.challenges import require_return_url
from local.stripe.errors import StripeError, invalid
from local.stripe.params import Accepts, boolean, choice, filled, hash_of, or_unset, text
from local.stripe.resources import mandates, payment_methods
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
    "mandate_data": mandates.DATA,
    "off_session": boolean,
    "return_url": filled,
    "use_stripe_sdk": boolean,
}


@route("POST", "/v1/payment_intents/<id>/confirm", CONFIRM, key="client_secret")
def confirm(world: World, params: dict[str, Any], id: str) -> Object:
    """Charge the card: done at once, after 3D Secure, or declined (402, and the intent waits for another card)."""
    return confirm_now(world, world.get("payment_intent", id, "intent"), params)


def confirm_now(world: World, intent: Object, params: dict[str, Any]) -> Object:
    if intent["status"] not in intents.OPEN:
        raise unexpected(intent, "You cannot confirm this PaymentIntent because it has a status of")
    require_return_url(world, intent, params)
    method = chosen(world, params, intent["customer"])
    if method is None and intent["payment_method"] is not None:
        method = world.get("payment_method", intent["payment_method"])
    if method is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken."
        )
        raise invalid(message, code="payment_intent_unexpected_state", payment_intent=dict(intent))
    check_debit(world, intent, method, params.get("mandate_data"))
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


def check_debit(world: World, intent: Object, method: Object, mandate_data: dict[str, Any] | None) -> None:
    """Refuse to debit a bank account in another currency than its own, or one nobody agreed to debit."""
    if method["type"] == "card":
        return
    if intent["currency"] != CURRENCY[method["type"]]:
        message = f"The currency provided ({intent['currency']}) is not supported by {method['type']}."
        raise invalid(message, "payment_method", "payment_intent_incompatible_payment_method")
    mandates.require(world, method, mandate_data, "payment_intent")


def chosen(world: World, params: dict[str, Any], customer: str | None) -> Object | None:
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


def unexpected(intent: Object, message: str) -> StripeError:
    said = (
        f"{message} {intent['status']}. Only a PaymentIntent with one of the following statuses may be changed so: "
        "requires_payment_method, requires_confirmation, requires_action."
    )
    return invalid(said, code="payment_intent_unexpected_state", payment_intent=dict(intent))
