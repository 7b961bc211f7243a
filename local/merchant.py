"""The local stack's merchant: settings read from `settings.local.yaml`, stored where the portal looks for them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from chalicelib import wiring
from chalicelib.errors import NotConfigured
from chalicelib.settings import logo
from chalicelib.settings.merchant import Brand, Company, Settings

FILE = Path(__file__).resolve().parent.parent / "settings.local.yaml"


def read(public_url: str, file: Path = FILE) -> Settings:
    """The merchant's settings, with the portal's address filled in. Raises TypeError for a name there is none of."""
    plain: dict[str, Any] = yaml.safe_load(file.read_text())
    company = plain.pop("company")
    company["address"] = tuple(company.get("address", ()))
    brand = plain.pop("brand")
    if brand.get("logo"):
        brand["logo"] = _store_logo((file.parent / brand["logo"]).read_bytes())
    return Settings(company=Company(**company), brand=Brand(**brand), public_url=public_url, **plain)


def _store_logo(content: bytes) -> str:
    key = logo.key_of(content)
    wiring.portal().vault.put(key, content, logo.media_type(key))
    return key


def seed(public_url: str) -> Settings:
    """Store the file's settings if there are none yet; later changes stay, but for where the portal listens."""
    store = wiring.portal().settings_store
    try:
        settings = replace(store.read(), public_url=public_url)
    except NotConfigured:
        settings = read(public_url)
    store.write(settings)
    return settings
