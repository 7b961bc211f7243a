"""Draft invoices. https://docs.stripe.com/invoicing/overview#draft"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local.stripe.billing_money import items, totals
from local.stripe.billing_money.advancing import plan_draft
from local.stripe.billing_money.building import build, check_currency, copy_customer
from local.stripe.billing_money.lines import keep, of_invoice
from local.stripe.store import Object, World

DAY = 86_400


def draft(
    world: World,
    *,
    customer: str,
    subscription: Object | None,
    lines: list[Object],
    reason: str,
    collection_method: str = "charge_automatically",
    auto_advance: bool = True,
    default_payment_method: str | None = None,
    days_until_due: int | None = None,
    due_date: int | None = None,
    period: tuple[int, int] | None = None,
    discounts: Sequence[str] = (),
    metadata: dict[str, str] | None = None,
    currency: str | None = None,
    default_tax_rates: Sequence[str] | None = None,
    with_pending: bool = True,
    **fields: Any,
) -> Object:
    """Make a draft of these lines and the customer's pending invoice items, and emit invoice.created.

    `discounts` are ids of discount objects; ended ones are passed over. `default_tax_rates` (ids; those of the
    subscription when not given) go on lines without rates of their own. `period` is the invoice's own. With
    `auto_advance` it finalises itself, and collects, an hour from now unless that happens before.
    """
    invoice, all_lines = build(
        world, customer, subscription, lines, currency, default_tax_rates, discounts, period, with_pending
    )
    if due_date is None and collection_method == "send_invoice":
        due_date = world.now() + (days_until_due or 0) * DAY
    invoice.update(
        billing_reason=reason,
        collection_method=collection_method,
        default_payment_method=default_payment_method,
        metadata=metadata or {},
        due_date=due_date,
        **fields,
    )
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
    period: tuple[int, int] | None = None,
    discounts: Sequence[str] = (),
    currency: str | None = None,
    default_tax_rates: Sequence[str] | None = None,
    next_payment_attempt: int | None = None,
    with_pending: bool = True,
) -> Object:
    """The invoice `draft` would make of the same, with the balance counted in; nothing is stored."""
    invoice, all_lines = build(
        world, customer, subscription, lines, currency, default_tax_rates, discounts, period, with_pending
    )
    invoice.update(
        id=f"upcoming_{invoice['id']}",
        auto_advance=True,
        billing_reason=reason,
        collection_method=collection_method,
        next_payment_attempt=next_payment_attempt,
        metadata={},
    )
    balance = world.live("customer", customer)["balance"]
    totals.add_up(world, invoice, all_lines, balance)
    invoice["ending_balance"] = invoice["total"] + balance - invoice["amount_due"]
    return invoice


def refresh(world: World, invoice: Object) -> None:
    """Copy what the customer is called now, and add the draft up anew."""
    customer = world.live("customer", invoice["customer"])
    copy_customer(world, invoice, customer)
    totals.add_up(world, invoice, of_invoice(world, invoice), customer["balance"])


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
