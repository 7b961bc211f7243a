"""How a subscription ends. https://docs.stripe.com/billing/subscriptions/cancel"""

from __future__ import annotations

from typing import Any

from local.stripe import billing_money
from local.stripe.billing_money.items import invoice_item, pending
from local.stripe.billing_time import lines, planning
from local.stripe.billing_time.bills import open_invoices
from local.stripe.billing_time.state import LIVE_SCHEDULE, items_of, period_of
from local.stripe.store import Object, World


def end(
    world: World, subscription: Object, reason: str | None, *, schedule: str = "canceled", bill_rest: bool = False
) -> None:
    """Over, now. What is open stays payable and is no longer collected by itself.

    `reason` goes into the cancellation details; `schedule` is what a schedule that drives it becomes; `bill_rest`
    makes a last invoice of what still waited for the next one.
    """
    now = world.now()
    subscription.update(status="canceled", ended_at=now, canceled_at=subscription["canceled_at"] or now)
    if reason is not None:
        subscription["cancellation_details"]["reason"] = reason
    planning.plan(world, subscription)
    for invoice in open_invoices(world, subscription):
        _stop_collecting(world, invoice)
    if bill_rest:
        _last_bill(world, subscription)
    _end_schedule(world, subscription, "aborted" if reason == "payment_failed" else schedule)
    world.emit("customer.subscription.deleted", subscription)


def _stop_collecting(world: World, invoice: Object) -> None:
    with world.change(invoice, "invoice.updated"):
        invoice.update(auto_advance=False, next_payment_attempt=None, automatically_finalizes_at=None)
    for kind in ("invoice.advance", "invoice.retry"):
        world.cancel(kind, invoice["id"])


def _end_schedule(world: World, subscription: Object, how: str) -> None:
    """`completed`, `canceled`, or `aborted` when the subscription was not paid for."""
    schedule = world.objects.get(subscription["schedule"] or "")
    if schedule is None or schedule["status"] not in LIVE_SCHEDULE:
        return
    completed = how == "completed"
    schedule.update(
        status="completed" if completed else "canceled",
        current_phase=None,
        completed_at=world.now() if completed else None,
        canceled_at=None if completed else world.now(),
    )
    for kind in ("schedule.start", "schedule.expiring"):
        world.cancel(kind, schedule["id"])
    world.emit(f"subscription_schedule.{how}", schedule)


def _last_bill(world: World, subscription: Object) -> None:
    waiting = pending(world, subscription["customer"], subscription["id"], subscription["currency"])
    if waiting:
        invoice = billing_money.draft(
            world,
            customer=subscription["customer"],
            subscription=subscription,
            lines=[],
            reason="subscription_cycle",
            collection_method=subscription["collection_method"],
            days_until_due=subscription["days_until_due"],
            period=period_of(subscription),
        )
        subscription["latest_invoice"] = invoice["id"]


def cancel_now(world: World, subscription: Object, given: dict[str, Any]) -> None:
    """End it at somebody's request: `prorate` credits the rest of the period, `invoice_now` bills what waits."""
    if given.get("prorate"):
        credit_rest(world, subscription)
    end(world, subscription, "cancellation_requested", bill_rest=given.get("invoice_now", False))


def credit_rest(world: World, subscription: Object) -> None:
    """Credit what was paid for the rest of the current period, as items for the next invoice."""
    now, whole = world.now(), period_of(subscription)
    if subscription["status"] in ("trialing", "incomplete") or not whole[0] <= now < whole[1]:
        return
    for item in items_of(subscription):
        invoice_item(
            world,
            lines.of_proration(world, item, (now, whole[1]), whole, -1),
            customer=subscription["customer"],
            subscription=subscription["id"],
            subscription_item=item["id"],
            proration=True,
        )
