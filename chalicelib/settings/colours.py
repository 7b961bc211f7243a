"""The merchant's one colour in shades that everybody can read, in light and dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

from msgspec import Struct

TEXT = 4.5
SHAPE = 3.0
TOO_CLOSE = 1.3
STEPS = 50


class Theme(Struct, frozen=True):
    """The neutral colours of `portal.css` that brand shades meet: grounds they lie on, and the ink of text."""

    surface: str
    page: str
    quiet: str
    ink: str
    tint: float


LIGHT = Theme(surface="#ffffff", page="#f6f6f4", quiet="#ebebe7", ink="#1b1d22", tint=0.07)
DARK = Theme(surface="#1c1e22", page="#131417", quiet="#2d3037", ink="#eceef2", tint=0.12)


def shades(colour: str, theme: Theme) -> dict[str, str]:
    """Custom properties for one theme: fills as close to the brand as can be seen, text and edges as can be read.

    A colour that vanishes on the surface (white in light, black in dark) gives way to the theme's ink.
    """
    fill = colour if contrast(colour, theme.surface) >= TOO_CLOSE else theme.ink
    on = readable_on(fill)
    tint = mix(theme.surface, fill, theme.tint)
    grounds = [theme.surface, theme.page, theme.quiet, tint]
    return {
        "--brand": fill,
        "--on-brand": on,
        "--brand-pressed": mix(fill, "#000000" if on == "#ffffff" else "#ffffff", 0.14),
        "--brand-text": _towards(theme.ink, fill, grounds, TEXT),
        "--brand-edge": _towards(theme.ink, fill, grounds, SHAPE),
        "--brand-tint": tint,
    }


def readable_on(colour: str) -> str:
    """Black or white, whichever contrasts more with `colour` (#rrggbb). Never below 4.5:1."""
    return "#ffffff" if contrast("#ffffff", colour) >= contrast("#000000", colour) else "#000000"


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(base: str, added: str, share: float) -> str:
    """`base` with a share (0 to 1) of `added`."""
    pairs = zip(_channels(base), _channels(added), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _towards(ink: str, colour: str, grounds: list[str], least: float) -> str:
    """The first mixture on the way from the colour to the ink that contrasts enough with every ground."""
    mixtures = (mix(colour, ink, step / STEPS) for step in range(STEPS))
    return next((m for m in mixtures if all(contrast(m, ground) >= least for ground in grounds)), ink)


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
