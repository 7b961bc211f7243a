"""An invoice put together from lines, pending items and the customer, before anything is added up."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TypedDict

from local.stripe import shapes
from local.stripe.billing_money import items
from local.stripe.errors import invalid
from local.stripe.store import Object, World

COPIED = ("address", "email", "name", "phone", "shipping", "tax_exempt")


class Terms(TypedDict, total=False):
    """What else shapes the amounts of an invoice; each may be left out.

    `discounts` are ids of discount objects; ended ones are passed over. `default_tax_rates` (ids; by default those
    of the subscription) go on lines without rates of their own. `period` is the invoice's own, epoch seconds.
    """

    currency: str | None
    default_tax_rates: Sequence[str] | None
    discounts: Sequence[str]
    period: tuple[int, int] | None
    with_pending: bool


def build(
    world: World, customer_id: str, subscription: Object | None, lines: list[Object], terms: Terms
) -> tuple[Object, list[Object]]:
    """The invoice with everything but its amounts, and its lines, none of it stored.

    Its currency is the one named, or that of the lines, the pending items, the customer, or the account.
    """
    customer = world.live("customer", customer_id, "customer", 400)
    owner = subscription["id"] if subscription else None
    named = terms.get("currency") or next((one["currency"] for one in lines if one["currency"]), None)
    waiting = items.pending(world, customer_id, owner, named) if terms.get("with_pending", True) else []
    used = named or next((item["currency"] for item in waiting), None) or customer["currency"] or "gbp"
    waiting = [item for item in waiting if item["currency"] == used]
    all_lines = [items.as_line(world, item) for item in waiting] + lines
    rates = terms.get("default_tax_rates")
    if rates is None:
        rates = [rate["id"] for rate in (subscription or {}).get("default_tax_rates") or ()]
    for one in all_lines:
        check_currency(one, used)
        items.use_default_rates(world, one, list(rates))
        _name_subscription(one, owner)
    invoice = _blank(world, customer_id, used, terms.get("period") or (world.now(), world.now()))
    copy_customer(world, invoice, customer)
    invoice["default_tax_rates"] = [copy.deepcopy(world.get("tax_rate", rate)) for rate in rates]
    invoice["discounts"] = [one for one in terms.get("discounts", ()) if _runs(world, one)]
    invoice["parent"] = _parent(subscription)
    return invoice, all_lines


def _blank(world: World, customer: str, currency: str, period: tuple[int, int]) -> Object:
    counts = ("due", "overpaid", "paid", "paid_off_stripe", "remaining", "shipping")
    return shapes.complete(
        "invoice",
        id=world.new_id("invoice"),
        created=world.now(),
        livemode=False,
        status="draft",
        customer=customer,
        currency=currency,
        account_country="GB",
        account_name="Northlight Studio",
        automatic_tax={"enabled": False},
        issuer={"type": "self"},
        lines={"object": "list", "data": [], "has_more": False, "url": ""},
        payment_settings={},
        status_transitions={},
        collection_method="charge_automatically",
        attempt_count=0,
        auto_advance=False,
        attempted=False,
        period_start=period[0],
        period_end=period[1],
        subtotal=0,
        total=0,
        starting_balance=0,
        pre_payment_credit_notes_amount=0,
        post_payment_credit_notes_amount=0,
        webhooks_delivered_at=world.now(),
        **{f"amount_{name}": 0 for name in counts},
    )


def _runs(world: World, discount_id: str) -> bool:
    end = world.get("discount", discount_id)["end"]
    return end is None or end > world.now()


def _parent(subscription: Object | None) -> Object | None:
    if subscription is None:
        return None
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    return {"type": "subscription_details", "subscription_details": details, "quote_details": None}


def _name_subscription(made: Object, subscription: str | None) -> None:
    details = (made["parent"] or {}).get("subscription_item_details")
    if details is not None:
        details["subscription"] = subscription
        made["subscription"] = subscription


def copy_customer(world: World, invoice: Object, customer: Object) -> None:
    """Write name, addresses and tax ids into the invoice; it keeps them once final."""
    for name in COPIED:
        invoice[f"customer_{name}"] = copy.deepcopy(customer[name])
    owned = [one for one in world.of("tax_id") if one["customer"] == customer["id"]]
    invoice["customer_tax_ids"] = [{"type": one["type"], "value": one["value"]} for one in reversed(owned)]


def check_currency(made: Object, currency: str) -> None:
    """One invoice, one currency."""
    made["currency"] = made["currency"] or currency
    if made["currency"] != currency:
        raise invalid(
            f"The currency of the line ({made['currency']}) does not match the invoice's currency ({currency}). "
            "All lines of an invoice must have the same currency.",
            "currency",
        )
