"""Charges: what one try to take money from a card left behind. https://docs.stripe.com/api/charges/object"""

from __future__ import annotations

import copy
from typing import Any

from local.stripe.billing_money.rounding import half_up, percent_of
from local.stripe.cards import Decline
from local.stripe.store import Object, World

DESCRIPTOR = "NORTHLIGHT STUDIO"
FEE_PERCENT, FEE_FIXED = 1.5, 20
DAYS_UNTIL_AVAILABLE = 2


def new(world: World, intent: Object, method: Object, decline: Decline | None, authenticated: bool = False) -> Object:
    """A charge of all an intent asks for, succeeded or declined. The caller announces it."""
    charge = _made(world, intent, method, {"type": "card", "card": _card(method, intent["amount"], authenticated)})
    if decline is None:
        succeed(world, charge, intent)
    else:
        fail(charge, decline)
    return charge


def pending(world: World, intent: Object, method: Object, mandate: str | None) -> Object:
    """A charge of a bank account whose bank has not answered yet. The caller announces it."""
    kind = method["type"]
    left_out = ("generated_from", "networks", "status_details", "financial_connections_account")
    shown = {name: value for name, value in method[kind].items() if name not in left_out}
    charge = _made(world, intent, method, {"type": kind, kind: {**shown, "mandate": mandate}})
    charge.update(amount_captured=intent["amount"], captured=True)
    return charge


def succeed(world: World, charge: Object, intent: Object) -> None:
    """The money came."""
    charge.update(
        amount_captured=intent["amount"],
        balance_transaction=_booked(world, charge["id"], intent),
        calculated_statement_descriptor=DESCRIPTOR,
        captured=True,
        outcome=_accepted(),
        paid=True,
        receipt_url=f"{world.base_url}/receipt/{charge['id']}",
        status="succeeded",
    )


def fail(charge: Object, why: Decline) -> None:
    """The bank refused."""
    charge.update(
        amount_captured=0,
        captured=False,
        failure_code=why.code,
        failure_message=why.message,
        outcome=_refused(why),
        paid=False,
        status="failed",
    )


def _made(world: World, intent: Object, method: Object, details: Object) -> Object:
    """What is so of any charge before it is known how it ends."""
    return world.add(
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        billing_details=copy.deepcopy(method["billing_details"]),
        captured=False,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome=_waiting(),
        paid=False,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=details,
        receipt_email=intent["receipt_email"],
        receipt_url=None,
        refunded=False,
        statement_descriptor=intent["statement_descriptor"],
        statement_descriptor_suffix=intent["statement_descriptor_suffix"],
        status="pending",
    )


def _waiting() -> Object:
    return {
        "network_status": "approved_by_network",
        "risk_level": "not_assessed",
        "seller_message": "Payment processing.",
        "type": "authorized",
    }


def _accepted() -> Object:
    return {
        "network_status": "approved_by_network",
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _refused(decline: Decline) -> Object:
    """Why, as the bank said it; a generic decline comes with no more than that."""
    return {
        "network_status": "declined_by_network",
        "network_decline_code": "01",
        "reason": decline.decline_code,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank did not return any further details with this decline."
        if decline.decline_code == "generic_decline"
        else f"The bank returned the decline code `{decline.decline_code}`.",
        "type": "issuer_declined",
    }


def _card(method: Object, amount: int, authenticated: bool) -> Object:
    card = method["card"]
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    secured: dict[str, Any] | None = None
    if authenticated:
        secured = {"result": "authenticated", "authentication_flow": "challenge", "version": "2.2.0"}
    return {
        **{name: copy.deepcopy(card[name]) for name in kept},
        "amount_authorized": amount,
        "network": card["brand"],
        "three_d_secure": secured,
    }


def _booked(world: World, charge_id: str, intent: Object) -> str:
    """The money's way to the account: an entry with Stripe's fee taken off."""
    fee = half_up(percent_of(intent["amount"], FEE_PERCENT)) + FEE_FIXED
    currency = intent["currency"]
    details = {"amount": fee, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"}
    return book(world, charge_id, "charge", intent["amount"], fee, currency, [details])


def book(world: World, source: str, type: str, amount: int, fee: int, currency: str, fee_details: list[Object]) -> str:
    """Enter an amount (negative when it leaves) into the account's books; gives the entry's id."""
    entry = world.add(
        "balance_transaction",
        amount=amount,
        available_on=world.now() + DAYS_UNTIL_AVAILABLE * 86_400,
        balance_type="payments",
        currency=currency,
        fee=fee,
        fee_details=fee_details,
        net=amount - fee,
        reporting_category=type,
        source=source,
        status="pending",
        type=type,
    )
    return str(entry["id"])
