"""What stands under the lines: the sums at the right, the notes across the page."""

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from chalicelib.receipts import words
from chalicelib.receipts.layout_1 import style
from chalicelib.receipts.layout_1.style import BODY, INK, LEFT, MUTED, RIGHT, SMALL, TIGHT
from chalicelib.receipts.receipt import Receipt

if TYPE_CHECKING:
    from chalicelib.receipts.pdf import Sheet

EDGE: Final = 290.0
GAP: Final = 22.0
HEIGHT: Final = 16.0
STRONG_GAP: Final = 7.0
NOTES_GAP: Final = 24.0
DESCENT: Final = 4.0


class Row(Struct, frozen=True):
    """One sum with its label set in lines; a strong one is a little larger, below a hairline."""

    label: list[str]
    amount: str
    size: float
    strong: bool

    @property
    def above(self) -> float:
        """From the baseline above to its own first one."""
        return HEIGHT + STRONG_GAP * self.strong

    @property
    def height(self) -> float:
        """From the baseline above to its own last one."""
        return self.above + TIGHT * (len(self.label) - 1)


class Tail(Struct, frozen=True):
    """All that follows the last line and stays together with it."""

    rows: list[Row]
    notes: list[str]

    @property
    def height(self) -> float:
        """From the last line's hairline to below the last baseline."""
        notes = NOTES_GAP + TIGHT * (len(self.notes) - 1) if self.notes else 0
        return GAP - self.rows[0].above + sum(row.height for row in self.rows) + notes + DESCENT


def measure(sheet: "Sheet", receipt: Receipt) -> Tail:
    """Set sums and notes; nothing is drawn."""
    notes = [line for note in receipt.notes for line in style.wrap(sheet, note, style.WIDTH, SMALL, limit=6)]
    return Tail([_set(sheet, row) for row in words.sums(receipt)], notes)


def _set(sheet: "Sheet", row: words.Sum) -> Row:
    size = BODY + 0.5 * row.strong
    room = RIGHT - EDGE - sheet.measure(row.amount, size, row.strong) - 12
    return Row(style.wrap(sheet, row.label, room, size, 3, row.strong), row.amount, size, row.strong)


def draw(sheet: "Sheet", tail: Tail, y: float) -> None:
    """Draw sums and notes below the hairline at y."""
    y += GAP - tail.rows[0].above
    for row in tail.rows:
        if row.strong and row is not tail.rows[0]:
            sheet.rule(EDGE, y + 7, RIGHT - EDGE, style.HAIRLINE)
        _draw_row(sheet, row, y + row.above)
        y += row.height
    if tail.notes:
        with sheet.part("P"):
            for at, line in enumerate(tail.notes):
                sheet.text(LEFT, y + NOTES_GAP + at * TIGHT, line, SMALL, MUTED)


def _draw_row(sheet: "Sheet", row: Row, y: float) -> None:
    with sheet.part("P"):
        for at, line in enumerate(row.label):
            sheet.text(EDGE, y + at * TIGHT, line, row.size, INK if row.strong else MUTED, row.strong)
        style.right(sheet, RIGHT, y, row.amount, row.size, INK, row.strong)
