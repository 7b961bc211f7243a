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
    company = plain.pop("company")
    company["address"] = tuple(company.get("address", ()))
    return Settings(company=Company(**company), brand=Brand(**plain.pop("brand")), public_url=public_url, **plain)


def store(settings: Settings) -> None:
    """Put the settings into the stack's table."""
    parts = wiring.portal()
    if not hasattr(parts, "settings_store"):  # until the settings room has its store
        parts.settings = lambda: settings  # type: ignore[method-assign]
        return
    parts.settings_store.seed(settings)
