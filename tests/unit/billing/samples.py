"""Stripe objects as plain JSON, in the shape of API version 2026-10-28.endive, with what a test wants changed."""

from typing import Any

NOW = 1_790_000_000
DAY = 86_400
MONTH_LATER = NOW + 30 * DAY

Json = dict[str, Any]


def list_of(*rows: Json) -> Json:
    return {"object": "list", "data": list(rows), "has_more": False, "url": "/v1/things"}


def product(**changes: Any) -> Json:
    return {"id": "prod_pro", "object": "product", "name": "Studio Pro", "active": True, "metadata": {}} | changes


def price(**changes: Any) -> Json:
    recurring = {"interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": None}
    return {
        "id": "price_pro",
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "currency": "gbp",
        "metadata": {},
        "nickname": None,
        "product": product(),
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": 1000,
        "unit_amount_decimal": "1000",
    } | changes


def tax_rate(**changes: Any) -> Json:
    return {
        "id": "txr_vat",
        "object": "tax_rate",
        "active": True,
        "display_name": "VAT",
        "effective_percentage": None,
        "flat_amount": None,
        "inclusive": False,
        "percentage": 20.0,
        "rate_type": "percentage",
    } | changes


def discount(**changes: Any) -> Json:
    coupon = {
        "id": "WELCOME",
        "object": "coupon",
        "name": "Welcome back",
        "percent_off": 12.5,
        "amount_off": None,
        "currency": None,
        "duration": "repeating",
    }
    return {
        "id": "di_1",
        "object": "discount",
        "end": MONTH_LATER,
        "start": NOW,
        "source": {"type": "coupon", "coupon": coupon},
        "subscription": "sub_1",
    } | changes


def subscription_item(**changes: Any) -> Json:
    return {
        "id": "si_1",
        "object": "subscription_item",
        "current_period_start": NOW,
        "current_period_end": MONTH_LATER,
        "discounts": [],
        "metadata": {},
        "price": price(),
        "quantity": 2,
        "subscription": "sub_1",
        "tax_rates": [],
    } | changes


def subscription(**changes: Any) -> Json:
    return {
        "id": "sub_1",
        "object": "subscription",
        "automatic_tax": {"enabled": False, "liability": None},
        "billing_cycle_anchor": NOW,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "collection_method": "charge_automatically",
        "created": NOW - DAY,
        "currency": "gbp",
        "customer": "cus_1",
        "default_payment_method": "pm_own",
        "default_source": None,
        "default_tax_rates": [tax_rate()],
        "discounts": [discount()],
        "ended_at": None,
        "items": list_of(subscription_item()),
        "latest_invoice": "in_1",
        "metadata": {},
        "pause_collection": None,
        "schedule": None,
        "start_date": NOW,
        "status": "active",
        "trial_end": None,
    } | changes


def phase(start: int = NOW, end: int = MONTH_LATER, **changes: Any) -> Json:
    return {
        "start_date": start,
        "end_date": end,
        "default_payment_method": "pm_phase",
        "items": [{"price": price(), "quantity": 2, "tax_rates": [], "discounts": []}],
        "trial_end": None,
    } | changes


def schedule(**changes: Any) -> Json:
    return {
        "id": "sub_sched_1",
        "object": "subscription_schedule",
        "current_phase": {"start_date": NOW, "end_date": MONTH_LATER},
        "customer": "cus_1",
        "default_settings": {"default_payment_method": "pm_default", "collection_method": None},
        "end_behavior": "cancel",
        "metadata": {},
        "phases": [phase(), phase(MONTH_LATER, MONTH_LATER + 30 * DAY)],
        "released_subscription": None,
        "status": "active",
        "subscription": "sub_1",
    } | changes


def card(**changes: Any) -> Json:
    detail = {"brand": "visa", "display_brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031}
    return {
        "id": "pm_1",
        "object": "payment_method",
        "billing_details": {"name": "Ada Byron", "email": None, "address": None},
        "card": {**detail, "fingerprint": "fp_1", "country": "GB"},
        "created": NOW,
        "customer": "cus_1",
        "type": "card",
    } | changes


def customer(**changes: Any) -> Json:
    return {
        "id": "cus_1",
        "object": "customer",
        "balance": -250,
        "created": NOW,
        "default_source": None,
        "discount": None,
        "email": "Ada@Example.com",
        "invoice_settings": {"default_payment_method": "pm_default"},
        "metadata": {},
        "name": "Ada Byron",
        "tax_exempt": "none",
    } | changes


def charge(**changes: Any) -> Json:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 2400,
        "amount_captured": 2400,
        "amount_refunded": 0,
        "billing_details": {"name": "Ada Byron", "email": "ada@example.com", "address": {"city": "Bristol"}},
        "captured": True,
        "created": NOW + 60,
        "currency": "gbp",
        "customer": "cus_1",
        "description": "Poster, signed",
        "failure_code": None,
        "outcome": {"type": "authorized", "reason": None},
        "paid": True,
        "payment_intent": "pi_1",
        "payment_method_details": {"type": "card", "card": {"brand": "mastercard", "last4": "4444"}},
        "receipt_email": None,
        "refunds": list_of(),
        "status": "succeeded",
    } | changes


