"""What becomes of a subscription when an invoice of its is paid, or is not.

https://docs.stripe.com/billing/revenue-recovery/smart-retries
"""

from __future__ import annotations

from local.stripe import billing_money
from local.stripe.billing_time import endings, planning
from local.stripe.billing_time.planning import DAY, settings
from local.stripe.billing_time.resuming import resumed
from local.stripe.billing_time.starting import never_paid
from local.stripe.billing_time.state import changed, over, subscription_of
from local.stripe.store import Object, World, due


def after_payment(world: World, invoice: Object) -> None:
    """An invoice was paid, or will not be asked for any more (void, uncollectible): its subscription goes on."""
    stop_retrying(world, invoice)
    subscription = subscription_of(world, invoice)
    if subscription is None or over(subscription):
        return
    _remember_card(world, subscription, invoice)
    if subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] == "incomplete":
        if invoice["status"] == "void":
            never_paid(world, subscription)
        else:
            _activate(world, subscription)
            world.cancel("subscription.expire", subscription["id"])
    elif subscription["status"] in ("past_due", "unpaid"):
        _activate(world, subscription)
    elif invoice["status"] == "paid":
        resumed(world, subscription)


def while_processing(world: World, invoice: Object) -> None:
    """The first debit of a new subscription was asked for: it begins before the bank has answered.

    https://docs.stripe.com/billing/subscriptions/overview#payment-status
    """
    subscription = subscription_of(world, invoice)
    if subscription is not None and subscription["status"] == "incomplete":
        _activate(world, subscription)
        world.cancel("subscription.expire", subscription["id"])


def _remember_card(world: World, subscription: Object, invoice: Object) -> None:
    """With save_default_payment_method=on_subscription the card that paid becomes the subscription's own."""
    intent = world.objects.get(world.hidden(invoice["id"]).get("intent", ""))
    saves = subscription["payment_settings"]["save_default_payment_method"] == "on_subscription"
    if saves and intent is not None and intent["status"] == "succeeded":
        with changed(world, subscription):
            subscription["default_payment_method"] = intent["payment_method"]


def _activate(world: World, subscription: Object) -> None:
    with changed(world, subscription):
        subscription["status"] = "active"
    planning.plan(world, subscription)


def after_failure(world: World, invoice: Object) -> None:
    """A try to collect failed: plan the next one, or do what comes when there are no more.

    A try that the customer or the merchant made leaves the plan as it is.
    """
    subscription = subscription_of(world, invoice)
    if subscription is None or over(subscription) or subscription["status"] == "incomplete":
        return
    if subscription["latest_invoice"] == invoice["id"] and subscription["status"] in ("active", "trialing"):
        _set(world, subscription, "past_due")
    if ("invoice.retry", invoice["id"]) in world.schedule or not invoice["auto_advance"]:
        return
    hidden, days = world.hidden(invoice["id"]), settings(world)["retry_days"]
    retried = hidden.setdefault("retries", 0)
    if retried < len(days):
        hidden["retries"] += 1
        _retry_at(world, invoice, world.now() + days[retried] * DAY)
    else:
        _retry_at(world, invoice, None)
        _give_up(world, subscription)


def _set(world: World, subscription: Object, status: str) -> None:
    with changed(world, subscription):
        subscription["status"] = status


def _give_up(world: World, subscription: Object) -> None:
    then = settings(world)["after_retries"]
    if then == "cancel":
        endings.end(world, subscription, "payment_failed")
    elif then == "unpaid":
        _set(world, subscription, "unpaid")


def _retry_at(world: World, invoice: Object, moment: int | None) -> None:
    invoice["next_payment_attempt"] = moment
    if moment is None:
        world.cancel("invoice.retry", invoice["id"])
    else:
        world.at(moment, "invoice.retry", invoice["id"])


def stop_retrying(world: World, invoice: Object) -> None:
    """No more tries by itself."""
    _retry_at(world, invoice, None)


@due("invoice.retry")
def retry(world: World, id: str) -> None:
    """Try again to collect, unless the invoice was closed or is no longer to be collected by itself."""
    invoice = world.objects[id]
    if invoice.get("status") == "open" and invoice["auto_advance"]:
        billing_money.collect(world, invoice)


@due("invoice.past_due")
def past_due(world: World, id: str) -> None:
    """An invoice sent for payment was not paid by its due date."""
    invoice = world.objects[id]
    subscription = subscription_of(world, invoice) if invoice.get("status") == "open" else None
    if subscription is not None and subscription["latest_invoice"] == id and not over(subscription):
        _set(world, subscription, "past_due")
