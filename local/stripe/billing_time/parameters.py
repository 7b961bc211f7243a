"""What the endpoints of subscriptions take. https://docs.stripe.com/api/subscriptions/create"""

from __future__ import annotations

from local.stripe.billing_time.discounts import DISCOUNTS
from local.stripe.billing_time.swapping import BEHAVIORS
from local.stripe.params import (
    Accepts,
    Converter,
    boolean,
    choice,
    filled,
    hash_of,
    integer,
    list_of,
    metadata,
    or_unset,
    span,
    text,
    whole,
)

FEEDBACK = (
    "customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex",
    "too_expensive", "unused",
)  # fmt: skip
STATUSES = ("active", "canceled", "incomplete", "incomplete_expired", "past_due", "paused", "trialing", "unpaid")
DETAILS = hash_of({"comment": text, "feedback": or_unset(choice(*FEEDBACK))})
PRORATION = choice(*BEHAVIORS)


def word_or_moment(*words: str) -> Converter:
    """Epoch seconds, or one of these words."""
    return lambda value, name: str(value) if value in words else integer(value, name)


CANCEL_AT = word_or_moment("min_period_end", "max_period_end")
ITEM: Accepts = {
    "discounts": DISCOUNTS,
    "metadata": metadata,
    "price": filled,
    "quantity": whole(0),
    "tax_rates": list_of(filled),
}
SHARED: Accepts = {
    "cancel_at_period_end": boolean,
    "collection_method": choice("charge_automatically", "send_invoice"),
    "days_until_due": whole(0),
    "default_payment_method": filled,
    "default_tax_rates": list_of(filled),
    "description": text,
    "discounts": DISCOUNTS,
    "metadata": metadata,
    "off_session": boolean,
    "payment_settings": hash_of({"save_default_payment_method": choice("off", "on_subscription")}),
    "proration_behavior": PRORATION,
    "trial_end": word_or_moment("now"),
    "trial_settings": hash_of(
        {"end_behavior": hash_of({"missing_payment_method": choice("cancel", "create_invoice", "pause")})}
    ),
}
CREATE: Accepts = {
    **SHARED,
    "billing_cycle_anchor": integer,
    "cancel_at": CANCEL_AT,
    "currency": filled,
    "customer": filled,
    "default_source": filled,
    "items": list_of(hash_of(ITEM)),
    "payment_behavior": choice("allow_incomplete", "default_incomplete", "error_if_incomplete"),
    "trial_period_days": whole(0, 730),
}
UPDATE: Accepts = {
    **SHARED,
    "cancel_at": or_unset(CANCEL_AT),
    "cancellation_details": DETAILS,
    "default_source": text,
    "items": list_of(hash_of({**ITEM, "id": filled, "deleted": boolean})),
    "pause_collection": hash_of(
        {"behavior": choice("keep_as_draft", "mark_uncollectible", "void"), "resumes_at": integer}, ("behavior",)
    ),
}
FILTERS: Accepts = {
    "collection_method": choice("charge_automatically", "send_invoice"),
    "created": span,
    "current_period_end": span,
    "current_period_start": span,
    "customer": filled,
    "price": filled,
    "status": choice(*STATUSES, "all", "ended"),
}
