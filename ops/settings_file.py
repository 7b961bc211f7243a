"""`settings.<stage>.yaml`: what the merchant decides, before it is in the table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from chalicelib.settings import cancelling, logo
from chalicelib.settings.merchant import Brand, Company, Settings
from ops.stage import Trouble

UNNAMED = "Your company"
SKELETON = """\
# What customers of this stage see. Applied by `python -m ops settings {stage}`; every line can be changed later.
company:
  name: {unnamed}
  support_email: {sender}
  address:
    - 1 Example Street
    - Town
    - Country
  tax_id: ""
brand:
  colour: "#4f46e5"
  # logo: a PNG or JPEG file beside this one
# Whether customers may cancel by themselves. The rule of a price or product goes before this switch.
self_cancel: true
# cancel_rules:
#   price_123: allowed
#   price_456: on_request
#   prod_123: {{after_periods: 6}}
#   prod_456: {{from: 2027-01-31}}
# Reasons to choose from; what stands after the colon is Stripe's name for it.
# cancel_reasons:
#   - Too expensive: too_expensive
#   - I’m moving away
# Days after a payment failed on which its customer is reminded, 0 being the moment it did; [] sends no such mails.
payment_failed_days: [0, 3, 7, 12]
# Whether the rest of a payment plan may be paid at once, and what that saves, in percent.
plan_payoff: true
plan_payoff_discount: 0
locale: en
time_zone: UTC
"""
Keep = Callable[[str, bytes, str], None]


def skeleton(stage: str, sender: str) -> str:
    """A file to fill in."""
    return SKELETON.format(stage=stage, sender=sender, unnamed=UNNAMED)


def read(file: Path, public_url: str, keep: Keep) -> Settings:
    """The merchant's settings; a logo is handed to `keep` (key, content, media type).

    Raises Trouble that names what is wrong with the file.
    """
    try:
        plain: dict[str, Any] = yaml.safe_load(file.read_text())
        company, brand = dict(plain.pop("company")), dict(plain.pop("brand", None) or {})
        company["address"] = tuple(company.get("address") or ())
        if brand.get("logo"):
            content = (file.parent / brand["logo"]).read_bytes()
            brand["logo"] = logo.key_of(content)
            keep(brand["logo"], content, logo.media_type(brand["logo"]))
        plain["cancel_rules"] = cancelling.rules(plain.get("cancel_rules"))
        plain["cancel_reasons"] = cancelling.reasons(plain.get("cancel_reasons"))
        if isinstance(plain.get("payment_failed_days"), list):
            plain["payment_failed_days"] = tuple(plain["payment_failed_days"])
        settings = Settings(company=Company(**company), brand=Brand(**brand), public_url=public_url, **plain)
    except FileNotFoundError as error:
        raise Trouble(f"{error.filename} is missing") from error
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Trouble(f"{file.name}: {error}") from error
    if settings.company.name == UNNAMED:
        raise Trouble(f"{file.name}: give your company its name, then run this again")
    return settings
