"""How many billing periods of a subscription were paid, though a HOME keeps its recent bills only."""

from collections.abc import Sequence
from itertools import takewhile

from msgspec import Struct

from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.home import RECENT
from chalicelib.billing.plan_dates import billing_dates
from chalicelib.billing.plan_rows import INSTALMENT_REASONS

WAITING = {"open", "draft"}
# A bill is made within the hour after its billing date; billing dates are a day apart at least.
HOUR, HALF_A_DAY = 3600, 43_200


class PaidPeriods(Struct, frozen=True):
    """`paid`: periods that brought money. `waiting`: periods billed and not paid yet."""

    paid: int
    waiting: int


def paid_periods(facts: SubscriptionFacts, bills: Sequence[Bill]) -> PaidPeriods:
    """Count a subscription's periods by the bills that are known, and by billing dates where none is kept any more.

    A trial's or a free period's zero bill is none, nor is an extra bill for a change. A refund takes nothing away.
    Open bills are kept however old, so a period of which no bill is known counts as paid; should it have been waived
    (collection was paused long ago), that counts for the customer.
    """
    own = sorted((b for b in bills if b.subscription == facts.id and b.kind == "invoice"), key=lambda b: b.created)
    regular = [bill for bill in own if bill.total > 0 and _begins_a_period(bill, facts)]
    paid = sum(bill.status == "paid" for bill in regular)
    waiting = sum(bill.status in WAITING for bill in regular)
    return PaidPeriods(paid + _forgotten(facts, own), waiting)


def _begins_a_period(bill: Bill, facts: SubscriptionFacts) -> bool:
    """A renewal, the first bill, or a change with which a new period began (another interval, a trial cut short).

    https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason
    """
    if bill.reason in INSTALMENT_REASONS:
        return True
    return bill.reason == "subscription_update" and 0 <= bill.created - (facts.anchor or 0) < HOUR


def _forgotten(facts: SubscriptionFacts, own: Sequence[Bill]) -> int:
    """Periods before the oldest bill of those always kept, less the older bills that are known besides."""
    if len(own) < RECENT or not facts.items:
        return 0
    oldest, price = own[-RECENT], facts.items[0].price
    begun = max(facts.started, facts.created)
    if facts.trial_end and facts.trial_end < oldest.created:
        begun = max(begun, facts.trial_end)
    dates = billing_dates(begun, facts.anchor or begun, price.interval or "month", price.interval_count)
    before = sum(1 for _ in takewhile(lambda when: when < oldest.created - HALF_A_DAY, dates))
    older = sum(bill.created >= begun for bill in own[:-RECENT] if _begins_a_period(bill, facts))
    return max(before - older, 0)
