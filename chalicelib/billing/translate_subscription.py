"""Subscriptions and their schedules."""

from collections.abc import Mapping, Sequence

from chalicelib.billing.facts import Item, Phase, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.translate_json import Json, amount, instant, moment, number, part, ref, rows, text, yes
from chalicelib.billing.translate_price import discounts, flat, interval_count, mark_of, price, tax_rate, times

# Metadata of a subscription that goes on with a plan which Stripe ended: the ids before it, oldest first.
CONTINUES = "tillkey_continues"


def subscription(
    data: Json, names: Mapping[str, str] | None = None, pending_items: Sequence[Json] = ()
) -> SubscriptionFacts:
    """A subscription. https://docs.stripe.com/api/subscriptions/object

    `names`: of products that are not expanded, by id. `pending_items`: the customer's items that wait for an invoice.
    """
    items, waiting = rows(data, "items"), pending(pending_items, data["id"])
    mark, instalments = mark_of(data, items)
    return SubscriptionFacts(
        id=data["id"],
        customer=ref(data, "customer"),
        status=text(data, "status"),
        currency=text(data, "currency"),
        created=instant(data, "created"),
        started=moment(data, "start_date") or instant(data, "created"),
        items=tuple(_item(row, names or {}) for row in items),
        collection_method=text(data, "collection_method") or "charge_automatically",
        trial_end=moment(data, "trial_end"),
        cancel_at_period_end=yes(data, "cancel_at_period_end"),
        cancel_at=moment(data, "cancel_at"),
        canceled_at=moment(data, "canceled_at"),
        ended_at=moment(data, "ended_at"),
        collection_paused=bool(part(data, "pause_collection")),
        resumes_at=moment(data, "pause_collection", "resumes_at"),
        default_card=ref(data, "default_payment_method"),
        default_source=ref(data, "default_source"),
        schedule=ref(data, "schedule"),
        mark=mark,
        instalments=instalments,
        discounts=discounts(data),
        tax_rates=tuple(map(tax_rate, rows(data, "default_tax_rates"))),
        pending_items=bool(waiting),
        pending_amount=sum(amount(item, "amount") for item in waiting),
        portal_cancel=text(data, "metadata", "tillkey_cancel"),
        ended_because=text(data, "cancellation_details", "reason"),
        automatic_tax=yes(data, "automatic_tax", "enabled"),
        anchor=moment(data, "billing_cycle_anchor"),
        continues=tuple(text(data, "metadata", CONTINUES).split()),
    )


def schedule(data: Json) -> ScheduleFacts:
    """A subscription schedule. https://docs.stripe.com/api/subscription_schedules/object"""
    return ScheduleFacts(
        id=data["id"],
        customer=ref(data, "customer"),
        subscription=ref(data, "subscription") or text(data, "released_subscription"),
        status=text(data, "status"),
        end_behavior=text(data, "end_behavior"),
        phases=tuple(map(_phase, rows(data, "phases"))),
        current_start=moment(data, "current_phase", "start_date"),
        current_end=moment(data, "current_phase", "end_date"),
        default_card=ref(data, "default_settings", "default_payment_method"),
        portal_cancel=text(data, "metadata", "tillkey_cancel"),
    )


def pending(items: Sequence[Json], subscription_id: str) -> tuple[Json, ...]:
    """The waiting invoice items this subscription's next invoice takes: its own and those of no subscription.

    https://docs.stripe.com/api/invoiceitems/object
    """
    return tuple(i for i in items if ref(i, "parent", "subscription_details", "subscription") in ("", subscription_id))


def _item(data: Json, names: Mapping[str, str]) -> Item:
    return Item(
        id=text(data, "id"),
        price=price(part(data, "price"), names),
        quantity=number(data, "quantity"),
        period_start=instant(data, "current_period_start"),
        period_end=instant(data, "current_period_end"),
        tax_rates=tuple(map(tax_rate, rows(data, "tax_rates"))),
        discounts=discounts(data),
    )


def _phase(data: Json) -> Phase:
    items = rows(data, "items")
    first = part(items[0], "price") if items else {}
    return Phase(
        start=instant(data, "start_date"),
        end=instant(data, "end_date"),
        prices=tuple((ref(row, "price"), number(row, "quantity")) for row in items),
        default_card=ref(data, "default_payment_method"),
        amount=_phase_amount(items),
        interval=text(first, "recurring", "interval"),
        interval_count=interval_count(first),
        trial=yes(data, "trial"),
    )


def _phase_amount(items: Sequence[Json]) -> int | None:
    sums = [times(flat(part(row, "price")), number(row, "quantity")) for row in items]
    known = [value for value in sums if value is not None]
    return sum(known) if known and len(known) == len(sums) else None
