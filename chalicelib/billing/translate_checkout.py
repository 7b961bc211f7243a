"""What was bought once, as bills: charges without invoice, a guest's or a customer's, and what brought them.

A session says what was sold and to whom; a charge made without one has a sum, a card and an address at best.
https://docs.stripe.com/api/checkout/sessions/object
"""

from collections.abc import Sequence

from msgspec.structs import replace

from chalicelib.billing import guests, titles
from chalicelib.billing.facts_bill import Bill, BillTo, DiscountAmount, Line, TaxAmount
from chalicelib.billing.facts_price import TaxRate
from chalicelib.billing.translate_bill import address_lines, charge_bill
from chalicelib.billing.translate_json import Json, amount, instant, number, part, ref, rows, text
from chalicelib.billing.translate_price import flat, tax_rate

# Lines come only when expanded, the taxes of each likewise; in a list that goes as deep as `expand` may.
EXPAND_SESSION = ("line_items.data.taxes",)
EXPAND_SESSIONS = ("data.line_items.data.taxes",)
EXPAND_PAID = (*EXPAND_SESSIONS, "data.payment_intent.latest_charge.refunds")
EXPAND_LINES = ("data.taxes",)


def guest_order(charge: Json, session: Json | None = None) -> Bill | None:
    """A charge of no customer, with the session that brought it if there is one; None when nobody is named.

    The address given at checkout decides whose it is, else the charge's own (billing details, then receipt).
    """
    made, found = session or {}, charge_bill(charge)
    holder = guests.holder_of(text(made, "customer_details", "email") or found.bill_to.email)
    if not holder or ref(charge, "customer") or ref(made, "customer"):
        return None
    return _sold(replace(found, holder=holder), made) if made else replace(found, holder=holder)


def customer_order(charge: Json, session: Json | None = None) -> Bill:
    """A customer's charge without invoice, with the session that brought it if there is one."""
    bill = charge_bill(charge)
    return _sold(bill, session) if session else bill


def session_order(session: Json) -> Bill | None:
    """A completed session whose payment was expanded, or that had nothing to pay; None when it is no guest's.

    https://docs.stripe.com/payments/checkout/no-cost-orders
    """
    if text(session, "mode") != "payment" or ref(session, "customer") or text(session, "status") != "complete":
        return None
    charge = part(session, "payment_intent", "latest_charge")
    if charge:
        return guest_order(charge, session)
    holder = guests.holder_of(text(session, "customer_details", "email"))
    free = text(session, "payment_status") == "no_payment_required" and not ref(session, "payment_intent")
    return _free(session, holder) if holder and free else None


def _free(session: Json, holder: str) -> Bill:
    when = instant(session, "created")
    bare = Bill(
        id=session["id"],
        holder=holder,
        kind="charge",
        status="paid",
        currency=text(session, "currency"),
        created=when,
        total=0,
        amount_due=0,
        amount_paid=0,
        amount_remaining=0,
        title="Order",
        paid_at=when,
        issued=when,
    )
    return _sold(bare, session)


def _sold(bill: Bill, session: Json) -> Bill:
    """The bill with what the session says was sold, as far as that is what was charged."""
    bought = rows(session, "line_items")
    title = titles.joined(text(row, "description") for row in bought) or bill.title
    named = replace(
        bill,
        title=title,
        lines=tuple(replace(line, description=title) for line in bill.lines),
        bill_to=_bill_to(bill.bill_to, part(session, "customer_details")),
    )
    if amount(session, "amount_total") != bill.total or text(session, "currency") != bill.currency or not bought:
        return named
    reduced = amount(session, "total_details", "amount_discount")
    return replace(
        named,
        lines=tuple(map(_line, bought)),
        taxes=_taxes(bought),
        discounts=(DiscountAmount("Discount", reduced),) if reduced else (),
        shipping=amount(session, "shipping_cost", "amount_subtotal"),
        subtotal=amount(session, "amount_subtotal"),
    )


def _line(row: Json) -> Line:
    """https://docs.stripe.com/api/checkout/sessions/line_items"""
    return Line(
        description=text(row, "description"),
        quantity=number(row, "quantity"),
        unit_amount=flat(part(row, "price")),
        amount=amount(row, "amount_subtotal"),
        discount=amount(row, "amount_discount"),
        price=ref(row, "price"),
    )


def _taxes(bought: Sequence[Json]) -> tuple[TaxAmount, ...]:
    """Each rate's part in the whole order, in the order of the lines."""
    found: dict[tuple[TaxRate, str], tuple[int, int]] = {}
    for tax in (tax for row in bought for tax in rows(row, "taxes")):
        key = tax_rate(part(tax, "rate")), text(tax, "taxability_reason")
        taken, net = found.get(key, (0, 0))
        found[key] = taken + amount(tax, "amount"), net + amount(tax, "taxable_amount")
    return tuple(TaxAmount(rate, taken, net, reason) for (rate, reason), (taken, net) in found.items())


def _bill_to(charged: BillTo, details: Json) -> BillTo:
    return BillTo(
        name=text(details, "name") or charged.name,
        email=text(details, "email") or charged.email,
        address=address_lines(part(details, "address")) or charged.address,
        tax_ids=tuple(value for row in rows(details, "tax_ids") if (value := text(row, "value"))),
    )
