"""Invoices that will not be paid."""

from __future__ import annotations

from local.stripe.store import Object, World


def void(world: World, invoice: Object) -> Object:
    """Take an open invoice back; credit it used returns to the customer. Emits invoice.voided."""
    raise NotImplementedError


def mark_uncollectible(world: World, invoice: Object) -> Object:
    """Give up on an open invoice; it can still be paid. Emits invoice.marked_uncollectible."""
    raise NotImplementedError
