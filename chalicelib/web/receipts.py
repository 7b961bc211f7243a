"""The receipt of a payment: a page that prints well, and the PDF."""

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.receipts import words
from chalicelib.receipts.receipt import CustomerBlock, Status
from chalicelib.web import asked, guard, page
from chalicelib.wiring import portal

TONES = {Status.PAID: "ok", Status.PAID_OUTSIDE: "ok", Status.PARTLY_REFUNDED: "warn"}


@guard.customer
def show(visit: Visit, receipt: str) -> Response:
    """The same facts as on the PDF."""
    found = portal().receipts.read(visit.holders, asked.object_id(receipt))
    return page.render(
        "receipt.html",
        visit=visit,
        id=receipt,
        receipt=found,
        words=words,
        tone=TONES.get(found.status, "quiet"),
        billed_to=billed_to(found.customer),
    )


@guard.customer
def download(visit: Visit, receipt: str) -> Response:
    """To the file, by a link that soon stops working."""
    return page.moved(portal().receipts.link(visit.holders, asked.object_id(receipt)))


def billed_to(customer: CustomerBlock) -> list[str]:
    """The buyer line by line, as far as the payment names one."""
    known = [customer.name, customer.email, *customer.address, *customer.tax_ids]
    return [line for line in known if line]
