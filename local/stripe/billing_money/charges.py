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
    id = world.new_id("charge")
    paid = decline is None
    outcome = _accepted() if decline is None else _refused(decline)
    return world.add(
        "charge",
        id=id,
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        amount_refunded=0,
        balance_transaction=_booked(world, id, intent) if paid else None,
        billing_details=copy.deepcopy(method["billing_details"]),
        calculated_statement_descriptor=DESCRIPTOR if paid else None,
        captured=paid,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=None if decline is None else decline.code,
        failure_message=None if decline is None else decline.message,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome=outcome,
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": "card", "card": _card(method, intent["amount"], authenticated)},
        receipt_email=intent["receipt_email"],
        receipt_url=f"{world.base_url}/receipt/{id}" if paid else None,
        refunded=False,
        statement_descriptor=intent["statement_descriptor"],
        statement_descriptor_suffix=intent["statement_descriptor_suffix"],
        status="succeeded" if paid else "failed",
    )


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
