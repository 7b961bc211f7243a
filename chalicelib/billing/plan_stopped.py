"""What becomes of a payment plan when the last try to charge an instalment has failed: it is still owed.

Stripe does what the merchant chose: end it, leave it past due, or make it unpaid, whose later bills stay drafts.
https://docs.stripe.com/billing/revenue-recovery/smart-retries
"""

from chalicelib.billing.account import Overdue
from chalicelib.billing.facts import CustomerFacts, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.instalments import Resumption, Stopped
from chalicelib.billing.next_amount import has_certain_price, list_price, tax_rates_of, with_tax
from chalicelib.billing.plans import Progress
from chalicelib.billing.resumption import first_date, resumption
from chalicelib.billing.status import ends_at, has_ended

STANDING_STILL = {"past_due", "unpaid"}


def owes_drafts(facts: SubscriptionFacts, schedule: ScheduleFacts | None) -> bool:
    """Drafts of this plan are instalments that nobody collects: it is unpaid, or ran its course while it was."""
    end = ends_at(facts, schedule)
    ran_its_course = has_ended(facts) and end is not None and facts.ended_at is not None and facts.ended_at >= end
    return (facts.status == "unpaid" or ran_its_course) and not facts.collection_paused


def stopped(
    facts: SubscriptionFacts,
    customer: CustomerFacts,
    schedule: ScheduleFacts | None,
    so_far: Progress,
    owed: Overdue | None,
) -> Stopped | None:
    """Whether the plan stands still, and why; None while Stripe goes on charging by itself or all is paid."""
    if so_far.completed or so_far.paid_off or facts.collection_method == "send_invoice":
        return None
    if not has_ended(facts):
        still = facts.status in STANDING_STILL and owed is not None and owed.next_try is None
        return Stopped(facts.status) if still else None
    missing = max((so_far.of or 0) - len(so_far.instalments), 0)
    price = list_price(facts.items)
    certain = price is not None and has_certain_price(facts, customer) and not _changed_price(schedule, price)
    each = with_tax(price or 0, tax_rates_of(facts.items[0], facts)) if certain else None
    why = "failed" if facts.ended_because == "payment_failed" else "canceled"
    return Stopped(why, missing, None if each is None else each * missing) if missing or owed else None


def resumed(facts: SubscriptionFacts, halted: Stopped | None, billed: int, now: float) -> Resumption | None:
    """How it would go on: only what Stripe ended because it was not paid, and whose instalments are certain."""
    if halted is None or halted.why != "failed" or not halted.missing or not halted.amount:
        return None
    price = facts.items[0].price
    each = halted.amount // halted.missing
    return resumption(price, first_date(price, now), billed + 1, halted.missing, each)


def _changed_price(schedule: ScheduleFacts | None, price: int) -> bool:
    """Some phase asked for another sum than the present one, so what is missing cannot be told from it."""
    return any(phase.amount != price or phase.trial for phase in schedule.phases) if schedule else False
