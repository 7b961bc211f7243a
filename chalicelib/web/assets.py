"""Style, script and the merchant's colour, served with a version in the path so that browsers keep them for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path

from chalicelib.errors import NotFound
from chalicelib.settings.merchant import Settings

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def content(name: str, settings: Settings) -> tuple[bytes, str]:
    """Bytes and media type of one asset. Raises NotFound for any name that is not one of ours."""
    if name == "brand.css":
        return brand_css(settings.brand.colour), TYPES[".css"]
    if name not in _names():
        raise NotFound
    return _file(name), TYPES[Path(name).suffix]


def version(name: str, settings: Settings) -> str:
    """Twelve characters that change whenever the asset does."""
    return hashlib.sha256(content(name, settings)[0]).hexdigest()[:12]


def brand_css(colour: str) -> bytes:
    """The merchant's colour as a style sheet, with the readable text colour on it (WCAG 2.2, 1.4.3)."""
    return f":root{{--brand:{colour};--on-brand:{readable_on(colour)}}}".encode()


def readable_on(colour: str) -> str:
    """Black or white, whichever contrasts more with `colour` (#rrggbb), by WCAG relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#fff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(p.name for p in FOLDER.iterdir() if p.suffix in TYPES)


@lru_cache(maxsize=16)
def _file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
