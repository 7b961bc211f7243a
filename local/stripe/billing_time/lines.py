"""Invoice lines of subscription items. https://docs.stripe.com/api/invoice-line-item/object"""

from __future__ import annotations

from datetime import UTC, datetime

from local.stripe import billing_money
from local.stripe.billing_time import amounts, discounts
from local.stripe.billing_time.periods import Period, share
from local.stripe.store import Object, World


def of_item(world: World, item: Object, period: Period, whole: Period) -> Object:
    """The line that bills an item for a period ahead; for part of its `whole` period, that share of it."""
    full = amounts.amount(item["price"], item["quantity"])
    return billing_money.line(
        world,
        amount=full if period == whole else share(full, period, whole),
        description=amounts.described(world, item),
        price=item["price"],
        quantity=item["quantity"],
        period=period,
        tax_rates=_tax_rates(item),
        discounts=discounts.running(world, item["discounts"], period[0]),
        subscription_item=item["id"],
    )


def of_trial(world: World, item: Object, period: Period) -> Object:
    """The line, over nothing, of an item on trial."""
    return billing_money.line(
        world,
        amount=0,
        description=f"Trial period for {amounts.product_name(world, item['price'])}",
        price=item["price"],
        quantity=item["quantity"],
        period=period,
        tax_rates=_tax_rates(item),
        subscription_item=item["id"],
    )


def of_proration(world: World, item: Object, rest: Period, whole: Period, sign: int) -> Object:
    """The line that credits (-1) or charges (+1) an item for the rest of a period."""
    word = "Unused" if sign < 0 else "Remaining"
    day = datetime.fromtimestamp(rest[0], UTC).strftime("%d %b %Y")
    name = amounts.product_name(world, item["price"])
    return billing_money.line(
        world,
        amount=sign * share(amounts.amount(item["price"], item["quantity"]), rest, whole),
        description=f"{word} time on {item['quantity']} × {name} after {day}",
        price=item["price"],
        quantity=item["quantity"],
        period=rest,
        tax_rates=_tax_rates(item),
        proration=True,
        subscription_item=item["id"],
    )


def _tax_rates(item: Object) -> list[str]:
    """Its own; without any the subscription's go on, when the invoice is drafted."""
    return [rate["id"] for rate in item["tax_rates"] or ()]
