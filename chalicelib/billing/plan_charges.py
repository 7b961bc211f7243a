"""The instalments Stripe has still to charge: from the schedule's phases, a set end, or the promised number."""

from collections.abc import Sequence
from itertools import islice, takewhile

from msgspec import Struct

from chalicelib.billing.account import NextPayment
from chalicelib.billing.facts import Phase, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.next_amount import list_price, tax_rates_of, with_tax
from chalicelib.billing.plan_dates import billing_dates
from chalicelib.billing.status import ends_at, has_ended, period_end

# A table nobody reads to its end; keeps a far-off end date from filling a page.
LONGEST = 240


class Charge(Struct, frozen=True):
    """A charge to come, in minor units and UTC epoch seconds."""

    due: int
    amount: int


def charges_to_come(
    facts: SubscriptionFacts,
    schedule: ScheduleFacts | None,
    made: Sequence[Bill],
    promised: int | None,
    expected: NextPayment | None,
) -> tuple[Charge, ...]:
    """All charges after `made`, the last as Stripe will bill it. `promised` counts only while Stripe has no end."""
    start, end = period_end(facts), ends_at(facts, schedule)
    if start is None or has_ended(facts):
        return ()
    price = facts.items[0].price
    dates = billing_dates(start, facts.anchor or facts.started, price.interval or "month", price.interval_count)
    if end is not None:
        dates = takewhile(lambda due: due < end, dates)
    else:
        dates = islice(dates, max((promised or 0) - len(made), 0))
    usual = _usual_amount(facts, schedule, made, expected)
    billed = [due for due in islice(dates, LONGEST) if not _is_free(due, schedule)]
    return tuple(Charge(due, _amount(due, facts, schedule, expected, usual)) for due in billed)


def missed(facts: SubscriptionFacts, schedule: ScheduleFacts | None, made: Sequence[Bill], end: int) -> int:
    """How many charges after those `made` an ended plan would have had until `end`; none if it had none."""
    if not made or not facts.items:
        return 0
    last = max(bill.pays_due or bill.created for bill in made)
    price, anchor = facts.items[0].price, facts.anchor or facts.started
    dates = billing_dates(last, anchor, price.interval or "month", price.interval_count)
    later = takewhile(lambda due: due < end, islice(dates, 1, LONGEST))
    return sum(not _is_free(due, schedule) for due in later)


def phase_at(due: int, schedule: ScheduleFacts | None) -> Phase | None:
    """The phase of the schedule under which the charge due then is made."""
    phases = schedule.phases if schedule else ()
    return next((phase for phase in phases if phase.start <= due < phase.end), None)


def _amount(
    due: int, facts: SubscriptionFacts, schedule: ScheduleFacts | None, expected: NextPayment | None, usual: int
) -> int:
    if expected and expected.due == due and expected.amount is not None:
        return expected.amount
    changed = _changed_price(due, facts, schedule)
    return usual if changed is None else changed


def _usual_amount(
    facts: SubscriptionFacts, schedule: ScheduleFacts | None, made: Sequence[Bill], expected: NextPayment | None
) -> int:
    """What an instalment at the present price costs: as the next one, else by the price, else as the last was."""
    if expected and expected.amount is not None and _changed_price(expected.due, facts, schedule) is None:
        return expected.amount
    price = list_price(facts.items)
    if price is not None and not facts.discounts:
        return with_tax(price, tax_rates_of(facts.items[0], facts))
    return made[-1].total if made else price or 0


def _changed_price(due: int, facts: SubscriptionFacts, schedule: ScheduleFacts | None) -> int | None:
    """The charge under a phase whose price is not the present one, or None."""
    phase = phase_at(due, schedule)
    if phase is None or phase.amount is None or phase.amount == list_price(facts.items):
        return None
    return with_tax(phase.amount, tax_rates_of(facts.items[0], facts))


def _is_free(due: int, schedule: ScheduleFacts | None) -> bool:
    phase = phase_at(due, schedule)
    return phase is not None and phase.trial
