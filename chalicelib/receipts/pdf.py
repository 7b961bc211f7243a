"""Receipts on paper: the sheet a layout draws on, and nothing else knows fpdf2.

The bytes depend on the receipt and the logo alone: fpdf2's clock is set to the day of issue, and its file id is
a hash of the content. Fonts come pre-cut (`fonts/`), so a document carries only the letters it uses.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import normalize
from urllib.parse import quote

from chalicelib.receipts import layout_1
from chalicelib.receipts.printable import printable
from chalicelib.receipts.receipt import Receipt

if TYPE_CHECKING:
    from PIL.Image import Image

FONTS: Final = Path(__file__).parent / "fonts"
LAYOUTS: Final[dict[int, Callable[["Sheet", Receipt, bytes | None], None]]] = {1: layout_1.draw}
LOGO_PIXELS: Final = (720, 288)


class UnknownLayout(LookupError):
    """A record asks for a layout this release does not have: it was issued by a newer one."""


def draw(receipt: Receipt, logo: bytes | None) -> bytes:
    """The receipt as a PDF (A4), the same bytes for the same receipt and logo on every call.

    `logo` is a PNG or JPEG file; one that cannot be read is left out. Raises UnknownLayout.
    """
    layout = LAYOUTS.get(receipt.layout_version)
    if layout is None:
        raise UnknownLayout(f"layout {receipt.layout_version}")
    sheet = Sheet(receipt)
    layout(sheet, receipt, logo)
    return sheet.finish()


class Sheet:
    """An A4 document measured in points from the top left, with two weights of one typeface."""

    width: Final = 595.28
    height: Final = 841.89

    def __init__(self, receipt: Receipt) -> None:
        from fpdf import FPDF
        from fpdf.enums import ResourceAccessPolicy
        from fpdf.prefs import ViewerPreferences

        self._pdf = FPDF(unit="pt", format="A4")
        self._pdf.resource_access_policy = ResourceAccessPolicy.NONE
        self._pdf.set_auto_page_break(False)
        self._pdf.set_display_mode("fullpage")
        self._load_fonts("wide" if _needs_wide_font(receipt) else "basic")
        self._pdf.set_title(self.clean(f"Receipt {receipt.number} – {receipt.merchant.name}"))
        self._pdf.set_author(self.clean(receipt.merchant.name))
        self._pdf.set_creator("Tillkey")
        self._pdf.set_producer("Tillkey")
        self._pdf.set_lang("en")
        self._pdf.set_creation_date(datetime.fromtimestamp(receipt.issued_at, UTC))
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def _load_fonts(self, characters: str) -> None:
        from fontTools.ttLib import TTFont

        self._known: set[int] = set()
        for key, prepared in _fonts(characters).items():
            font = copy.deepcopy(prepared)
            # Cutting changes this part; it is read as far as it is needed only. The boxes in our files are right.
            font.ttfont = TTFont(font.ttffile, recalcTimestamp=False, recalcBBoxes=False, lazy=True)
            self._pdf.fonts[key] = font
            self._known |= font.cmap.keys()

    def add_page(self) -> None:
        """Start a page."""
        self._pdf.add_page()

    def clean(self, text: str) -> str:
        """The text as it will print."""
        return printable(text, self._known)

    def measure(self, text: str, size: float, bold: bool = False) -> float:
        """The width of a text in points."""
        return float(self._pdf.fonts["interB" if bold else "inter"].get_text_width(self.clean(text), size, None)[1])

    def text(self, x: float, y: float, text: str, size: float, colour: str, bold: bool = False) -> None:
        """Print one line; `y` is its baseline."""
        self._pdf.set_font("inter", "B" if bold else "", size)
        self._pdf.set_text_color(colour)
        self._pdf.text(x, y, self.clean(text))

    def rule(self, x: float, y: float, width: float, colour: str) -> None:
        """A hairline, which screen readers pass over."""
        self.box(x, y - 0.25, width, 0.5, colour)

    def box(self, x: float, y: float, width: float, height: float, colour: str, radius: float = 0) -> None:
        """A filled box, which screen readers pass over."""
        with self.decoration():
            self._pdf.set_fill_color(colour)
            self._pdf.rect(x, y, width, height, style="F", round_corners=radius > 0, corner_radius=radius)

    def picture(self, image: bytes, x: float, y: float, width: float, height: float, alt: str) -> bool:
        """Fit a PNG or JPEG into the box, at its left edge. False, and nothing drawn, if it cannot be read."""
        picture = _read(image)
        if picture is None:
            return False
        scale = min(width / picture.width, height / picture.height)
        fitted = picture.width * scale, picture.height * scale
        self._pdf.image(picture, x, y + (height - fitted[1]) / 2, *fitted, alt_text=self.clean(alt))
        return True

    def mail_link(self, x: float, y: float, width: float, height: float, address: str) -> None:
        """Make the area open a mail to the address: the only kind of link a receipt has."""
        target = quote(self.clean(address), safe="@+")
        self._pdf.link(x, y, width, height, f"mailto:{target}", alt_text=f"Write to {target}")

    @contextmanager
    def decoration(self) -> Iterator[None]:
        """What is drawn inside says nothing that needs to be read out."""
        self._pdf._out("/Artifact BMC")
        yield
        self._pdf._out("EMC")

    @contextmanager
    def part(self, kind: str) -> Iterator[None]:
        """What is drawn inside is one element for screen readers: "H1", "H2" or "P" (ISO 32000-1, 14.8.4)."""
        page = self._pdf.page
        number = self._pdf.struct_builder.next_mcid_for_page(page)
        _, parents = self._pdf.struct_builder.add_marked_content(page, f"/{kind}", number)
        self._pdf.pages[page].struct_parents = parents
        self._pdf._out(f"/{kind} <</MCID {number}>> BDC")
        yield
        self._pdf._out("EMC")

    def finish(self) -> bytes:
        """The whole document."""
        return bytes(self._pdf.output())


@lru_cache
def _fonts(characters: str) -> dict[str, Any]:
    """Both weights, read once; a copy is taken for each document, for it notes there which letters are used."""
    from fpdf import FPDF

    pdf = FPDF()
    for style, weight in (("", "regular"), ("B", "semibold")):
        pdf.add_font("inter", style, FONTS / f"inter-{characters}-{weight}.ttf")
    return dict(pdf.fonts)


def _needs_wide_font(receipt: Receipt) -> bool:
    # A record shows every text it holds. Below are Latin-1 letters, above only signs both fonts have.
    return any(0xFF < ord(character) < 0x2000 for character in normalize("NFC", repr(receipt)))


def _read(image: bytes) -> "Image | None":
    from PIL import Image

    try:
        with Image.open(BytesIO(image), formats=("PNG", "JPEG")) as picture:
            picture.thumbnail(LOGO_PIXELS)
            return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
