"""What the merchant decides: brand, company, what customers may do. Defaults and validation."""

import re

from msgspec import Struct, field

from chalicelib import money
from chalicelib.settings import cancelling

LOGO_KEY = re.compile(r"brand/[0-9a-f]{16}\.(png|jpg)")
# A bill longer overdue has been joined by the next one.
FARTHEST_DAY = 60
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Company(Struct, frozen=True):
    """Who the customer bought from, as printed on pages, mails and receipts."""

    name: str
    support_email: str
    address: tuple[str, ...] = ()
    tax_id: str = ""
    support_phone: str = ""


class Brand(Struct, frozen=True):
    """The merchant's one colour (`#rrggbb`) and logo (its key in the vault, see `logo.py`; empty for a letter)."""

    colour: str = "#4f46e5"
    logo: str = ""

    def __post_init__(self) -> None:
        if not HEX_COLOUR.fullmatch(self.colour):
            raise ValueError("brand.colour must look like #4f46e5")
        if self.logo and not LOGO_KEY.fullmatch(self.logo):
            raise ValueError("brand.logo must be a key made by settings.logo.key_of")


class Settings(Struct, frozen=True):
    """All merchant settings of one stack. `public_url` is the origin and prefix every link starts with."""

    company: Company
    public_url: str
    brand: Brand = field(default_factory=Brand)
    self_cancel: bool = True
    cancel_rules: tuple[cancelling.CancelRule, ...] = ()
    cancel_reasons: tuple[cancelling.CancelReason, ...] = cancelling.REASONS
    charge_overdue_on_card_change: bool = True
    payment_failed_days: tuple[int, ...] = (0, 3, 7, 12)
    ending_schedules_are_plans: bool = False
    plan_payoff: bool = True
    plan_payoff_discount: float = 0
    refund_policy: str = "Payments already made aren’t refunded automatically. Ask us if you think one should be."
    locale: str = "en"
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https?://[^\s?#]+", self.public_url) or self.public_url.endswith("/"):
            raise ValueError("public_url must be an http(s) address without a slash at its end")
        if not _is_percentage(self.plan_payoff_discount):
            raise ValueError("plan_payoff_discount must be a percentage from 0 to 100, with two decimals at most")
        if not _are_days(self.payment_failed_days):
            raise ValueError(f"payment_failed_days must be whole numbers from 0 to {FARTHEST_DAY}, in rising order")

    @property
    def date_locale(self) -> str:
        """How pages write dates."""
        return money.date_locale(self.locale)

    def day(self, epoch: int) -> str:
        """The day of a moment (UTC epoch seconds) as pages write it: "14 November 2026"."""
        return money.format_date(epoch, self.date_locale, self.time_zone)


def _is_percentage(given: float) -> bool:
    return type(given) in (int, float) and 0 <= given <= 100 and round(given, 2) == given


def _are_days(given: tuple[int, ...]) -> bool:
    """Days on which a mail goes out; none turn it off."""
    known = isinstance(given, tuple) and all(type(day) is int and 0 <= day <= FARTHEST_DAY for day in given)
    return known and list(given) == sorted(set(given))
