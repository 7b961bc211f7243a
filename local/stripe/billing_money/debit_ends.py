"""How a bank debit ends, days after it began."""

from __future__ import annotations

from local.stripe.billing_money import charges, debits, intents
from local.stripe.billing_money.ending import void
from local.stripe.billing_money.settling import PAYABLE, note_failure, settle
from local.stripe.resources import payment_methods
from local.stripe.store import Object, World, due


@due("payment_intent.finish")
def finish(world: World, id: str) -> None:
    """The bank's answer is there: the intent succeeds or waits for another way to pay, its invoice follows."""
    intent = world.get("payment_intent", id)
    if intent["status"] != "processing":
        return
    method, charge = world.get("payment_method", intent["payment_method"]), world.get("charge", intent["latest_charge"])
    bank = payment_methods.bank_of(world, method)
    assert bank is not None
    if bank.failure is not None:
        charges.fail(charge, bank.failure)
        intents.refused(world, intent, method, charge, bank.failure)
    else:
        charges.succeed(world, charge, intent)
        intents.charged(world, intent, method, charge)
    _follow(world, intent, "failed" if bank.failure else "succeeded")
    _tell_session(world, intent)
    if bank.disputed:
        debits.dispute(world, charge, bank)


def _follow(world: World, intent: Object, how: str) -> None:
    """The bank answered, and the invoice behind the intent follows. The try was counted when it began.

    A subscription's first invoice is void when that debit fails, and the subscription stays active.
    https://docs.stripe.com/billing/subscriptions/overview#payment-status
    """
    invoice = world.objects.get(world.hidden(intent["id"]).get("invoice", ""))
    if invoice is None or invoice["status"] not in PAYABLE:
        return
    automatic = world.hidden(intent["id"]).get("automatic", False)
    if how == "succeeded":
        settle(world, invoice, automatic=automatic, counted=True)
        return
    note_failure(world, invoice, automatic=automatic, needs_action=False, counted=True)
    if invoice["billing_reason"] == "subscription_create":
        void(world, invoice)


def _tell_session(world: World, intent: Object) -> None:
    """The checkout session behind the intent, if there is one, hears of it too.

    https://docs.stripe.com/payments/checkout/fulfill-orders (delayed payment methods)
    """
    session = world.objects.get(world.hidden(intent["id"]).get("session", ""))
    if session is not None:
        paid = intent["status"] == "succeeded"
        session["payment_status"] = "paid" if paid else "unpaid"
        world.emit(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)
