"""All payments, page by page, and the page of one order."""

from chalice import Response
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.access.sessions import Visit
from chalicelib.billing import guests, view_payments
from chalicelib.billing.account import Holder, PaymentLine, Subscription
from chalicelib.billing.desk import owned
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.view_payments import is_order, payment_lines
from chalicelib.errors import NotFound
from chalicelib.web import asked, guard, links, page
from chalicelib.wiring import portal

BILLS = 25


class Page(Struct, frozen=True):
    """Lines of a history, and the addresses of the pages beside it, "" where there is none."""

    lines: list[PaymentLine]
    number: int = 1
    newer: str = ""
    older: str = ""


class Shown(Struct, frozen=True):
    """Whose payments: of a holder ("" for none), of one item of it, and the holders that can be turned to.

    `of` is the id the item's payments are asked for under: a resumed plan had others before.
    """

    holder: str
    item: Subscription | None = None
    of: str = ""
    holders: tuple[Holder, ...] = ()


@guard.customer
def history(visit: Visit) -> Response:
    """Payments of one holder or one item, newest first."""
    trail, shown = asked.places(), whose(visit)
    return page.render("payments.html", visit=visit, shown=shown, page=page_of(shown, trail))


@guard.customer
def show_order(visit: Visit, order: str) -> Response:
    """One purchase with its lines and payments."""
    bill = purchase(visit.holders, asked.object_id(order))
    item = portal().account(visit).item(bill.subscription) if bill.subscription else None
    return page.render(
        "order.html", visit=visit, bill=bill, order=view_payments.order(bill), item=item, lines=payment_lines(bill)
    )


def whose(visit: Visit) -> Shown:
    """The payments asked for: the first holder's unless the address says. Raises NotFound for a foreign one.

    Who has only one holder and wants all payments is not read the account for: the mailbox's own record names it.
    """
    wanted = asked.query("holder")
    if len(visit.holders) == 1 and wanted in ("", guests.ref(visit.holders[0])) and not asked.query("item"):
        return Shown(visit.holders[0])
    account = portal().account(visit)
    of = asked.object_id(asked.query("item")) if asked.query("item") else ""
    item = owned(account, of) if of else None
    ref = guests.ref(item.holder) if item else wanted
    holder = account.holder(ref) if ref else next(iter(account.holders), None)
    if ref and holder is None:
        raise NotFound
    return Shown(holder.id if holder else "", item, of, account.holders if account.several and not item else ())


def page_of(shown: Shown, trail: list[str]) -> Page:
    """One page of the history, with the way on and back."""
    if not shown.holder:
        return Page([])
    before = trail[-1] if trail else ""
    bills, rest = portal().books.history(shown.holder, shown.of, before, BILLS)
    earlier = before_resumed(shown)
    if earlier and not bills:
        return page_of(earlier, [])
    return Page(
        [line for bill in bills for line in payment_lines(bill)],
        number=len(trail) + 1,
        newer=turned(shown, trail[:-1]) if trail else "",
        older=turned(shown, [*trail, rest]) if rest else turned(earlier, []) if earlier else "",
    )


def before_resumed(shown: Shown) -> Shown | None:
    """The payments of a resumed plan under the id it had before this one, or None."""
    ids = (*shown.item.continues, shown.item.id) if shown.item else ()
    at = ids.index(shown.of) if shown.of in ids else 0
    return replace(shown, of=ids[at - 1]) if at else None


def turned(shown: Shown, trail: list[str]) -> str:
    """Address of another page of the same history. It carries the way there, so that one can go back, too."""
    query = {"item": shown.of} if shown.of else {"holder": guests.ref(shown.holder)}
    after = {"after": ",".join(trail)} if trail else {}
    return links.path(portal().settings(), "payments", {**query, **after})


def purchase(holders: tuple[str, ...], bill_id: str) -> Bill:
    """The bill of one of these holders that started or was the purchase. Raises NotFound."""
    for holder in holders:
        bill = portal().books.bill(holder, bill_id)
        if bill and is_order(bill):
            return bill
    raise NotFound
