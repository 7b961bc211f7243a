"""What will be charged next, and when: worked out where it is certain, else Stripe's own preview."""

import hashlib
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.billing.account import NextPayment
from chalicelib.billing.facts import CustomerFacts, Item, Preview, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_price import TaxRate
from chalicelib.billing.status import ends_at, has_ended, period_end, renews_before

# In these states no invoice is made, or made but not collected.
# https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
NOT_CHARGING = {"incomplete", "unpaid", "paused"}


def next_payment(
    facts: SubscriptionFacts, customer: CustomerFacts, schedule: ScheduleFacts | None, previews: Sequence[Preview]
) -> NextPayment | None:
    """The next charge of an item, or None when none will come. `about` when the amount may still change."""
    due = next_due(facts, schedule)
    if due is None:
        return None
    if is_simple(facts, customer, schedule):
        return NextPayment(due=due, amount=_simple_amount(facts), currency=facts.currency)
    metered = any(item.price.metered for item in facts.items)
    preview = _fitting(facts, customer, schedule, previews)
    if preview:
        return NextPayment(due=due, amount=preview.amount, currency=preview.currency, about=metered)
    estimate = None if _unforeseeable(facts, customer, schedule) else _simple_amount(facts)
    return NextPayment(due=due, amount=estimate, currency=facts.currency, about=True)


def next_due(facts: SubscriptionFacts, schedule: ScheduleFacts | None) -> int | None:
    """When the next invoice is made, or None when no more is made or collection stands still."""
    due = period_end(facts)
    if due is None or has_ended(facts) or facts.status in NOT_CHARGING:
        return None
    if facts.collection_paused and (facts.resumes_at is None or facts.resumes_at > due):
        return None
    return due if renews_before(facts, ends_at(facts, schedule)) else None


def needs_preview(facts: SubscriptionFacts, customer: CustomerFacts, schedule: ScheduleFacts | None) -> bool:
    """The next amount is not certain from the facts alone: Stripe must be asked."""
    return next_due(facts, schedule) is not None and not is_simple(facts, customer, schedule)


def is_simple(facts: SubscriptionFacts, customer: CustomerFacts, schedule: ScheduleFacts | None) -> bool:
    """One flat price, fixed tax rates, and nothing waiting, discounted or about to change."""
    return has_certain_price(facts, customer) and not _changes_phase(facts, schedule)


def has_certain_price(facts: SubscriptionFacts, customer: CustomerFacts) -> bool:
    """What any period costs follows from its list price alone: one flat price, fixed taxes, nothing else counted in."""
    return (
        len(facts.items) == 1
        and not _adjusted(facts, customer)
        and not facts.automatic_tax
        and _taxes_are_certain(facts.items[0], facts, customer)
    )


def inputs_fingerprint(facts: SubscriptionFacts, customer: CustomerFacts, schedule: ScheduleFacts | None) -> str:
    """A short text that changes whenever something does that the next amount depends on."""
    inputs = (
        (facts.items, facts.discounts, facts.tax_rates, facts.automatic_tax, facts.pending_items, facts.pending_amount),
        (facts.status, facts.trial_end, facts.cancel_at, facts.cancel_at_period_end, facts.collection_paused),
        (customer.balance, customer.discounted, customer.tax_exempt),
        (schedule.status, schedule.end_behavior, schedule.phases) if schedule else (),
    )
    return hashlib.sha256(repr(inputs).encode()).hexdigest()[:16]


def list_price(items: Sequence[Item]) -> int | None:
    """What all items cost per period before tax and discount, None when a price is not flat or periods differ."""
    terms = {(item.price.interval, item.price.interval_count) for item in items}
    if not items or len(terms) > 1 or any(item.price.metered for item in items):
        return None
    sums = [_item_price(item) for item in items]
    known = [value for value in sums if value is not None]
    return sum(known) if len(known) == len(sums) else None


def with_tax(net: int, rates: Sequence[TaxRate]) -> int:
    """`net` and the taxes that come on top of it, each rounded half up to the minor unit. Inclusive ones are inside.

    https://docs.stripe.com/billing/taxes/tax-rates
    """
    added = [net * Decimal(rate.percentage) / 100 for rate in rates if not rate.inclusive and rate.percentage]
    return net + sum(int(tax.quantize(Decimal(1), ROUND_HALF_UP)) for tax in added)


def tax_rates_of(item: Item, facts: SubscriptionFacts) -> tuple[TaxRate, ...]:
    """An item's own tax rates stand in place of the subscription's."""
    return item.tax_rates or facts.tax_rates


def _simple_amount(facts: SubscriptionFacts) -> int:
    return sum(with_tax(_item_price(item) or 0, tax_rates_of(item, facts)) for item in facts.items)


def _item_price(item: Item) -> int | None:
    if item.price.unit_amount is None:
        return None
    return item.price.unit_amount * (1 if item.quantity is None else item.quantity)


def _taxes_are_certain(item: Item, facts: SubscriptionFacts, customer: CustomerFacts) -> bool:
    rates = tax_rates_of(item, facts)
    mixed = len({rate.inclusive for rate in rates}) > 1
    unknown = any(not rate.percentage for rate in rates)
    return not rates or (customer.tax_exempt == "none" and not mixed and not unknown)


def _unforeseeable(facts: SubscriptionFacts, customer: CustomerFacts, schedule: ScheduleFacts | None) -> bool:
    """The list price says nothing useful about the next amount."""
    return _adjusted(facts, customer) or _changes_phase(facts, schedule)


def _adjusted(facts: SubscriptionFacts, customer: CustomerFacts) -> bool:
    reduced = facts.discounts or customer.discounted or any(item.discounts for item in facts.items)
    added = facts.pending_items or customer.balance != 0
    return bool(reduced or added or list_price(facts.items) is None)


def _changes_phase(facts: SubscriptionFacts, schedule: ScheduleFacts | None) -> bool:
    """Another phase of the schedule, perhaps with another price, has begun by the next invoice."""
    due = period_end(facts)
    if schedule is None or due is None:
        return False
    now = tuple((item.price.id, item.quantity) for item in facts.items)
    return any(phase.start <= due < phase.end and phase.prices != now for phase in schedule.phases)


def _fitting(
    facts: SubscriptionFacts, customer: CustomerFacts, schedule: ScheduleFacts | None, previews: Sequence[Preview]
) -> Preview | None:
    inputs = inputs_fingerprint(facts, customer, schedule)
    return next((p for p in previews if p.subscription == facts.id and p.inputs == inputs), None)
