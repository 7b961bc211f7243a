"""The invoices a subscription makes."""

from __future__ import annotations

from local.stripe import billing_money
from local.stripe.billing_time import discounts
from local.stripe.billing_time.periods import Period
from local.stripe.billing_time.state import items_of
from local.stripe.store import Object, World


def bill(world: World, subscription: Object, lines: list[Object], reason: str, looks_back: Period) -> Object:
    """Draft an invoice, which becomes the latest one. `looks_back` is the period that lies behind.

    A draft finalises and is collected after an hour by itself, unless collection is off.
    """
    paused = subscription["pause_collection"]
    advances = subscription["status"] != "unpaid" and (paused is None or paused["behavior"] != "keep_as_draft")
    invoice = billing_money.draft(
        world,
        customer=subscription["customer"],
        subscription=subscription,
        lines=lines,
        reason=reason,
        collection_method=subscription["collection_method"],
        auto_advance=advances,
        days_until_due=subscription["days_until_due"],
        period=looks_back,
        discounts=discounts.running(world, subscription["discounts"], world.now()),
    )
    subscription["latest_invoice"] = invoice["id"]
    if invoice["due_date"] is not None:
        world.at(invoice["due_date"], "invoice.past_due", invoice["id"])
    if subscription["status"] != "trialing":
        for holder in (subscription, *items_of(subscription)):
            discounts.after_billing(world, holder)
    if paused is not None and paused["behavior"] != "keep_as_draft":
        close = billing_money.void if paused["behavior"] == "void" else billing_money.mark_uncollectible
        if billing_money.finalize(world, invoice)["status"] == "open":
            close(world, invoice)
    return invoice


def open_invoices(world: World, subscription: Object) -> list[Object]:
    """Its drafts and open invoices."""
    return [
        invoice
        for invoice in world.of("invoice")
        if invoice["status"] in ("draft", "open")
        and ((invoice["parent"] or {}).get("subscription_details") or {}).get("subscription") == subscription["id"]
    ]
