"""Invoice lines. https://docs.stripe.com/api/invoice-line-item/object"""

from __future__ import annotations

from collections.abc import Sequence

from local.stripe.store import Object, World


def line(
    world: World,
    *,
    amount: int,
    description: str | None,
    price: Object | None = None,
    quantity: int | None = 1,
    period: tuple[int, int] | None = None,
    tax_rates: Sequence[str] = (),
    discounts: Sequence[str] = (),
    proration: bool = False,
    subscription_item: str | None = None,
) -> Object:
    """A line for `draft` or `preview`, not stored yet. `amount` is for the whole quantity, before discounts.

    `price` is the price object, `tax_rates` and `discounts` are ids of stored objects, `period` epoch seconds
    (default: now). A proration takes no discounts.
    """
    raise NotImplementedError
