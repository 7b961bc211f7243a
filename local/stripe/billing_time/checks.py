"""What Stripe refuses about subscriptions, whoever asks: parameters that name what cannot be used."""

from __future__ import annotations

from typing import Any

from local.stripe.billing_time import discounts
from local.stripe.billing_time.state import LIVE_SCHEDULE, over
from local.stripe.errors import invalid, missing_parameter
from local.stripe.store import Object, World


def check_card(world: World, given: dict[str, Any], customer: str, param: str = "default_payment_method") -> None:
    """A payment method must belong to the customer; a source would too, and there are none."""
    id = given.get("default_payment_method")
    found = world.objects.get(id or "", {})
    if id is not None and (found.get("object") != "payment_method" or found["customer"] != customer):
        raise invalid(
            f"The customer does not have a payment method with the ID {id}. The payment method must be attached to "
            "the customer.",
            param,
            "resource_missing",
        )
    if given.get("default_source") is not None:
        raise invalid(f"No such source: '{given['default_source']}'", "default_source", "resource_missing")


def check_items(world: World, given: list[dict[str, Any]], where: str, currency: str | None = None) -> str:
    """Prices must exist, be active and recurring, of one currency and one interval. Gives the currency."""
    every: Object | None = None
    for place, one in enumerate(given):
        if "price" not in one:
            raise missing_parameter(f"{where}[{place}][price]")
        price = check_price(world, one["price"], f"{where}[{place}][price]")
        currency = currency or price["currency"]
        if price["currency"] != currency:
            raise invalid(
                f"The price specified only supports `{price['currency']}`. This doesn't match the expected currency: "
                f"`{currency}`.",
                f"{where}[{place}][price]",
            )
        check_interval(price["recurring"], every or price["recurring"], f"{where}[{place}][price]")
        every = price["recurring"]
        discounts.check(world, one.get("discounts") or [], currency)
        check_tax_rates(world, one.get("tax_rates"), f"{where}[{place}][tax_rates]")
    if currency is None:
        raise missing_parameter(where)
    return currency


def check_price(world: World, id: str, param: str) -> Object:
    """An active, recurring price."""
    price = world.live("price", id, param, 400)
    if price["recurring"] is None:
        message = (
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`."
        )
        raise invalid(message, param)
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", param)
    return price


def check_interval(one: Object, other: Object, param: str) -> None:
    """The local Stripe knows no mixed intervals, which Stripe allows in flexible billing mode only."""
    if (one["interval"], one["interval_count"]) != (other["interval"], other["interval_count"]):
        message = (
            "All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`. If "
            "you meant to update an existing subscription item instead of creating a new one, make sure to include the "
            "subscription item ID in your request. See examples at "
            "https://stripe.com/docs/billing/subscriptions/multiple#examples."
        )
        raise invalid(message, param)


def check_tax_rates(world: World, ids: list[str] | None, param: str) -> None:
    """They must exist and be active."""
    for id in ids or ():
        if not world.get("tax_rate", id, param, 400)["active"]:
            raise invalid(f"The tax rate {id} is inactive and cannot be used.", param)


def check_currency(world: World, customer: str, currency: str) -> None:
    """A customer has subscriptions in one currency at a time."""
    for other in world.of("subscription"):
        if other["customer"] == customer and not over(other) and other["currency"] != currency:
            raise invalid(
                "You cannot combine currencies on a single customer. This customer has an active subscription, "
                "subscription schedule, discount, quote, invoice item or active subscription mode checkout session "
                f"with currency {other['currency']}."
            )


def check_collection(given: dict[str, Any], method: str) -> None:
    """Invoices sent for payment need a term, and only they have one."""
    days = given.get("days_until_due")
    if method == "send_invoice" and days is None:
        raise invalid("You must pass `days_until_due` when `collection_method` is `send_invoice`.", "days_until_due")
    if method != "send_invoice" and days is not None:
        message = "`days_until_due` can only be set when `collection_method` is `send_invoice`."
        raise invalid(message, "days_until_due")


def check_unmanaged(world: World, subscription: Object, given: dict[str, Any]) -> None:
    """While a schedule drives it, only the schedule may end it or change its items."""
    schedule = world.objects.get(subscription["schedule"] or "")
    if schedule is None or schedule["status"] not in LIVE_SCHEDULE:
        return
    what = "any cancelation behavior" if {"cancel_at", "cancel_at_period_end"} & set(given) else "its items"
    if {"cancel_at", "cancel_at_period_end", "items"} & set(given):
        raise invalid(
            f"The subscription is managed by the subscription schedule `{schedule['id']}`, and updating {what} "
            "directly is not allowed. Please update the schedule instead."
        )
