"""Measures (points) and colours of layout 1, and the one thing every part does: set text."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chalicelib.receipts.pdf import Sheet

LEFT: Final = 54.0
RIGHT: Final = 541.28
WIDTH: Final = RIGHT - LEFT
FLOOR: Final = 784.0

BODY: Final = 9.5
SMALL: Final = 8.5
LEADING: Final = 14.0
TIGHT: Final = 12.0
# More characters than any line of ours can hold; the rest of an endless text is never measured.
LONGEST_LINE: Final = 250
# After a space, a hyphen or the @ of an address, but never between the dots and the digits of a card.
BREAK_AFTER: Final = re.compile("(?<=[ @-])(?<!• )")

INK: Final = "#1b1d22"
MUTED: Final = "#5d626d"
HAIRLINE: Final = "#dededa"
WHITE: Final = "#ffffff"
FALLBACK_BRAND: Final = "#4f46e5"


def brand(colour: str) -> str:
    """The merchant's colour, or ours when it is not written as #rrggbb."""
    return colour if re.fullmatch("#[0-9a-fA-F]{6}", colour) else FALLBACK_BRAND


def on(colour: str) -> str:
    """White or ink, whichever reads better on a colour (relative luminance, WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.36 else WHITE


def right(sheet: "Sheet", x: float, y: float, text: str, size: float, colour: str, bold: bool = False) -> None:
    """Print one line that ends at `x`."""
    sheet.text(x - sheet.measure(text, size, bold), y, text, size, colour, bold)


def wrap(sheet: "Sheet", text: str, width: float, size: float, limit: int, bold: bool = False) -> list[str]:
    """Break a text into at most `limit` lines of at most `width`; what is left over ends in an ellipsis."""
    lines = [""]
    for word in BREAK_AFTER.split(sheet.clean(text)[: limit * LONGEST_LINE]):
        for piece in _pieces(sheet, word, width, size, bold):
            if sheet.measure(lines[-1] + piece, size, bold) <= width:
                lines[-1] += piece
            else:
                lines.append(piece)
    if len(lines) > limit:
        lines = [*lines[: limit - 1], _shortened(sheet, lines[limit - 1], width, size, bold)]
    return [line.strip() for line in lines if line.strip()]


def _pieces(sheet: "Sheet", word: str, width: float, size: float, bold: bool) -> list[str]:
    if sheet.measure(word, size, bold) <= width:
        return [word]
    pieces = [""]
    for character in word:
        if sheet.measure(pieces[-1] + character, size, bold) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _shortened(sheet: "Sheet", text: str, width: float, size: float, bold: bool) -> str:
    while text and sheet.measure(f"{text}…", size, bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