def declined_charge(**changes: Any) -> Json:
    declined = {
        "id": "ch_0",
        "status": "failed",
        "paid": False,
        "amount_captured": 0,
        "created": NOW + 30,
        "failure_code": "card_declined",
        "outcome": {"type": "issuer_declined", "reason": "insufficient_funds"},
    }
    return charge(**(declined | changes))


def refund(**changes: Any) -> Json:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 400,
        "created": NOW + 2 * DAY,
        "status": "succeeded",
        "charge": "ch_1",
    } | changes


def invoice_payment(**changes: Any) -> Json:
    return {
        "id": "inpay_1",
        "object": "invoice_payment",
        "amount_paid": 2400,
        "amount_requested": 2400,
        "created": NOW,
        "currency": "gbp",
        "invoice": "in_1",
        "is_default": True,
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        "status": "paid",
        "status_transitions": {"paid_at": NOW + 60, "canceled_at": None},
    } | changes


def line(**changes: Any) -> Json:
    details = {"subscription": "sub_1", "subscription_item": "si_1", "proration": False, "invoice_item": None}
    return {
        "id": "il_1",
        "object": "line_item",
        "amount": 2500,
        "currency": "gbp",
        "description": "2 × Studio Pro (at £12.50 / month)",
        "discount_amounts": [{"amount": 500, "discount": "di_1"}],
        "parent": {"type": "subscription_item_details", "subscription_item_details": details},
        "period": {"start": NOW, "end": MONTH_LATER},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": "price_pro", "product": "prod_pro"},
            "unit_amount_decimal": "1250",
        },
        "quantity": 2,
        "subtotal": 2500,
        "taxes": [],
    } | changes


def total_tax(**changes: Any) -> Json:
    return {
        "amount": 400,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": tax_rate()},
        "taxability_reason": "standard_rated",
        "taxable_amount": 2000,
        "type": "tax_rate_details",
    } | changes


def invoice(**changes: Any) -> Json:
    return {
        "id": "in_1",
        "object": "invoice",
        "amount_due": 2400,
        "amount_paid": 2400,
        "amount_remaining": 0,
        "attempt_count": 1,
        "auto_advance": False,
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": NOW,
        "currency": "gbp",
        "custom_fields": [{"name": "PO number", "value": "7781"}],
        "customer": "cus_1",
        "customer_address": {
            "line1": "12 Harbour Lane",
            "line2": None,
            "city": "Bristol",
            "state": None,
            "postal_code": "BS1 4QA",
            "country": "GB",
        },
        "customer_email": "ada@example.com",
        "customer_name": "Ada Byron",
        "customer_tax_ids": [{"type": "gb_vat", "value": "GB999999973"}],
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": "Thank you",
        "discounts": [],
        "due_date": None,
        "effective_at": NOW + 10,
        "ending_balance": 0,
        "hosted_invoice_url": "https://invoice.example/in_1",
        "lines": list_of(line()),
        "next_payment_attempt": None,
        "number": "NL-0042",
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
        "payments": list_of(invoice_payment()),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "shipping_cost": None,
        "starting_balance": 0,
        "status": "paid",
        "status_transitions": {"finalized_at": NOW + 10, "paid_at": NOW + 60},
        "subtotal": 2500,
        "total": 2400,
        "total_discount_amounts": [{"amount": 500, "discount": discount()}],
        "total_taxes": [total_tax()],
    } | changes


def session_line(**changes: Any) -> Json:
    """A line item as it comes when the session's `line_items.data.taxes` are expanded."""
    tax = {"amount": 400, "rate": tax_rate(inclusive=True), "taxability_reason": None, "taxable_amount": 2000}
    return {
        "id": "li_1",
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": 2400,
        "amount_tax": 400,
        "amount_total": 2400,
        "currency": "gbp",
        "description": "Fine Art Print",
        "discounts": [],
        "price": price(id="price_print", recurring=None, type="one_time", unit_amount=1200, product="prod_print"),
        "quantity": 2,
        "taxes": [tax],
    } | changes


def session(**changes: Any) -> Json:
    """A completed checkout session of nobody Stripe knows."""
    details = {"email": "Gwen@Mail.example", "name": "Gwen Hale", "address": {"country": "GB"}, "tax_ids": []}
    return {
        "id": "cs_test_1",
        "object": "checkout.session",
        "amount_subtotal": 2400,
        "amount_total": 2400,
        "created": NOW,
        "currency": "gbp",
        "customer": None,
        "customer_details": details,
        "line_items": list_of(session_line()),
        "mode": "payment",
        "payment_intent": "pi_1",
        "payment_status": "paid",
        "shipping_cost": None,
        "status": "complete",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 400},
    } | changes
