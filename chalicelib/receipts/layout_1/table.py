"""The lines of a receipt as a table whose columns are as wide as its widest amounts."""

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from chalicelib.receipts import words
from chalicelib.receipts.layout_1 import style
from chalicelib.receipts.layout_1.style import BODY, HAIRLINE, INK, LEADING, LEFT, MUTED, RIGHT, SMALL, TIGHT, WIDTH
from chalicelib.receipts.receipt import Line, Receipt

if TYPE_CHECKING:
    from chalicelib.receipts.pdf import Sheet

HEAD: Final = 24.0
PADDING: Final = 7.5
GAP: Final = 26.0
NARROWEST_DESCRIPTION: Final = 140.0
TITLES: Final = ("Qty", "Unit price", "Amount")


class Row(Struct, frozen=True):
    """A line set for its column: wrapped text and the three figures beside it."""

    description: list[str]
    remarks: list[str]
    figures: tuple[str, str, str]

    @property
    def height(self) -> float:
        """From its upper hairline to its lower one."""
        return 2 * PADDING + LEADING * len(self.description) + TIGHT * len(self.remarks) - 3


class Table(Struct, frozen=True):
    """Rows, and the x at which each of the three figure columns ends."""

    rows: list[Row]
    edges: tuple[float, float, float]


def measure(sheet: "Sheet", receipt: Receipt) -> Table:
    """Set every line; nothing is drawn."""
    figures = [_figures(receipt, line) for line in receipt.lines]
    widths = [_widest(sheet, title, [each[at] for each in figures]) for at, title in enumerate(TITLES)]
    price_edge = RIGHT - widths[2] - GAP
    quantity_edge = price_edge - widths[1] - GAP
    room = max(quantity_edge - widths[0] - GAP - LEFT, NARROWEST_DESCRIPTION)
    rows = [_row(sheet, receipt, line, each, room) for line, each in zip(receipt.lines, figures, strict=True)]
    return Table(rows, (quantity_edge, price_edge, RIGHT))


def _figures(receipt: Receipt, line: Line) -> tuple[str, str, str]:
    unit = "" if line.unit_amount is None else words.amount(receipt, line.unit_amount)
    return words.quantity(line), unit, words.amount(receipt, line.amount)


def _widest(sheet: "Sheet", title: str, texts: list[str]) -> float:
    return max([sheet.measure(title, SMALL), *(sheet.measure(text, BODY) for text in texts)])


def _row(sheet: "Sheet", receipt: Receipt, line: Line, figures: tuple[str, str, str], room: float) -> Row:
    remarks = [part for text in words.remarks(receipt, line) for part in style.wrap(sheet, text, room, SMALL, limit=2)]
    return Row(style.wrap(sheet, line.description, room, BODY, limit=4) or ["—"], remarks, figures)


def draw_head(sheet: "Sheet", table: Table, y: float) -> float:
    """Draw the column titles and give the y below them."""
    with sheet.part("P"):
        sheet.text(LEFT, y + 10, "Description", SMALL, MUTED)
        for edge, title, used in zip(table.edges, TITLES, _used(table), strict=True):
            if used:
                style.right(sheet, edge, y + 10, title, SMALL, MUTED)
    sheet.rule(LEFT, y + HEAD - 4, WIDTH, HAIRLINE)
    return y + HEAD - 4


def _used(table: Table) -> list[bool]:
    return [any(row.figures[at] for row in table.rows) for at in range(len(TITLES))]


def draw_row(sheet: "Sheet", table: Table, row: Row, y: float) -> float:
    """Draw one row with the hairline under it and give the y below."""
    bottom = y + row.height
    baseline = y + PADDING + 9
    with sheet.part("P"):
        for text in row.description:
            sheet.text(LEFT, baseline, text, BODY, INK)
            baseline += LEADING
        for edge, text in zip(table.edges, row.figures, strict=True):
            style.right(sheet, edge, y + PADDING + 9, text, BODY, INK)
        for text in row.remarks:
            sheet.text(LEFT, baseline - 1, text, SMALL, MUTED)
            baseline += TIGHT
    sheet.rule(LEFT, bottom, WIDTH, HAIRLINE)
    return bottom
