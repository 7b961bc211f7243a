"""Invoice payments: how an invoice is to be paid, is paid, or was to be paid.

https://docs.stripe.com/api/invoice-payment/object
"""

from __future__ import annotations

from local.stripe.billing_money import intents
from local.stripe.store import Object, World, random_text


def expect(world: World, invoice: Object) -> None:
    """The default payment of a final invoice: an intent for all that is due."""
    first = invoice["billing_reason"] == "subscription_create"
    intent = intents.new(
        world,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description="Subscription creation" if first else _description(invoice),
        setup_future_usage="off_session" if first else None,
        hidden={"invoice": invoice["id"]},
    )
    world.hidden(invoice["id"])["intent"] = intent["id"]
    _add(world, invoice, {"type": "payment_intent", "payment_intent": intent["id"]}, is_default=True)


def record_outside(world: World, invoice: Object) -> None:
    """A payment that was made without Stripe, known by a payment record's id only."""
    record = {"type": "payment_record", "payment_record": "pr_1L" + random_text(22)}
    payment = _add(world, invoice, record, is_default=False)
    _pay(world, payment)


def close(world: World, invoice: Object, status: str) -> None:
    """End what is still expected: "paid", or "canceled" together with its intent."""
    for payment in of_invoice(world, invoice):
        if payment["status"] != "open":
            continue
        if status == "paid":
            _pay(world, payment)
            continue
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = world.now()
        intent = world.get("payment_intent", payment["payment"]["payment_intent"])
        if intent["status"] in intents.OPEN:
            intents.cancel(world, intent, "void_invoice")


def of_invoice(world: World, invoice: Object) -> list[Object]:
    """All of them, newest first."""
    return [world.objects[id] for id in reversed(world.hidden(invoice["id"]).get("payments", ()))]


def intent_of(world: World, invoice: Object) -> Object:
    """The payment intent made for a final invoice with something due."""
    return world.get("payment_intent", world.hidden(invoice["id"])["intent"])


def _pay(world: World, payment: Object) -> None:
    payment.update(status="paid", amount_paid=payment["amount_requested"])
    payment["status_transitions"]["paid_at"] = world.now()
    world.emit("invoice_payment.paid", payment)


def _add(world: World, invoice: Object, how: Object, *, is_default: bool) -> Object:
    payment = world.add(
        "invoice_payment",
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=is_default,
        payment=how,
        status="open",
        status_transitions={},
    )
    world.hidden(invoice["id"]).setdefault("payments", []).append(payment["id"])
    return payment


def _description(invoice: Object) -> str:
    subscribed = invoice["parent"] is not None and invoice["billing_reason"] != "manual"
    return "Subscription update" if subscribed else "Payment for Invoice"
