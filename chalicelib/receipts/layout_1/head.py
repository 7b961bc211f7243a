"""The upper part of the first page: brand, sum, who paid whom."""

from typing import TYPE_CHECKING, Final

from chalicelib.receipts import words
from chalicelib.receipts.layout_1 import style
from chalicelib.receipts.layout_1.style import BODY, INK, LEADING, LEFT, MUTED, RIGHT, SMALL
from chalicelib.receipts.receipt import Receipt, Status

if TYPE_CHECKING:
    from chalicelib.receipts.pdf import Sheet

LOGO_TOP: Final = 42.0
LOGO_HEIGHT: Final = 34.0
LOGO_WIDTH: Final = 200.0
BLOCKS_TOP: Final = 203.0
COLUMNS: Final = (LEFT, 214.0, 386.0)
COLUMN_WIDTHS: Final = (144.0, 158.0)
LABEL: Final = 38.0

GOOD: Final = ("#14713f", "#e4f4ea")
CARE: Final = ("#8a4b00", "#fdf0dc")
QUIET: Final = ("#4d525c", "#eeeeeb")
SHADES: Final = {
    Status.PAID: GOOD,
    Status.PAID_OUTSIDE: GOOD,
    Status.NO_PAYMENT_DUE: QUIET,
    Status.PARTLY_REFUNDED: CARE,
    Status.REFUNDED: QUIET,
}


def draw(sheet: "Sheet", receipt: Receipt, logo: bytes | None) -> float:
    """Draw the upper part and give the y it ends at."""
    sheet.box(0, 0, sheet.width, 5, style.brand(receipt.merchant.colour))
    _brand(sheet, receipt, logo)
    with sheet.part("H1"):
        style.right(sheet, RIGHT, 59, "Receipt", 20, INK, bold=True)
    with sheet.part("P"):
        style.right(sheet, RIGHT, 75, receipt.number, BODY, MUTED)
    with sheet.part("P"):
        sheet.text(LEFT - 1, 134, words.amount(receipt, receipt.amount_paid), 30, INK, bold=True)
    _status(sheet, receipt)
    sheet.rule(LEFT, 180, style.WIDTH, style.HAIRLINE)
    return max(_from(sheet, receipt), _to(sheet, receipt), _payment(sheet, receipt))


def _brand(sheet: "Sheet", receipt: Receipt, logo: bytes | None) -> None:
    name = receipt.merchant.name
    if logo and sheet.picture(logo, LEFT, LOGO_TOP, LOGO_WIDTH, LOGO_HEIGHT, f"{name} logo"):
        return
    colour = style.brand(receipt.merchant.colour)
    initial = sheet.clean(name)[:1].upper()
    sheet.box(LEFT, LOGO_TOP, LOGO_HEIGHT, LOGO_HEIGHT, colour, radius=9)
    middle = LEFT + (LOGO_HEIGHT - sheet.measure(initial, 17, bold=True)) / 2
    with sheet.decoration():
        sheet.text(middle, LOGO_TOP + 23.2, initial, 17, style.on(colour), bold=True)
    with sheet.part("P"):
        shown = style.wrap(sheet, name, 240, 13, limit=1, bold=True)
        sheet.text(LEFT + LOGO_HEIGHT + 11, LOGO_TOP + 21.7, "".join(shown), 13, INK, bold=True)


def _status(sheet: "Sheet", receipt: Receipt) -> None:
    ink, paper = SHADES[receipt.status]
    width = sheet.measure(receipt.status, SMALL, bold=True) + 18
    sheet.box(LEFT, 147, width, 18, paper, radius=8.9)
    with sheet.part("P"):
        sheet.text(LEFT + 9, 159.1, receipt.status, SMALL, ink, bold=True)
        room = RIGHT - LEFT - width - 8
        line = style.wrap(sheet, words.headline(receipt), room, BODY, limit=1)
        sheet.text(LEFT + width + 8, 159.4, "".join(line), BODY, MUTED)


def _from(sheet: "Sheet", receipt: Receipt) -> float:
    seller = receipt.merchant
    lines = [*seller.address]
    if seller.tax_id:
        lines.append(f"Tax ID {seller.tax_id}")
    if seller.support_email:
        lines.append(seller.support_email)
    return _block(sheet, 0, "From", seller.name, lines)


def _to(sheet: "Sheet", receipt: Receipt) -> float:
    buyer = receipt.customer
    lines = [*buyer.address, *buyer.tax_ids]
    if buyer.email:
        lines.insert(0, buyer.email)
    name = buyer.name or (lines.pop(0) if lines else "Not given")
    return _block(sheet, 1, "Billed to", name, lines)


def _block(sheet: "Sheet", column: int, label: str, name: str, lines: list[str]) -> float:
    x, width = COLUMNS[column], COLUMN_WIDTHS[column]
    y = _label(sheet, x, label)
    with sheet.part("P"):
        y = _paragraph(sheet, x, y, name, width, INK, limit=4, bold=True)
    with sheet.part("P"):
        for line in lines:
            y = _paragraph(sheet, x, y, line, width, MUTED, limit=3)
    return y


def _payment(sheet: "Sheet", receipt: Receipt) -> float:
    x = COLUMNS[2]
    y = _label(sheet, x, "Payment")
    for label, value in words.facts(receipt):
        # Labels of the merchant's own fields may be longer than ours.
        indent = max(LABEL, min(sheet.measure(label, BODY), 80.0)) + 10
        with sheet.part("P"):
            below = _paragraph(sheet, x, y, label, indent, MUTED, limit=2)
            y = max(below, _paragraph(sheet, x + indent, y, value, RIGHT - x - indent, INK, limit=3))
    return y


def _label(sheet: "Sheet", x: float, label: str) -> float:
    with sheet.part("H2"):
        sheet.text(x, BLOCKS_TOP, label, SMALL, MUTED)
    return BLOCKS_TOP + LEADING + 2


def _paragraph(
    sheet: "Sheet", x: float, y: float, text: str, width: float, colour: str, limit: int, bold: bool = False
) -> float:
    for line in style.wrap(sheet, text, width, BODY, limit, bold):
        sheet.text(x, y, line, BODY, colour, bold)
        y += LEADING
    return y
