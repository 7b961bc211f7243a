"""What Northlight Studio sells."""

from dataclasses import dataclass

PRODUCTS = {
    "membership": "Studio Membership",
    "presets": "Lightroom Presets Club",
    "archive": "Print Archive",
    "critique": "Weekly Critique Circle",
    "masterclass": "Portrait Masterclass",
    "season": "Mentoring Season",
    "pack": "Travel Preset Pack",
    "print": "Fine Art Print",
    "book": "Harbour Light, the photo book",
}


@dataclass(frozen=True)
class Price:
    """An amount in minor units; `interval` is empty for what is sold once."""

    product: str
    amount: int
    interval: str = ""
    currency: str = "gbp"


PRICES = {
    "membership": Price("membership", 4900, "month"),
    "membership yearly": Price("membership", 49000, "year"),
    "membership yen": Price("membership", 7400, "month", "jpy"),
    "membership euro": Price("membership", 5500, "month", "eur"),
    "presets": Price("presets", 900, "month"),
    "archive": Price("archive", 1200, "month"),
    "critique": Price("critique", 650, "week"),
    "masterclass": Price("masterclass", 19900, "month"),
    "season": Price("season", 8500, "month"),
    "pack": Price("pack", 3900),
    "print": Price("print", 12000),
    "book": Price("book", 4500),
    "pack yen": Price("pack", 5800, currency="jpy"),
}
