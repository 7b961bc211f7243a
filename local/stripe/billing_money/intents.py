"""Payment intents: asking a card for money. https://docs.stripe.com/payments/paymentintents/lifecycle"""

from __future__ import annotations

import copy
from typing import Any

from local.stripe.banks import CURRENCY
from local.stripe.billing_money import charges, debits
from local.stripe.cards import Decline, TestCard
from local.stripe.challenges import next_action
from local.stripe.errors import StripeError, doc_url
from local.stripe.resources import payment_methods
from local.stripe.store import Object, World, random_text

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required", "authentication_required", "Your card was declined. This transaction requires "
    "authentication."
)  # fmt: skip
NOT_AUTHENTICATED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)


def new(
    world: World, *, amount: int, currency: str, hidden: Object | None = None, method: str | None = None, **given: Any
) -> Object:
    """An intent to take an amount; it waits for a card, or for confirmation when `method` names one."""
    id = world.new_id("payment_intent")
    intent = world.add(
        "payment_intent",
        id=id,
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        currency=currency,
        hidden=hidden,
        client_secret=f"{id}_secret_{random_text(25)}",
        payment_method=method,
        status="requires_confirmation" if method else "requires_payment_method",
        **{
            "amount_details": {"tip": {}},
            "capture_method": "automatic_async",
            "confirmation_method": "automatic",
            "metadata": {},
            "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
            "payment_method_types": ["card", *(kind for kind, taken in CURRENCY.items() if taken == currency)],
            **given,
        },
    )
    world.emit("payment_intent.created", intent)
    return intent


def attempt(
    world: World,
    intent: Object,
    method: Object,
    *,
    off_session: bool,
    may_ask: bool = True,
    return_url: str | None = None,
) -> str:
    """Charge a card: "succeeded", "action" when the customer must come to their bank's page, or "failed".
    Debit a bank account: "processing".

    `may_ask` is False where nobody could answer: the payment is declined then (authentication_required).
    """
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    bank = payment_methods.bank_of(world, method)
    if bank is not None:
        return debits.begin(world, intent, method, bank)
    card = payment_methods.card_of(world, method)
    if _wants_customer(world, intent, method, card, off_session):
        if may_ask:
            return _ask(world, intent, return_url)
        return _decline(world, intent, method, AUTHENTICATION_REQUIRED)
    return _charge(world, intent, method, card.decline)


def resume(world: World, intent: Object, passed: bool) -> str:
    """Go on after the bank's page: "succeeded" or "failed"."""
    method = world.get("payment_method", intent["payment_method"])
    if not passed:
        error = {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"}
        _wait_again(world, intent, method, {**error, "message": NOT_AUTHENTICATED})
        return "failed"
    card = payment_methods.card_of(world, method)
    return _charge(world, intent, method, card.decline or card.declined_after, authenticated=True)


def refusal(intent: Object) -> StripeError:
    """The error for whoever asked for a try that failed, with the intent and the card inside."""
    said = copy.deepcopy(intent["last_payment_error"])
    return StripeError(
        402,
        said["message"],
        type=said["type"],
        code=said["code"],
        decline_code=said.get("decline_code"),
        param=said.get("param"),
        charge=said.get("charge"),
        payment_intent=copy.deepcopy(intent),
        payment_method=said["payment_method"],
    )


def cancel(world: World, intent: Object, reason: str | None) -> None:
    """Take no money by this intent any more."""
    intent.update(status="canceled", canceled_at=world.now(), cancellation_reason=reason, next_action=None)
    world.emit("payment_intent.canceled", intent)


def _wants_customer(world: World, intent: Object, method: Object, card: TestCard, off_session: bool) -> bool:
    """Whether the card's bank insists on 3D Secure for this payment."""
    asked = (intent["payment_method_options"] or {}).get("card", {}).get("request_three_d_secure")
    if not off_session:
        return card.authentication is not None or asked in ("any", "challenge")
    set_up = world.hidden(method["id"]).get("set_up") == "off_session"
    return card.authentication == "always" or (card.authentication == "unless_set_up" and not set_up)


def _ask(world: World, intent: Object, return_url: str | None) -> str:
    intent.update(status="requires_action", next_action=next_action(world, intent, return_url))
    world.emit("payment_intent.requires_action", intent)
    return "action"


def _charge(world: World, intent: Object, method: Object, decline: Decline | None, authenticated: bool = False) -> str:
    if decline is not None:
        return _decline(world, intent, method, decline, authenticated)
    charge = charges.new(world, intent, method, None, authenticated)
    charged(world, intent, method, charge)
    return "succeeded"


def charged(world: World, intent: Object, method: Object, charge: Object) -> None:
    """The charge brought the money."""
    _save_card(world, intent, method)
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"], next_action=None)
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)


def _decline(world: World, intent: Object, method: Object, why: Decline, authenticated: bool = False) -> str:
    charge = charges.new(world, intent, method, why, authenticated)
    refused(world, intent, method, charge, why)
    return "failed"


def refused(world: World, intent: Object, method: Object, charge: Object, why: Decline) -> None:
    """The bank refused the charge: the intent waits for another way to pay."""
    intent["latest_charge"] = charge["id"]
    world.emit("charge.failed", charge)
    error = {"type": "card_error", "charge": charge["id"], "code": why.code, "message": why.message}
    _wait_again(world, intent, method, {**error, "decline_code": why.decline_code, "param": why.param})


def _wait_again(world: World, intent: Object, method: Object, error: Object) -> None:
    said = {name: value for name, value in error.items() if value is not None}
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error={**said, "doc_url": doc_url(said["code"]), "payment_method": copy.deepcopy(method)},
    )
    world.emit("payment_intent.payment_failed", intent)


def _save_card(world: World, intent: Object, method: Object) -> None:
    """A card paid with is kept for the customer if the intent says so; else an unsaved one is used up."""
    usage = intent["setup_future_usage"]
    if method["customer"] is not None or (usage and intent["customer"]):
        if method["customer"] is None:
            payment_methods.attach(world, method, intent["customer"])
        if usage:
            world.hidden(method["id"])["set_up"] = usage
    else:
        world.hidden(method["id"])["spent"] = True
