"""The local stack's merchant: settings read from `settings.local.yaml`, stored where the portal looks for them."""

from pathlib import Path

from msgspec.structs import replace

from chalicelib import wiring
from chalicelib.errors import NotConfigured
from chalicelib.settings.merchant import Settings
from ops import settings_file

FILE = Path(__file__).resolve().parent.parent / "settings.local.yaml"


def read(public_url: str, file: Path = FILE) -> Settings:
    """The merchant's settings, with the portal's address filled in. Raises ops' Trouble for what is wrong with them."""
    return settings_file.read(file, public_url, wiring.portal().vault.put)


def seed(public_url: str) -> Settings:
    """Store the file's settings if there are none yet; later changes stay, but for where the portal listens."""
    store = wiring.portal().settings_store
    try:
        settings = replace(store.read(), public_url=public_url)
    except NotConfigured:
        settings = read(public_url)
    store.write(settings)
    return settings
