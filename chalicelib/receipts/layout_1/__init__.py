"""Layout 1. Receipts already issued redraw with it byte for byte, so a change of looks is a new layout."""

from typing import TYPE_CHECKING, Final

from chalicelib.receipts import words
from chalicelib.receipts.layout_1 import head, style, table
from chalicelib.receipts.layout_1.style import BODY, FLOOR, INK, LEADING, LEFT, MUTED, RIGHT, SMALL, TIGHT
from chalicelib.receipts.receipt import Receipt
from chalicelib.receipts.words import Sum

if TYPE_CHECKING:
    from chalicelib.receipts.pdf import Sheet

NEXT_PAGE_TOP: Final = 92.0
SUMS_LEFT: Final = 300.0
SUM_HEIGHT: Final = 16.0
STRONG_GAP: Final = 7.0
NOTES_GAP: Final = 24.0
DESCENT: Final = 4.0
SUM_GAP: Final = 22.0
FOOT: Final = 812.0
QUESTIONS: Final = "Questions about this payment? Write to"
QUESTIONS_WIDTH: Final = 400.0


def draw(sheet: "Sheet", receipt: Receipt, logo: bytes | None) -> None:
    """Draw the whole receipt: lines flow over pages, a line and the sums are never cut in two."""
    sheet.add_page()
    y = head.draw(sheet, receipt, logo) + 22
    rows = table.measure(sheet, receipt)
    sums, notes = words.sums(receipt), _notes(sheet, receipt)
    heights = [row.height for row in rows.rows]
    pages = break_pages(heights, FLOOR - y - table.HEAD, _tail(sums, notes))
    for number, page in enumerate(pages, start=1):
        if number > 1:
            sheet.add_page()
            y = _continue(sheet, receipt)
        if page:
            y = table.draw_head(sheet, rows, y)
        for index in page:
            y = table.draw_row(sheet, rows, rows.rows[index], y)
        if number == len(pages):
            _draw_notes(sheet, notes, _draw_sums(sheet, sums, y))
        _foot(sheet, receipt, number, len(pages))


def break_pages(heights: list[float], first_room: float, tail: float) -> list[list[int]]:
    """Deal rows out to pages by height, the sums (`tail`) going with the last ones; a page may hold sums only."""
    room, pages = first_room, [[]]  # type: float, list[list[int]]
    full = FLOOR - NEXT_PAGE_TOP - table.HEAD
    for index, height in enumerate(heights):
        if height > room:
            pages.append([])
            room = full
        pages[-1].append(index)
        room -= height
    if tail > room:
        # The last row comes along, so that the sums never stand under an empty table.
        pages.append([pages[-1].pop()] if len(pages[-1]) > 1 else [])
    return pages


def _continue(sheet: "Sheet", receipt: Receipt) -> float:
    sheet.box(0, 0, sheet.width, 5, style.brand(receipt.merchant.colour))
    with sheet.part("P"):
        name = style.wrap(sheet, receipt.merchant.name, 280, BODY, limit=1, bold=True)
        sheet.text(LEFT, 54, "".join(name), BODY, INK, bold=True)
        style.right(sheet, RIGHT, 54, f"Receipt {receipt.number}, continued", BODY, MUTED)
    return NEXT_PAGE_TOP


def _draw_sums(sheet: "Sheet", sums: list[Sum], y: float) -> float:
    y += SUM_GAP
    for index, row in enumerate(sums):
        size, colour = (BODY + 0.5, INK) if row.strong else (BODY, MUTED)
        if index:
            if row.strong:
                sheet.rule(SUMS_LEFT, y + 7, RIGHT - SUMS_LEFT, style.HAIRLINE)
            y += _height(row)
        with sheet.part("P"):
            room = RIGHT - SUMS_LEFT - sheet.measure(row.amount, size, row.strong) - 12
            label = style.wrap(sheet, row.label, room, size, limit=1, bold=row.strong)
            sheet.text(SUMS_LEFT, y, "".join(label), size, colour, row.strong)
            style.right(sheet, RIGHT, y, row.amount, size, INK, row.strong)
    return y


def _tail(sums: list[Sum], notes: list[str]) -> float:
    """The room from the last row's hairline to below the last baseline."""
    below_notes = NOTES_GAP + TIGHT * (len(notes) - 1) if notes else 0
    return SUM_GAP + sum(map(_height, sums[1:])) + below_notes + DESCENT


def _height(row: Sum) -> float:
    return SUM_HEIGHT + STRONG_GAP if row.strong else SUM_HEIGHT


def _notes(sheet: "Sheet", receipt: Receipt) -> list[str]:
    return [line for note in receipt.notes for line in style.wrap(sheet, note, style.WIDTH, SMALL, limit=6)]


def _draw_notes(sheet: "Sheet", notes: list[str], y: float) -> None:
    y += NOTES_GAP
    with sheet.part("P"):
        for line in notes:
            sheet.text(LEFT, y, line, SMALL, MUTED)
            y += TIGHT


def _foot(sheet: "Sheet", receipt: Receipt, number: int, pages: int) -> None:
    sheet.rule(LEFT, FOOT - 18, style.WIDTH, style.HAIRLINE)
    mail = receipt.merchant.support_email
    lead = QUESTIONS if mail else receipt.merchant.name
    with sheet.part("P"):
        sheet.text(LEFT, FOOT, "".join(style.wrap(sheet, lead, QUESTIONS_WIDTH, SMALL, limit=1)), SMALL, MUTED)
        if mail:
            x = LEFT + sheet.measure(lead, SMALL) + 3
            shown = "".join(style.wrap(sheet, mail, QUESTIONS_WIDTH - x, SMALL, limit=1))
            sheet.text(x, FOOT, shown, SMALL, INK)
            sheet.mail_link(x, FOOT - 10, sheet.measure(shown, SMALL), LEADING, mail)
        style.right(sheet, RIGHT, FOOT, f"Page {number} of {pages}", SMALL, MUTED)
