"""Bank debits: an intent that is processed for days, then succeeds or fails, and may be disputed afterwards.

https://docs.stripe.com/payments/payment-methods#payment-notification
"""

from __future__ import annotations

from typing import Any

from local.stripe.banks import TestBank
from local.stripe.billing_money import charges
from local.stripe.resources import mandates
from local.stripe.store import Object, World

DAY = 86_400
DISPUTE_FEE = 1500
_REASONS = {"sepa_debit": "debit_not_authorized", "us_bank_account": "bank_cannot_process"}


def begin(world: World, intent: Object, method: Object, bank: TestBank) -> str:
    """Ask the bank. Always "processing"; `debit_ends.finish` tells days later what came of it."""
    charge = charges.pending(world, intent, method, mandates.of(world, method))
    intent.update(status="processing", latest_charge=charge["id"], next_action=None)
    world.emit("charge.pending", charge)
    world.emit("payment_intent.processing", intent)
    if not bank.stays:
        world.at(world.now() + bank.days * DAY, "payment_intent.finish", intent["id"])
    return "processing"


def dispute(world: World, charge: Object, bank: TestBank) -> Object:
    """The customer's bank takes the money back; nothing can be done about it. The invoice stays paid.

    https://docs.stripe.com/payments/sepa-debit#disputed-payments
    """
    id = world.new_id("dispute")
    fees: list[dict[str, Any]] = [
        {"amount": DISPUTE_FEE, "currency": charge["currency"], "description": "Dispute fee", "type": "stripe_fee"}
    ]
    booked = charges.book(world, id, "adjustment", -charge["amount"], DISPUTE_FEE, charge["currency"], fees)
    made = world.add(
        "dispute",
        id=id,
        amount=charge["amount"],
        balance_transactions=[world.objects[booked]],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}},
        evidence_details={"enhanced_eligibility": {}, "submission_count": 0, "submission_method": "not_submitted"},
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=_REASONS[bank.kind],
        status="lost",
    )
    charge["disputed"] = True
    for what in ("created", "funds_withdrawn", "closed"):
        world.emit(f"charge.dispute.{what}", made)
    return made
