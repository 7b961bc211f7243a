"""Style, script and the merchant's colour, served with a version in the path so that browsers keep them for a year."""

import hashlib
from functools import lru_cache
from html import escape
from pathlib import Path

from chalicelib.errors import NotFound
from chalicelib.settings import colours
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
    if name == "icon.svg":
        return icon_svg(settings.company.name, settings.brand.colour), TYPES[".svg"]
    if name not in _names():
        raise NotFound
    return _file(name), TYPES[Path(name).suffix]


def version(name: str, settings: Settings) -> str:
    """Twelve characters that change whenever the asset does."""
    return hashlib.sha256(content(name, settings)[0]).hexdigest()[:12]


@lru_cache(maxsize=8)
def brand_css(colour: str) -> bytes:
    """The merchant's colour as custom properties, in shades that stay readable in light and dark."""
    light = _rule(colours.shades(colour, colours.LIGHT))
    dark = _rule(colours.shades(colour, colours.DARK))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}@media print{{{light}}}".encode()


@lru_cache(maxsize=8)
def icon_svg(name: str, colour: str) -> bytes:
    """The browser tab's icon: the merchant's first letter on their colour."""
    letter = escape((name.strip() or "?")[0].upper())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="8" fill="{colour}"/>'
        f'<text x="16" y="22.5" text-anchor="middle" font-family="system-ui,sans-serif" font-size="18" '
        f'font-weight="700" fill="{colours.readable_on(colour)}">{letter}</text></svg>'
    ).encode()


def _rule(properties: dict[str, str]) -> str:
    return ":root{" + ";".join(f"{name}:{value}" for name, value in properties.items()) + "}"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(p.name for p in FOLDER.iterdir() if p.suffix in TYPES)


@lru_cache(maxsize=16)
def _file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
