"""Finalising."""

from __future__ import annotations

from local.stripe.store import Object, World


def finalize(world: World, invoice: Object) -> Object:
    """Fix a draft: number, addresses, balance, a payment intent for what is due. Open, or paid when nothing is."""
    raise NotImplementedError
