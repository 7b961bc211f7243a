"""Collecting an invoice."""

from __future__ import annotations

from local.stripe.store import Object, World


def collect(
    world: World,
    invoice: Object,
    *,
    payment_method: str | None = None,
    off_session: bool = True,
    automatic: bool = True,
) -> str:
    """Try to take what an open invoice asks for: "paid", "failed", "action", "processing" or "no_method".

    Calls `local.stripe.billing_time.after_payment(world, invoice)` or `after_failure(world, invoice)` for
    invoices of a subscription. `next_payment_attempt` is for `after_failure` to set.
    """
    raise NotImplementedError
