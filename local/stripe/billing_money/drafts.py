"""Draft invoices. https://docs.stripe.com/invoicing/overview#draft"""

from __future__ import annotations

from typing import Unpack

from local.stripe.billing_money import items, totals
from local.stripe.billing_money.advancing import plan_draft
from local.stripe.billing_money.building import Terms, build, check_currency, copy_customer
from local.stripe.billing_money.lines import keep, of_invoice
from local.stripe.store import Object, World

DAY = 86_400


class DraftTerms(Terms, total=False):
    """The same, and what is written into a draft as it is."""

    custom_fields: list[Object]
    default_payment_method: str | None
    description: str | None
    footer: str | None
    metadata: dict[str, str] | None
    statement_descriptor: str | None


def draft(
    world: World,
    *,
    customer: str,
    subscription: Object | None,
    lines: list[Object],
    reason: str,
    collection_method: str = "charge_automatically",
    auto_advance: bool = True,
    days_until_due: int | None = None,
    due_date: int | None = None,
    **terms: Unpack[DraftTerms],
) -> Object:
    """Make a draft of these lines and the customer's pending invoice items, and emit invoice.created.

    With `auto_advance` it finalises itself, and collects, an hour from now unless that happens before.
    """
    invoice, all_lines = build(world, customer, subscription, lines, terms)
    if due_date is None and collection_method == "send_invoice":
        due_date = world.now() + (days_until_due or 0) * DAY
    invoice.update({name: value for name, value in terms.items() if name not in Terms.__annotations__})
    invoice.update(billing_reason=reason, collection_method=collection_method, due_date=due_date)
    invoice["metadata"] = invoice["metadata"] or {}
    world.put(invoice)
    keep(world, invoice, [_stored(world, invoice, one) for one in all_lines])
    _take_pending(world, invoice)
    owner = world.live("customer", customer)
    owner["currency"] = owner["currency"] or invoice["currency"]
    refresh(world, invoice)
    plan_draft(world, invoice, auto_advance)
    world.emit("invoice.created", invoice)
    return invoice


def preview(
    world: World,
    *,
    customer: str,
    subscription: Object | None,
    lines: list[Object],
    reason: str = "upcoming",
    collection_method: str = "charge_automatically",
    next_payment_attempt: int | None = None,
    **terms: Unpack[Terms],
) -> Object:
    """The invoice `draft` would make of the same, with the balance counted in; nothing is stored."""
    invoice, all_lines = build(world, customer, subscription, lines, terms)
    invoice.update(
        id=f"upcoming_{invoice['id']}",
        auto_advance=True,
        billing_reason=reason,
        collection_method=collection_method,
        next_payment_attempt=next_payment_attempt,
        metadata={},
    )
    totals.add_up(world, invoice, all_lines, world.live("customer", customer))
    invoice["ending_balance"] = totals.balance_after(invoice)
    return invoice


def refresh(world: World, invoice: Object) -> None:
    """Copy what the customer is called now, and add the draft up anew."""
    customer = world.live("customer", invoice["customer"])
    copy_customer(world, invoice, customer)
    totals.add_up(world, invoice, of_invoice(world, invoice), customer)


def add_to_draft(world: World, invoice: Object, made: list[Object]) -> None:
    """Put more lines at the end of a draft, as invoice items. Raises StripeError for another currency."""
    default = [rate["id"] for rate in invoice["default_tax_rates"]]
    for one in made:
        check_currency(one, invoice["currency"])
        items.use_default_rates(world, one, default)
    keep(world, invoice, [_stored(world, invoice, one) for one in made])
    refresh(world, invoice)


def _stored(world: World, invoice: Object, made: Object) -> Object:
    """A line as it is kept: one that comes from nothing gets an invoice item of its own."""
    if made["parent"] is None:
        item = items.invoice_item(world, made, customer=invoice["customer"], invoice=invoice["id"])
        items.tie(made, item)
    return made


def _take_pending(world: World, invoice: Object) -> None:
    """The items whose lines stand on the invoice wait no longer."""
    for one in of_invoice(world, invoice):
        details = one["parent"].get("invoice_item_details")
        if details is not None:
            world.get("invoiceitem", details["invoice_item"])["invoice"] = invoice["id"]
