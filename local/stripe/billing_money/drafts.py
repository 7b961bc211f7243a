"""Draft invoices."""

from __future__ import annotations

from collections.abc import Sequence

from local.stripe.store import Object, World


def draft(
    world: World,
    *,
    customer: str,
    subscription: Object | None,
    lines: list[Object],
    reason: str,
    collection_method: str = "charge_automatically",
    auto_advance: bool = True,
    default_payment_method: str | None = None,
    days_until_due: int | None = None,
    period: tuple[int, int] | None = None,
    discounts: Sequence[str] = (),
    metadata: dict[str, str] | None = None,
) -> Object:
    """Make a draft of these lines and the customer's pending invoice items; emits invoice.created."""
    raise NotImplementedError


def preview(world: World, **as_for_draft: object) -> Object:
    """The invoice `draft` would make, finalised as far as amounts go, and not stored."""
    raise NotImplementedError
