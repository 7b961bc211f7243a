"""What Stripe says of prices, taxes and discounts. Units as in `facts.py`."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TaxRate:
    """A tax as shown to people: `percentage` is decimal text ("20", "7.7")."""

    name: str
    percentage: str
    inclusive: bool


@dataclass(frozen=True)
class Discount:
    """A running discount; `ends` is None when it lasts."""

    name: str
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str = ""
    ends: int | None = None


@dataclass(frozen=True)
class Price:
    """A price with its product's name. `unit_amount` is None for tiers; `interval` is None for one-off prices."""

    id: str
    name: str
    currency: str
    unit_amount: int | None
    interval: str | None = None
    interval_count: int = 1
    metered: bool = False
    # not in repr: previews stored before it was known still fit (`next_amount.inputs_fingerprint`)
    product: str = field(default="", repr=False)
