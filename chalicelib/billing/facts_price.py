"""What Stripe says of prices, taxes and discounts. Units as in `facts.py`."""

from msgspec import Struct


class TaxRate(Struct, frozen=True):
    """A tax as shown to people: `percentage` is decimal text ("20", "7.7")."""

    name: str
    percentage: str
    inclusive: bool


class Discount(Struct, frozen=True):
    """A running discount; `ends` is None when it lasts."""

    name: str
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str = ""
    ends: int | None = None


class Price(Struct, frozen=True):
    """A price with its product's name. `unit_amount` is None for tiers; `interval` is None for one-off prices."""

    id: str
    name: str
    currency: str
    unit_amount: int | None
    interval: str | None = None
    interval_count: int = 1
    metered: bool = False
    product: str = ""
