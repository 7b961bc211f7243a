"""Automatic collection: what an invoice with `auto_advance` does by itself.

https://docs.stripe.com/invoicing/integration/automatic-advancement-collection
"""

from __future__ import annotations

from local.stripe.store import Object, World

GRACE = 3600
"""Seconds before a draft finalises itself, and before a final invoice is collected."""


def plan_draft(world: World, invoice: Object, auto_advance: bool) -> None:
    """Let a draft finalise itself in an hour, or not."""
    invoice["auto_advance"] = auto_advance
    moment = world.now() + GRACE if auto_advance else None
    invoice["automatically_finalizes_at"] = moment
    _plan(world, invoice, moment)


def plan_collection(world: World, invoice: Object, auto_advance: bool) -> None:
    """Let a final invoice be collected in an hour, or by itself no more. Invoices that are sent wait anyway."""
    invoice["auto_advance"] = auto_advance
    automatic = invoice["collection_method"] == "charge_automatically"
    _plan(world, invoice, world.now() + GRACE if auto_advance and automatic else None)


def _plan(world: World, invoice: Object, moment: int | None) -> None:
    automatic = invoice["collection_method"] == "charge_automatically"
    invoice["next_payment_attempt"] = moment if automatic else None
    for kind in ("invoice.advance", "invoice.retry"):
        world.cancel(kind, invoice["id"])
    if moment is not None:
        world.at(moment, "invoice.advance", invoice["id"])
