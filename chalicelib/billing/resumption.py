"""When the missing instalments of a payment plan that Stripe ended after the last failed try would be due."""

from itertools import islice

from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.facts_price import Price
from chalicelib.billing.instalments import Instalment, Resumption
from chalicelib.billing.plan_dates import billing_dates, next_date

HOUR = 3600
# How long the dates a customer was shown may be kept to.
SHOWN = 86400


def first_date(price: Price, now: float) -> int:
    """One interval from now, so that nobody pays twice at once.

    Down to the last full hour, for Stripe wants it before the interval is over.
    https://docs.stripe.com/billing/subscriptions/billing-cycle#new-subscriptions
    """
    start = (int(now) - 1) // HOUR * HOUR
    return next_date(start, start, price.interval or "month", price.interval_count)


def resumption(price: Price, first: int, number: int, missing: int, each: int) -> Resumption:
    """`missing` instalments of `each` minor units from `first` on (UTC epoch seconds), the next being `number`."""
    dates = billing_dates(first, first, price.interval or "month", price.interval_count)
    *due, ends = islice(dates, missing + 1)
    rows = tuple(Instalment(number + n, date, each, "Later", "quiet") for n, date in enumerate(due))
    return Resumption(rows, ends)


def as_agreed(plan: PaymentPlan, first: int) -> Resumption | None:
    """The schedule a customer was shown within the last day, by its first date; None when it is another one now."""
    now = plan.resumption
    if now is None or not now.first - SHOWN <= first <= now.first:
        return None
    rows = now.instalments
    return resumption(plan.items[0].price, first, rows[0].number or 1, len(rows), rows[0].amount)
