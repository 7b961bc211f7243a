"""What the tests of invoices and payments begin with."""

from __future__ import annotations

from typing import Any

import stripe


def customer(v1: Any, card: str | None = "pm_card_visa", **fields: Any) -> Any:
    """A customer; their card, if any, is the default."""
    made = v1.customers.create({"name": "Ada", "email": "ada@example.com", **fields})
    if card is None:
        return made
    saved = v1.payment_methods.attach(card, {"customer": made.id})
    return v1.customers.update(made.id, {"invoice_settings": {"default_payment_method": saved.id}})


def draft(v1: Any, who: Any, *lines: Any, **fields: Any) -> Any:
    """A draft of lines: amounts, or the parameters of an invoice item."""
    invoice = v1.invoices.create({"customer": who.id, "currency": "gbp", **fields})
    for one in lines:
        item = one if isinstance(one, dict) else {"amount": one, "description": f"Work for {one}"}
        item = {"customer": who.id, "invoice": invoice.id, **item}
        v1.invoice_items.create(item)
    return v1.invoices.retrieve(invoice.id)


def bill(v1: Any, who: Any, *lines: Any, **fields: Any) -> Any:
    """The same, final."""
    return v1.invoices.finalize_invoice(draft(v1, who, *lines, **fields).id, {"expand": ["payments"]})


def rate(v1: Any, percentage: float, *, inclusive: bool = False) -> str:
    """A tax rate's id."""
    given = {"display_name": "VAT", "percentage": percentage, "inclusive": inclusive}
    return str(v1.tax_rates.create(given).id)


def refused(call: Any, *given: Any) -> stripe.StripeError:
    """The error a call ends in."""
    try:
        call(*given)
    except stripe.StripeError as error:
        return error
    raise AssertionError("the call was not refused")
