"""The money side: invoices from draft to payment, and what charging a card does.

Whoever bills (subscriptions, the invoices endpoints) makes lines, drafts, finalises and collects:

    lines = [line(world, amount=1200, description="Pro", price=price, period=(start, end), tax_rates=["txr_1"])]
    invoice = draft(world, customer="cus_1", subscription=subscription, lines=lines, reason="subscription_cycle")
    finalize(world, invoice)
    how_it_went = collect(world, invoice)      # "paid", "failed", "action" or "no_method"

A draft with `auto_advance` finalises and collects itself an hour later unless that happens before.
A proration that waits for the next invoice is `invoice_item(world, line(…, proration=True), customer=…,
subscription=…)`; `give(world, coupon, subscription=…)` makes the discount a coupon is redeemed as.
"""

from local.stripe.billing_money import debit_ends
from local.stripe.billing_money.collect import collect, method_for
from local.stripe.billing_money.discounts import give
from local.stripe.billing_money.drafts import draft, preview
from local.stripe.billing_money.ending import mark_uncollectible, void
from local.stripe.billing_money.finalizing import finalize
from local.stripe.billing_money.items import invoice_item
from local.stripe.billing_money.lines import line

# Loaded for what it does when it falls due.
FALLING_DUE = (debit_ends,)

__all__ = [
    "FALLING_DUE",
    "collect",
    "draft",
    "finalize",
    "give",
    "invoice_item",
    "line",
    "mark_uncollectible",
    "method_for",
    "preview",
    "void",
]
