"""How a subscription begins: its first invoice, and what becomes of it when that is not paid."""

from __future__ import annotations

from typing import Any

from local.stripe import billing_money
from local.stripe.billing_money import intents
from local.stripe.billing_time import lines, planning
from local.stripe.billing_time.bills import bill
from local.stripe.billing_time.periods import around
from local.stripe.billing_time.state import changed, has_card, items_of, period_of
from local.stripe.errors import invalid
from local.stripe.store import Object, World, due

EXPIRES_AFTER = 23 * 3600
NO_CARD = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit "
    "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority."
)


def check_payable(world: World, given: dict[str, Any], behavior: str) -> None:
    """Refuse to begin when something is to be charged at once and there is no card."""
    charges = given.get("collection_method") != "send_invoice"
    needs = charges and not given.get("trial_end") and behavior != "default_incomplete"
    costs = any(world.objects[item["price"]]["unit_amount"] != 0 for item in given["items"])
    card = {"default_payment_method": None, "default_source": None, **given}
    if needs and costs and not has_card(world, card):
        raise invalid(NO_CARD, code="resource_missing")


def begin(world: World, subscription: Object, *, behavior: str = "allow_incomplete", off_session: bool = False) -> None:
    """Bill a stored subscription for the first time and announce it.

    Incomplete ones are charged at once; the drafts of others wait an hour. Raises StripeError 402 when behavior
    is error_if_incomplete and the card was refused; then the subscription never was.
    """
    hidden = world.hidden(subscription["id"])
    hidden["unannounced"] = True
    if _is_free_until_anchor(world, subscription):
        subscription["status"] = "active"
        _announce(world, subscription)
        return
    invoice = first_invoice(world, subscription)
    if subscription["status"] == "incomplete":
        billing_money.finalize(world, invoice)
        if invoice["status"] == "open" and behavior != "default_incomplete":
            billing_money.collect(world, invoice, off_session=off_session, automatic=False)
    if subscription["status"] == "incomplete" and behavior == "error_if_incomplete":
        raise _never_was(world, subscription, invoice)
    _announce(world, subscription)
    if subscription["status"] == "incomplete":
        world.at(world.now() + EXPIRES_AFTER, "subscription.expire", subscription["id"])


def first_invoice(world: World, subscription: Object) -> Object:
    """Drafted for the first period; over nothing, and settled, for a trial."""
    now, period = world.now(), period_of(subscription)
    items = items_of(subscription)
    if subscription["status"] == "trialing":
        made = [lines.of_trial(world, item, period) for item in items]
        invoice = bill(world, subscription, made, "subscription_create", (now, now))
        return billing_money.finalize(world, invoice)
    whole = around(subscription["billing_cycle_anchor"], items[0]["price"]["recurring"], now)
    made = [lines.of_item(world, item, period, whole) for item in items]
    return bill(world, subscription, made, "subscription_create", (now, now))


def _is_free_until_anchor(world: World, subscription: Object) -> bool:
    """Without prorations the time before an anchor ahead costs nothing, and makes no invoice, unlike a trial.
    https://docs.stripe.com/billing/subscriptions/billing-cycle#new-subscriptions"""
    recurring = items_of(subscription)[0]["price"]["recurring"]
    whole = around(subscription["billing_cycle_anchor"], recurring, world.now())
    waits = world.hidden(subscription["id"]).get("free_until_anchor") and period_of(subscription) != whole
    return bool(waits) and subscription["status"] != "trialing"


def _announce(world: World, subscription: Object) -> None:
    del world.hidden(subscription["id"])["unannounced"]
    world.emit("customer.subscription.created", subscription)
    planning.plan(world, subscription)


def _never_was(world: World, subscription: Object, invoice: Object) -> Exception:
    """Take it all back; the error says why."""
    world.delete(subscription)
    intent = world.objects[world.hidden(invoice["id"])["intent"]]
    refused = intents.refusal(intent)
    billing_money.void(world, invoice)
    return refused


@due("subscription.expire")
def expire(world: World, id: str) -> None:
    """23 hours without a first payment: over, and the invoice is void.
    https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses"""
    subscription = world.objects[id]
    if subscription["status"] == "incomplete":
        never_paid(world, subscription)
        invoice = world.objects[subscription["latest_invoice"]]
        if invoice["status"] == "open":
            billing_money.void(world, invoice)


def never_paid(world: World, subscription: Object) -> None:
    """The first invoice will not be paid any more."""
    with changed(world, subscription):
        subscription.update(status="incomplete_expired", ended_at=world.now())
    planning.plan(world, subscription)
