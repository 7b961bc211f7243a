"""The local stack's merchant: settings read from `settings.local.yaml`, stored where the portal looks for them."""

from pathlib import Path
from typing import Any

import yaml

from chalicelib import wiring
from chalicelib.settings.merchant import Brand, Company, Settings

FILE = Path(__file__).resolve().parent.parent / "settings.local.yaml"


def read(public_url: str, file: Path = FILE) -> Settings:
    """The merchant's settings, with the portal's address filled in. Raises TypeError for a name there is none of."""
    plain: dict[str, Any] = yaml.safe_load(file.read_text())
    company = Company(**{**plain.pop("company"), "address": tuple(plain["company"]["address"])})
    return Settings(company=company, brand=Brand(**plain.pop("brand")), public_url=public_url, **plain)


def store(settings: Settings) -> None:
    """Put the settings into the stack's table."""
    wiring.portal().settings_store.seed(settings)
