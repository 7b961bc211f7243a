"""From Stripe's JSON (plain dicts, API version 2026-10-28.endive) to the mirror's facts. No calls, no clock.

Field by field this follows the typed classes of the stripe client and https://docs.stripe.com/api; whatever is
missing, null or new to us gives a neutral value, never an error. Only an object's own `id` is required.

What to ask for (`expand` goes at most 4 levels deep, the `data` of a list counts as one):

- subscription: EXPAND_SUBSCRIPTION on retrieve brings product names. A list cannot reach them: list with
  EXPAND_SUBSCRIPTIONS, collect `product_ids`, name them by `products.list(ids=[…])` and pass `names`.
  Whether invoice items wait for the next invoice is one `invoice_items.list(customer=…, pending=True)` a customer.
- schedule: EXPAND_SCHEDULE (prices of later phases).
- one invoice, two calls: `invoices.retrieve` with EXPAND_INVOICE, then per PaymentIntent of `intent_ids`
  `charges.list(payment_intent=…)` with EXPAND_CHARGES: every try with its method, decline and refunds.
  `lines` holds the first 10 lines; when `lines.has_more`, put the whole `invoices.line_items.list` in its place.
- all invoices of a customer, two paged lists whatever their number: `invoices.list(customer=…)` with
  EXPAND_INVOICES and `charges.list(customer=…)` with EXPAND_CHARGES; pass all charges to each `invoice_bill`, it
  takes its own. Charges left over belong to no invoice (`bare_charges`) and become bills by `charge_bill`.
- one charge of unknown origin: `invoice_payments.list(payment={"type": "payment_intent", …})`; no row → bare.
- payment methods, customers: as they come.
"""

from collections.abc import Sequence

from chalicelib.billing.facts import CardFacts, CustomerFacts
from chalicelib.billing.translate_bill import charge_bill, invoice_bill, product_ids
from chalicelib.billing.translate_json import Json, amount, instant, moment, part, ref, text, yes
from chalicelib.billing.translate_payments import bare_charges, intent_ids
from chalicelib.billing.translate_subscription import pending, schedule, subscription

__all__ = [
    "EXPAND_CHARGES",
    "EXPAND_INVOICE",
    "EXPAND_INVOICES",
    "EXPAND_SCHEDULE",
    "EXPAND_SCHEDULES",
    "EXPAND_SUBSCRIPTION",
    "EXPAND_SUBSCRIPTIONS",
    "bare_charges",
    "card",
    "charge_bill",
    "customer",
    "intent_ids",
    "invoice_bill",
    "pending",
    "preview",
    "product_ids",
    "schedule",
    "subscription",
]

EXPAND_SUBSCRIPTION = ("items.data.price.product", "items.data.discounts", "discounts.source.coupon")
EXPAND_SUBSCRIPTIONS = ("data.discounts.source.coupon",)
EXPAND_SCHEDULE = ("phases.items.price",)
EXPAND_SCHEDULES = ("data.phases.items.price",)
EXPAND_INVOICE = (
    "payments.data.payment.payment_intent",
    "total_discount_amounts.discount.source.coupon",
    "total_taxes.tax_rate_details.tax_rate",
)
EXPAND_INVOICES = ("data.payments", "data.discounts.source.coupon", "data.total_taxes.tax_rate_details.tax_rate")
EXPAND_CHARGES = ("data.refunds",)

# Who issued a payment method, by kind: cards have a brand, bank debits a bank.
BRAND_FIELDS = ("display_brand", "brand", "bank_name")


def customer(data: Json) -> CustomerFacts:
    """A customer, live or deleted. https://docs.stripe.com/api/customers/object"""
    return CustomerFacts(
        id=data["id"],
        email=text(data, "email"),
        name=text(data, "name") or text(data, "business_name") or text(data, "individual_name"),
        created=instant(data, "created"),
        default_card=ref(data, "invoice_settings", "default_payment_method"),
        default_source=ref(data, "default_source"),
        balance=amount(data, "balance"),
        deleted=yes(data, "deleted"),
        hidden=text(data, "metadata", "tillkey").strip().lower() == "hide",
        discounted=bool(part(data, "discount")),
        tax_exempt=text(data, "tax_exempt") or "none",
    )


def card(data: Json) -> CardFacts:
    """A saved payment method of any type. https://docs.stripe.com/api/payment_methods/object"""
    kind = text(data, "type") or "card"
    detail = part(data, kind)
    return CardFacts(
        id=data["id"],
        customer=ref(data, "customer"),
        kind=kind,
        created=instant(data, "created"),
        brand=_first_text(detail, BRAND_FIELDS),
        last4=text(detail, "last4"),
        exp_month=amount(detail, "exp_month"),
        exp_year=amount(detail, "exp_year"),
        fingerprint=text(detail, "fingerprint"),
    )


def preview(invoice: Json) -> tuple[int, str, int | None]:
    """Amount due, currency and date of a previewed invoice. https://docs.stripe.com/api/invoices/create_preview"""
    due = moment(invoice, "next_payment_attempt") or moment(invoice, "period_end")
    return amount(invoice, "amount_due"), text(invoice, "currency"), due


def _first_text(data: Json, names: Sequence[str]) -> str:
    return next((found for name in names if (found := text(data, name))), "")
