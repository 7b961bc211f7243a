"""Collecting an invoice: from whom, and what becomes of it. https://docs.stripe.com/billing/collection-method"""

from __future__ import annotations

from local.stripe.banks import CURRENCY
from local.stripe.billing_money import intents, payments
from local.stripe.billing_money.finalizing import finalize
from local.stripe.billing_money.settling import PAYABLE, note_failure, note_processing, settle, subscription_of
from local.stripe.challenges import challenge
from local.stripe.resources import mandates
from local.stripe.store import Object, World, due


def collect(
    world: World,
    invoice: Object,
    *,
    payment_method: str | None = None,
    off_session: bool = True,
    automatic: bool = True,
) -> str:
    """Try to take what an open invoice asks for: "paid", "failed", "action", "processing" or "no_method".

    `payment_method` is the id of the card to charge instead of the usual one (`method_for`). `automatic` is
    False for what somebody asked for: it counts only as the first attempt. Afterwards
    `local.stripe.billing_time.after_payment(world, invoice)` or `after_failure(world, invoice)` is called for
    an invoice of a subscription; setting `next_payment_attempt` is for `after_failure`.
    """
    if invoice["status"] not in PAYABLE:
        return "paid" if invoice["status"] == "paid" else "failed"
    method = payment_method or method_for(world, invoice)
    if method is None:
        note_failure(world, invoice, automatic=automatic, needs_action=False)
        return "no_method"
    intent, way = payments.intent_of(world, invoice), world.get("payment_method", method)
    if intent["status"] == "processing":
        return "processing"
    if not _may_debit(world, intent, way):
        note_failure(world, invoice, automatic=automatic, needs_action=False)
        return "no_method"
    how = intents.attempt(world, intent, way, off_session=off_session)
    follow(world, intent, how, automatic=automatic)
    return {"succeeded": "paid"}.get(how, how)


def follow(world: World, intent: Object, how: str, *, automatic: bool = False) -> None:
    """Let the invoice behind an intent, if there is one, follow what became of a try."""
    invoice = world.objects.get(world.hidden(intent["id"]).get("invoice", ""))
    if invoice is None or invoice["status"] not in PAYABLE:
        return
    if how == "succeeded":
        settle(world, invoice, automatic=automatic)
    elif how == "processing":
        world.hidden(intent["id"])["automatic"] = automatic
        note_processing(world, invoice, automatic=automatic)
    else:
        note_failure(world, invoice, automatic=automatic, needs_action=how == "action")


def _may_debit(world: World, intent: Object, method: Object) -> bool:
    """A card always; a bank account in its own currency, when somebody agreed to it."""
    own = CURRENCY.get(method["type"])
    return own is None or (own == intent["currency"] and mandates.of(world, method) is not None)


def method_for(world: World, invoice: Object) -> str | None:
    """The card that is charged: the invoice's, the subscription's, the customer's; None when none is saved."""
    customer = world.get("customer", invoice["customer"])
    owner = subscription_of(invoice)
    subscription = world.objects.get(owner, {}) if owner else {}
    candidates = (
        invoice["default_payment_method"],
        invoice["default_source"],
        subscription.get("default_payment_method"),
        subscription.get("default_source"),
        (customer.get("invoice_settings") or {}).get("default_payment_method"),
        customer.get("default_source"),
    )
    for id in candidates:
        if id is not None and world.objects.get(id, {}).get("customer") == customer["id"]:
            return str(id)
    return None


@challenge("payment_intent")
def after_challenge(world: World, intent: Object, passed: bool) -> None:
    """The customer came back from the bank."""
    follow(world, intent, intents.resume(world, intent, passed))


@due("invoice.advance")
def advance(world: World, id: str) -> None:
    """What an invoice with `auto_advance` does by itself: finalise, and collect."""
    invoice = world.get("invoice", id)
    if world.get("customer", invoice["customer"]).get("deleted"):
        return
    finalize(world, invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        collect(world, invoice)
