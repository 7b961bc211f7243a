"""A plain one-page PDF, so that `invoice_pdf` leads somewhere (ISO 32000-1; text in Helvetica, Windows-1252 only)."""

from __future__ import annotations

from local.stripe.browser import showing
from local.stripe.store import Object


def invoice(invoice: Object) -> list[str]:
    """The lines of an invoice's page."""
    currency = invoice["currency"]
    lines = [
        f"Invoice {invoice['number']}",
        f"{invoice['account_name']} to {invoice['customer_name'] or invoice['customer_email'] or invoice['customer']}",
        f"Date: {showing.day(invoice['effective_at'])}    Status: {invoice['status']}",
        "",
    ]
    lines += [f"{line['description']}: {showing.amount(line['amount'], currency)}" for line in invoice["lines"]["data"]]
    lines += ["", f"Total: {showing.amount(invoice['total'], currency)}"]
    return [*lines, f"Left to pay: {showing.amount(invoice['amount_remaining'], currency)}"]


def pdf(lines: list[str]) -> bytes:
    """These lines on A4."""
    shown = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
    text = "BT /F1 12 Tf 18 TL 60 780 Td " + " ".join(f"({line}) '" for line in shown) + " ET"
    stream = text.replace("−", "-").encode("cp1252", "replace")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 "
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(body))
    return body + head + table + trailer
