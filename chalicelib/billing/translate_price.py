"""Prices, taxes and discounts, and the marks a merchant puts on subscriptions and prices."""

from collections.abc import Mapping, Sequence

from chalicelib.billing.facts_price import Discount, Price, TaxRate
from chalicelib.billing.translate_json import Json, at, decimal, moment, number, part, ref, text, written, yes

MARKS = {"plan", "subscription"}


def price(data: Json, names: Mapping[str, str]) -> Price:
    """A price with its product's name, or the product's id. https://docs.stripe.com/api/prices/object"""
    product = ref(data, "product")
    return Price(
        id=text(data, "id"),
        name=text(data, "product", "name") or names.get(product, "") or product,
        currency=text(data, "currency"),
        unit_amount=flat(data),
        interval=text(data, "recurring", "interval") or None,
        interval_count=interval_count(data),
        metered=text(data, "recurring", "usage_type") == "metered",
        product=product,
    )


def flat(data: Json) -> int | None:
    """Price of one unit, or None where quantity times unit would not be the sum: tiers and packages."""
    if text(data, "billing_scheme") == "tiered" or part(data, "transform_quantity"):
        return None
    return number(data, "unit_amount")


def interval_count(data: Json) -> int:
    """Intervals between two bills of a price; Stripe allows three years at most, which is 1095 days."""
    count = number(data, "recurring", "interval_count") or 1
    return count if 1 <= count <= 1095 else 1


def times(unit: int | None, quantity: int | None) -> int | None:
    """Unit price times quantity; a price without quantity counts once."""
    return None if unit is None else unit * (1 if quantity is None else quantity)


def tax_rate(data: Json) -> TaxRate:
    """A tax rate; automatic tax states the rate it really used apart. https://docs.stripe.com/api/tax_rates/object"""
    percentage = decimal(data, "effective_percentage")
    if percentage is None:
        percentage = decimal(data, "percentage")
    unknown = percentage is None or not 0 <= percentage <= 100 or part(data, "flat_amount")
    shown = "" if unknown or percentage is None else f"{percentage.normalize():f}"
    return TaxRate(name=text(data, "display_name") or "Tax", percentage=shown, inclusive=yes(data, "inclusive"))


def discounts(data: Json) -> tuple[Discount, ...]:
    """Running discounts; one that came as a bare id is still there, without its figures."""
    listed = at(data, "discounts")
    found = listed if isinstance(listed, list | tuple) else ()
    return tuple(_discount(row if isinstance(row, Mapping) else {}) for row in found)


def coupon_name(discount: Json) -> str:
    """What a discount is called on a bill. https://docs.stripe.com/api/discounts/object"""
    return text(discount, "source", "coupon", "name") or "Discount"


def _discount(data: Json) -> Discount:
    percent = decimal(data, "source", "coupon", "percent_off")
    return Discount(
        name=coupon_name(data),
        percent_off=None if percent is None else float(percent),
        amount_off=number(data, "source", "coupon", "amount_off"),
        currency=text(data, "source", "coupon", "currency"),
        ends=moment(data, "end"),
    )


def mark_of(data: Json, items: Sequence[Json]) -> tuple[str, int | None]:
    """The merchant's explicit mark and number of instalments: the subscription's word before its prices'."""
    owners = (data, *(part(row, "price") for row in items))
    said = [(text(owner, "metadata", "tillkey").strip().lower(), _count(owner)) for owner in owners]
    marks = [word if word in MARKS else "plan" for word, count in said if word in MARKS or count]
    mark = marks[0] if marks else ""
    counts = [count for _, count in said if count]
    return mark, counts[0] if counts and mark == "plan" else None


def _count(owner: Json) -> int | None:
    return written(owner, 4, "metadata", "installments") or None
