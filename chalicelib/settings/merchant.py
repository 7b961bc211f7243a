"""What the merchant decides: brand, company, what customers may do. Defaults and validation."""

import re
from dataclasses import dataclass, field

LOGO_KEY = re.compile(r"brand/[0-9a-f]{16}\.(png|jpg)")
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Company:
    """Who the customer bought from, as printed on pages, mails and receipts."""

    name: str
    support_email: str
    address: tuple[str, ...] = ()
    tax_id: str = ""
    support_phone: str = ""


@dataclass(frozen=True)
class Brand:
    """The merchant's one colour (`#rrggbb`) and logo (its key in the vault, see `logo.py`; empty for a letter)."""

    colour: str = "#4f46e5"
    logo: str = ""

    def __post_init__(self) -> None:
        if not HEX_COLOUR.fullmatch(self.colour):
            raise ValueError("brand.colour must look like #4f46e5")
        if self.logo and not LOGO_KEY.fullmatch(self.logo):
            raise ValueError("brand.logo must be a key made by settings.logo.key_of")


@dataclass(frozen=True)
class Settings:
    """All merchant settings of one stack. `public_url` is the origin and prefix every link starts with."""

    company: Company
    public_url: str
    brand: Brand = field(default_factory=Brand)
    self_cancel: bool = True
    charge_overdue_on_card_change: bool = True
    ending_schedules_are_plans: bool = False
    refund_policy: str = "Payments already made aren’t refunded automatically. Ask us if you think one should be."
    locale: str = "en"
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https?://[^\s?#]+", self.public_url) or self.public_url.endswith("/"):
            raise ValueError("public_url must be an http(s) address without a slash at its end")
