"""Receipts to draw: one of every kind, with names from many places."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfReader

from chalicelib.receipts.receipt import (
    CustomerBlock,
    Discount,
    Line,
    MerchantBlock,
    Receipt,
    Refund,
    Status,
    Tax,
)

NOON = 1794657600  # 14 November 2026, 12:00 UTC
DAY = 86_400
MONTH = (NOON, NOON + 30 * DAY)

NORTHLIGHT = MerchantBlock(
    name="Northlight Studio",
    address=("12 Harbour Lane", "Bristol BS1 4RW", "United Kingdom"),
    tax_id="GB123456789",
    support_email="help@northlight.example",
)
ADA = CustomerBlock("Ada Marlowe", "ada@marlowe.example", ("48 Quay Street", "Portland OR 97205", "United States"))


def a_receipt(**changes: Any) -> Receipt:
    """A month of membership, paid by card; change what the test is about."""
    usual: dict[str, Any] = {
        "number": "NL-0042",
        "status": Status.PAID,
        "issued_at": NOON,
        "currency": "usd",
        "merchant": NORTHLIGHT,
        "customer": ADA,
        "lines": (Line("Studio Membership", 4900, Decimal(1), Decimal(4900), MONTH),),
        "subtotal": 4900,
        "total": 4900,
        "amount_paid": 4900,
        "paid_at": NOON,
        "method": "Visa •••• 4242",
    }
    return Receipt(**(usual | changes))


def everything() -> Receipt:
    """Discounts, two tax rates, credit, an earlier payment, a refund, the merchant's own field and a note."""
    return a_receipt(
        number="NL-0043-2",
        status=Status.PARTLY_REFUNDED,
        issued_at=NOON + 2 * DAY,
        currency="gbp",
        locale="en-GB",
        customer=CustomerBlock(
            "Brightwater Design & Print Cooperative Ltd",
            "accounts@brightwater.example",
            ("Unit 7, The Old Cannery", "London E1W 2NH", "United Kingdom"),
            ("Tax ID GB987654321",),
        ),
        lines=(
            Line(
                "Studio Membership, team plan", 24000, Decimal(4), Decimal(6000), MONTH,
                (Discount("Welcome back", 4800),), ("VAT 20%",),
            ),
            Line("Framed print of the harbour, delivered", 12500, Decimal(1), Decimal(12500), taxes=("VAT 20%",)),
            Line("Exhibition catalogue", 1800, Decimal(2), Decimal(900), taxes=("VAT 0%",)),
            Line("Calls to the archive", 13, Decimal(26), Decimal("0.5"), taxes=("VAT 20%",)),
        ),
        subtotal=38313,
        discounts=(Discount("Welcome back", 4800),),
        taxes=(Tax("VAT", 6343, Decimal(20), taxable_amount=31713), Tax("VAT", 0, Decimal(0), taxable_amount=1800)),
        total=39856,
        balance_applied=1000,
        paid_otherwise=8856,
        amount_paid=30000,
        refunds=(Refund(2000, NOON + 2 * DAY),),
        fields=(("Purchase order", "PO-2026-1187"),),
        notes=("Thank you for working with us.",),
    )  # fmt: skip


def many_lines(count: int) -> Receipt:
    """A bill of so many studio days, prices with tax included."""
    lines = tuple(Line(f"Studio day {n}", 15000, Decimal(1), Decimal(15000)) for n in range(1, count + 1))
    total = 15000 * count
    return a_receipt(
        currency="eur", locale="de", lines=lines, subtotal=total, total=total, amount_paid=total,
        method="SEPA Direct Debit •••• 3000",
        taxes=(Tax("MwSt.", total * 19 // 119, Decimal(19), inclusive=True),),
    )  # fmt: skip


def pages(pdf: bytes) -> list[str]:
    """The words of each page, as a reader's copy and paste gives them."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def words(pdf: bytes) -> str:
    """All words of a document with single spaces between them."""
    return " ".join(" ".join(pages(pdf)).split())


def a_logo(width: int = 400, height: int = 120, kind: str = "PNG", mode: str = "RGBA") -> bytes:
    """A plain logo."""
    drawn = BytesIO()
    Image.new(mode, (width, height), "orangered").save(drawn, kind)
    return drawn.getvalue()
