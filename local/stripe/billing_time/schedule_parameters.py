"""What the endpoints of subscription schedules take. https://docs.stripe.com/api/subscription_schedules/create

A phase lasts for a `duration` or until an `end_date`; Stripe has removed `iterations`.
"""

from __future__ import annotations

from local.stripe.billing_time.discounts import DISCOUNTS
from local.stripe.billing_time.parameters import ITEM, PRORATION, word_or_moment
from local.stripe.params import (
    Accepts,
    boolean,
    choice,
    filled,
    hash_of,
    integer,
    list_of,
    lower,
    metadata,
    span,
    text,
    whole,
)

METHOD = choice("charge_automatically", "send_invoice")
INVOICE_SETTINGS = hash_of({"days_until_due": whole(0)})
MOMENT = word_or_moment("now")
SETTINGS = hash_of(
    {
        "billing_cycle_anchor": choice("automatic"),
        "collection_method": METHOD,
        "default_payment_method": filled,
        "description": text,
        "invoice_settings": INVOICE_SETTINGS,
    }
)
PHASE: Accepts = {
    "billing_cycle_anchor": choice("automatic"),
    "collection_method": METHOD,
    "currency": lower,
    "default_payment_method": filled,
    "default_tax_rates": list_of(filled),
    "description": text,
    "discounts": DISCOUNTS,
    "duration": hash_of(
        {"interval": choice("day", "week", "month", "year"), "interval_count": whole(1)}, ("interval",)
    ),
    "end_date": MOMENT,
    "invoice_settings": INVOICE_SETTINGS,
    "items": list_of(hash_of(ITEM, ("price",))),
    "metadata": metadata,
    "proration_behavior": PRORATION,
    "trial": boolean,
    "trial_end": integer,
}
WRITABLE: Accepts = {"default_settings": SETTINGS, "end_behavior": choice("cancel", "release"), "metadata": metadata}
CREATE: Accepts = {
    **WRITABLE,
    "customer": filled,
    "from_subscription": filled,
    "phases": list_of(hash_of(PHASE, ("items",))),
    "start_date": MOMENT,
}
UPDATE: Accepts = {
    **WRITABLE,
    "phases": list_of(hash_of({**PHASE, "start_date": MOMENT}, ("items",))),
    "proration_behavior": PRORATION,
}
FILTERS: Accepts = {
    "canceled_at": span, "completed_at": span, "created": span, "customer": filled, "released_at": span,
    "scheduled": boolean,
}  # fmt: skip
