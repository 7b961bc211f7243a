"""Invoices, and charges that have none, as bills."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from chalicelib.billing.bills import SETTLED
from chalicelib.billing.facts_bill import Bill, BillTo, Line, Payment
from chalicelib.billing.translate_json import (
    Json,
    amount,
    at,
    epoch,
    instant,
    moment,
    number,
    part,
    ref,
    rows,
    text,
    yes,
)
from chalicelib.billing.translate_lines import discount_amounts, line, product_of, tax_amount, title
from chalicelib.billing.translate_payments import charged, out_of_band, payments

# Metadata of the invoice by which a customer pays the rest of a plan: the plan's subscription.
PAYS_OFF = "tillkey_payoff"
PAYS_DUE = "tillkey_due"
# Countries that write the postal code after the town; elsewhere it stands before.
CODE_LAST = {"AU", "CA", "GB", "IE", "IN", "NZ", "US"}


def invoice_bill(
    invoice: Json,
    charges: Sequence[Json] = (),
    names: Mapping[str, str] | None = None,
    invoice_payments: Sequence[Json] | None = None,
) -> Bill:
    """An invoice with its payments. https://docs.stripe.com/api/invoices/object

    `charges`: all charges of the invoice's PaymentIntents, others are passed over. `names`: product id → name.
    `invoice_payments`: in place of the invoice's own first ten `payments`.
    """
    rows_paid = rows(invoice, "payments") if invoice_payments is None else invoice_payments
    return replace(
        _header(invoice),
        title=title(invoice, names or {}),
        payments=_payments(invoice, rows_paid, charges),
        lines=tuple(line(row, names or {}) for row in rows(invoice, "lines")),
        taxes=tuple(tax_amount(row, invoice) for row in rows(invoice, "total_taxes")),
        discounts=discount_amounts(invoice),
        bill_to=_bill_to(invoice),
        balance_applied=_balance_applied(invoice),
        credited=amount(invoice, "pre_payment_credit_notes_amount")
        + amount(invoice, "post_payment_credit_notes_amount"),
        shipping=amount(invoice, "shipping_cost", "amount_subtotal"),
        memo=text(invoice, "description"),
        custom_fields=tuple((text(f, "name"), text(f, "value")) for f in rows(invoice, "custom_fields")),
        # without lines it asks for nothing yet, so it can pay nothing off
        pays_off=text(invoice, "metadata", PAYS_OFF) if rows(invoice, "lines") else "",
        pays_due=epoch(invoice, "metadata", PAYS_DUE),
    )


def charge_bill(charge: Json) -> Bill:
    """A charge without invoice; `guest_order` for one without customer. https://docs.stripe.com/api/charges/object"""
    payment = charged(charge)
    paid = payment.status == "succeeded"
    total = payment.amount
    named = text(charge, "description") or "Payment"
    return Bill(
        id=charge["id"],
        holder=ref(charge, "customer"),
        kind="charge",
        status="paid" if paid else "open",
        currency=text(charge, "currency"),
        created=payment.created,
        total=total,
        amount_due=total,
        amount_paid=total if paid else 0,
        amount_remaining=0 if paid else total,
        title=named,
        subtotal=total,
        paid_at=payment.created if paid else None,
        payments=(payment,),
        lines=(Line(description=named, quantity=1, unit_amount=total, amount=total),),
        bill_to=BillTo(
            name=text(charge, "billing_details", "name"),
            email=text(charge, "billing_details", "email") or text(charge, "receipt_email"),
            address=address_lines(part(charge, "billing_details", "address")),
        ),
        issued=payment.created,
    )


def product_ids(invoices: Sequence[Json] = (), subscriptions: Sequence[Json] = ()) -> tuple[str, ...]:
    """Products that were not expanded and whose names are wanted, each once."""
    lines = [product_of(row) for invoice in invoices for row in rows(invoice, "lines")]
    prices = [part(item, "price") for sub in subscriptions for item in rows(sub, "items")]
    items = [ref(price, "product") for price in prices if not text(price, "product", "name")]
    return tuple(dict.fromkeys(product for product in (*lines, *items) if product))


def _header(invoice: Json) -> Bill:
    """Totals, state and dates, which an invoice has of its own."""
    return Bill(
        id=invoice["id"],
        holder=ref(invoice, "customer"),
        kind="invoice",
        status=text(invoice, "status"),
        currency=text(invoice, "currency"),
        created=instant(invoice, "created"),
        total=amount(invoice, "total"),
        amount_due=amount(invoice, "amount_due"),
        amount_paid=amount(invoice, "amount_paid"),
        amount_remaining=amount(invoice, "amount_remaining"),
        number=text(invoice, "number"),
        reason=text(invoice, "billing_reason"),
        subscription=ref(invoice, "parent", "subscription_details", "subscription"),
        subtotal=amount(invoice, "subtotal"),
        due=moment(invoice, "due_date"),
        paid_at=moment(invoice, "status_transitions", "paid_at"),
        attempts=amount(invoice, "attempt_count"),
        next_attempt=moment(invoice, "next_payment_attempt"),
        auto_advance=yes(invoice, "auto_advance"),
        collection_method=text(invoice, "collection_method") or "charge_automatically",
        default_card=ref(invoice, "default_payment_method"),
        hosted_url=text(invoice, "hosted_invoice_url"),
        issued=moment(invoice, "effective_at") or moment(invoice, "status_transitions", "finalized_at"),
    )


def _payments(invoice: Json, rows_paid: Sequence[Json], charges: Sequence[Json]) -> tuple[Payment, ...]:
    found = payments(rows_paid, charges)
    known = at(invoice, "payments") is not None or bool(rows_paid)
    paid = text(invoice, "status") == "paid" and amount(invoice, "amount_due") > 0
    if known and paid and not any(p.status in SETTLED for p in found):
        when = moment(invoice, "status_transitions", "paid_at") or instant(invoice, "created")
        taken = amount(invoice, "amount_paid") or amount(invoice, "amount_due")
        found += (out_of_band(f"{invoice['id']}_outside", taken, when),)
    return found


def _balance_applied(invoice: Json) -> int:
    """Customer credit an invoice used up: Stripe keeps credit as a negative balance, before and after."""
    ending = number(invoice, "ending_balance")
    return 0 if ending is None else ending - amount(invoice, "starting_balance")


def _bill_to(invoice: Json) -> BillTo:
    return BillTo(
        name=text(invoice, "customer_name"),
        email=text(invoice, "customer_email"),
        address=address_lines(part(invoice, "customer_address")),
        tax_ids=tuple(value for row in rows(invoice, "customer_tax_ids") if (value := text(row, "value"))),
    )


def address_lines(data: Json) -> tuple[str, ...]:
    """A postal address as it is written where it lies. https://docs.stripe.com/api/customers/object (address)"""
    country, town, code = text(data, "country"), text(data, "city"), text(data, "postal_code")
    place = (town, text(data, "state"), code) if country in CODE_LAST else (code, town, text(data, "state"))
    lines = (text(data, "line1"), text(data, "line2"), " ".join(p for p in place if p), country)
    return tuple(line for line in lines if line)
