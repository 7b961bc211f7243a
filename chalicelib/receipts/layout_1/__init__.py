"""Layout 1. Receipts already issued redraw with it byte for byte, so a change of looks is a new layout."""

from typing import TYPE_CHECKING, Final

from chalicelib.receipts.layout_1 import head, style, sums, table
from chalicelib.receipts.layout_1.style import BODY, FLOOR, INK, LEADING, LEFT, MUTED, RIGHT, SMALL
from chalicelib.receipts.receipt import Receipt

if TYPE_CHECKING:
    from chalicelib.receipts.pdf import Sheet

NEXT_PAGE_TOP: Final = 92.0
FOOT: Final = 812.0
QUESTIONS: Final = "Questions about this payment? Write to"
QUESTIONS_WIDTH: Final = 400.0


def draw(sheet: "Sheet", receipt: Receipt, logo: bytes | None) -> None:
    """Draw the whole receipt: lines flow over pages, a line and the sums are never cut in two."""
    sheet.add_page()
    y = head.draw(sheet, receipt, logo) + 22
    rows = table.measure(sheet, receipt)
    tail = sums.measure(sheet, receipt)
    heights = [row.height for row in rows.rows]
    pages = break_pages(heights, FLOOR - y - table.HEAD, tail.height)
    for number, page in enumerate(pages, start=1):
        if number > 1:
            sheet.add_page()
            y = _continue(sheet, receipt)
        if page:
            y = table.draw_head(sheet, rows, y)
        for index in page:
            y = table.draw_row(sheet, rows, rows.rows[index], y)
        if number == len(pages):
            sums.draw(sheet, tail, y)
        _foot(sheet, receipt, number, len(pages))


def break_pages(heights: list[float], first_room: float, tail: float) -> list[list[int]]:
    """Deal rows out to pages by height, the sums (`tail`) going with the last ones; a page may hold sums only."""
    pages: list[list[int]] = [[]]
    room, full = first_room, FLOOR - NEXT_PAGE_TOP - table.HEAD
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
