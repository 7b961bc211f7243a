"""Who tried to pay an invoice, and how each try ended: Stripe's invoice payments, PaymentIntents and charges."""

from collections.abc import Collection, Sequence

from chalicelib.billing.facts_bill import Payment, Refund
from chalicelib.billing.translate_json import Json, amount, at, instant, moment, number, part, ref, rows, text

# https://docs.stripe.com/payments/paymentintents/lifecycle; other states are no try to pay yet.
INTENT_STATUS = {"requires_action": "requires_action", "processing": "processing", "succeeded": "succeeded"}
REFUND_FAILED = {"failed", "canceled"}


def intent_ids(invoice: Json) -> tuple[str, ...]:
    """PaymentIntents of an invoice whose `payments` were expanded: what to list charges by."""
    found = (ref(row, "payment", "payment_intent") for row in rows(invoice, "payments"))
    return tuple(dict.fromkeys(intent for intent in found if intent))


def bare_charges(charges: Sequence[Json], invoices: Sequence[Json]) -> tuple[Json, ...]:
    """Those of a customer's charges that none of the customer's invoices (all, with `payments`) claims."""
    intents = {intent for invoice in invoices for intent in intent_ids(invoice)}
    claimed = {ref(row, "payment", "charge") for invoice in invoices for row in rows(invoice, "payments")}
    return tuple(c for c in charges if ref(c, "payment_intent") not in intents and ref(c) not in claimed)


def payments(invoice_payments: Sequence[Json], charges: Sequence[Json]) -> tuple[Payment, ...]:
    """Every try to pay an invoice, oldest first. `charges` may hold those of other invoices too.

    https://docs.stripe.com/api/invoice-payment/object
    """
    tries: dict[str, Payment] = {}
    for row in invoice_payments:
        for payment in _tries(row, charges):
            tries[payment.id] = payment
    return tuple(sorted(tries.values(), key=lambda p: (p.created, p.id)))


def charged(charge: Json, error: Json | None = None, paid: int | None = None) -> Payment:
    """One charge as a payment. `error` is its PaymentIntent's last error, `paid` what of it went to the invoice.

    https://docs.stripe.com/api/charges/object
    """
    status = _charge_status(charge)
    kind, brand, last4 = _method(part(charge, "payment_method_details"))
    taken = number(charge, "amount_captured") if status == "succeeded" else None
    return Payment(
        id=charge["id"],
        amount=next((n for n in (paid, taken) if n is not None), amount(charge, "amount")),
        status=status,
        created=instant(charge, "created"),
        charge=charge["id"],
        payment_intent=ref(charge, "payment_intent"),
        kind=kind,
        brand=brand,
        last4=last4,
        decline_code=_decline(charge, error or {}) if status == "failed" else "",
        refunds=_refunds(charge),
    )


def out_of_band(payment_id: str, paid: int, when: int) -> Payment:
    """Money the merchant took outside Stripe."""
    return Payment(id=payment_id, amount=paid, status="out_of_band", created=when)


def _tries(row: Json, charges: Sequence[Json]) -> list[Payment]:
    payment = part(row, "payment")
    paid = number(row, "amount_paid")
    when = moment(row, "status_transitions", "paid_at") or instant(row, "created")
    if text(payment, "type") == "payment_record":
        return [out_of_band(text(row, "id"), paid or 0, when)] if text(row, "status") == "paid" else []
    error = part(payment, "payment_intent", "last_payment_error")
    own = _charges_of(payment, charges)
    tries = [charged(c, error, paid if _charge_status(c) == "succeeded" else None) for c in own]
    if not any(p.status in ("succeeded", "processing") for p in tries):
        tries += _uncharged(row, tries)
    return tries


def _charges_of(payment: Json, charges: Sequence[Json]) -> list[Json]:
    intent, charge = ref(payment, "payment_intent"), ref(payment, "charge")
    expanded = (part(payment, "charge"), part(payment, "payment_intent", "latest_charge"))
    own = [c for c in charges if (intent and ref(c, "payment_intent") == intent) or (charge and c["id"] == charge)]
    known = {c["id"] for c in own}
    return own + [c for c in expanded if text(c, "id") and c["id"] not in known]


def _uncharged(row: Json, tries: Collection[Payment]) -> list[Payment]:
    """The state of a PaymentIntent that made no charge (yet): waits for its owner, failed, or was not expanded."""
    intent = part(row, "payment", "payment_intent")
    error = part(intent, "last_payment_error")
    status = INTENT_STATUS.get(text(intent, "status"), "")
    if text(row, "status") == "paid":
        status = "succeeded"
    elif not status and error and not tries:
        status = "failed"
    if not status:
        return []
    kind, brand, last4 = _method(part(error, "payment_method"))
    paid = number(row, "amount_paid") if status == "succeeded" else None
    payment = Payment(
        id=ref(row, "payment", "payment_intent") or text(row, "id"),
        amount=paid if paid is not None else amount(row, "amount_requested"),
        status=status,
        created=moment(row, "status_transitions", "paid_at") or instant(row, "created"),
        payment_intent=ref(row, "payment", "payment_intent"),
        kind=kind,
        brand=brand,
        last4=last4,
        decline_code=text(error, "decline_code") or text(error, "code"),
    )
    return [payment]


def _charge_status(charge: Json) -> str:
    if text(charge, "status") == "succeeded":
        return "processing" if at(charge, "captured") is False else "succeeded"
    return "processing" if text(charge, "status") == "pending" else "failed"


def _method(details: Json) -> tuple[str, str, str]:
    """Kind, brand and last four digits out of a payment method or what a charge kept of it."""
    kind = text(details, "type")
    return kind, text(details, kind, "brand"), text(details, kind, "last4")


def _decline(charge: Json, error: Json) -> str:
    """Why a charge failed, the most exact word first. https://docs.stripe.com/declines/codes"""
    own = error if text(error, "charge") in ("", charge["id"]) else {}
    found = (
        text(own, "decline_code"),
        text(charge, "outcome", "reason"),
        text(charge, "failure_code"),
        text(own, "code"),
    )
    return next((code for code in found if code), "")


def _refunds(charge: Json) -> tuple[Refund, ...]:
    """Refunds oldest first; when they were not expanded their sum stands for them."""
    listed = [r for r in rows(charge, "refunds") if text(r, "status") not in REFUND_FAILED]
    if not listed and amount(charge, "amount_refunded"):
        return (Refund(id=charge["id"], amount=amount(charge, "amount_refunded"), created=instant(charge, "created")),)
    made = [Refund(id=text(r, "id"), amount=amount(r, "amount"), created=instant(r, "created")) for r in listed]
    return tuple(sorted(made, key=lambda r: (r.created, r.id)))
