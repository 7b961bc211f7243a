"""What a price comes to, and how Stripe writes that on an invoice line."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from local.stripe.billing_money.currencies import written
from local.stripe.store import Object, World


def amount(price: Object, quantity: int) -> int:
    """Minor units for so many of a price."""
    return int((Decimal(price["unit_amount_decimal"]) * quantity).quantize(Decimal(1), ROUND_HALF_UP))


def described(world: World, item: Object) -> str:
    """What is sold and for how much, such as `1 × Pro (at £12.00 / month)`."""
    price = item["price"]
    recurring = price["recurring"]
    count, interval = recurring["interval_count"], recurring["interval"]
    rhythm = interval if count == 1 else f"every {count} {interval}s"
    each = written(price["unit_amount"] or amount(price, 1), price["currency"])
    return f"{item['quantity']} × {product_name(world, price)} (at {each} / {rhythm})"


def product_name(world: World, price: Object) -> str:
    """The name on the invoice."""
    return str(world.objects[price["product"]].get("name", "Deleted product"))
