"""What paying all the rest of a plan at once comes to, where that is certain to the minor unit."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from chalicelib import money
from chalicelib.billing.facts import CustomerFacts, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_price import TaxRate
from chalicelib.billing.instalments import Rest, RestLine
from chalicelib.billing.next_amount import has_certain_price, list_price, tax_rates_of, with_tax
from chalicelib.billing.plan_charges import Charge, phase_at

# Stripe may bill a while after the date; the next instalment is a day later at the soonest.
SKIPPING = 6 * 3600


def rest_of(
    facts: SubscriptionFacts,
    customer: CustomerFacts,
    schedule: ScheduleFacts | None,
    to_come: Sequence[Charge],
    first: int,
    percent: Decimal,
) -> Rest | None:
    """The rest of a plan whose next instalment is number `first`, less the merchant's `percent` for paying early.

    None when nothing is left, or when what Stripe would charge cannot be told from the facts alone: discounts,
    automatic tax, credit and usage are Stripe's to work out.
    """
    if not to_come or not has_certain_price(facts, customer):
        return None
    rates = tax_rates_of(facts.items[0], facts)
    nets = [_net(charge.due, facts, schedule) for charge in to_come]
    if any(net is None or with_tax(net, rates) != c.amount for net, c in zip(nets, to_come, strict=True)):
        return None
    left = sum(charge.amount for charge in to_come)
    lines = _less(_lines([net or 0 for net in nets], first, left, rates), percent, facts.currency)
    amount = sum(with_tax(line.net, rates) for line in lines)
    return Rest(left, amount, lines, f"{percent.normalize():f}" if percent else "")


def next_alone(
    facts: SubscriptionFacts, schedule: ScheduleFacts | None, rest: Rest | None, to_come: Sequence[Charge], first: int
) -> Rest | None:
    """The next instalment by itself, where the rest is certain and more than this one."""
    if rest is None or len(to_come) < 2:
        return None
    due, amount = to_come[0].due, to_come[0].amount
    return Rest(amount, amount, (RestLine(first, first, _net(due, facts, schedule) or 0),), due=due)


def skipped_until(due: int) -> int:
    """Until when Stripe makes bills void so that the instalment due then, paid early, is not charged again."""
    return due + SKIPPING


def _net(due: int, facts: SubscriptionFacts, schedule: ScheduleFacts | None) -> int | None:
    """Price of the instalment due then: its phase's, else the present one."""
    phase = phase_at(due, schedule)
    return list_price(facts.items) if phase is None else phase.amount


def _lines(nets: list[int], first: int, left: int, rates: Sequence[TaxRate]) -> list[RestLine]:
    """One line for all, unless taxing each instalment apart comes to another sum: then one for each."""
    if with_tax(sum(nets), rates) == left:
        return [RestLine(first, first + len(nets) - 1, sum(nets))]
    return [RestLine(number, number, net) for number, net in enumerate(nets, first)]


def _less(lines: list[RestLine], percent: Decimal, currency: str) -> tuple[RestLine, ...]:
    """The discount is rounded once, on the sum; each line bears the difference it makes there."""
    sofar, reduced = 0, []
    for line in lines:
        share = _share(sofar + line.net, percent, currency) - _share(sofar, percent, currency)
        reduced.append(RestLine(line.first, line.last, line.net - share))
        sofar += line.net
    return tuple(reduced)


def _share(amount: int, percent: Decimal, currency: str) -> int:
    """`percent` of an amount, rounded half up to the smallest sum that can be charged."""
    step = money.smallest_charge_step(currency)
    return int((amount * percent / 100 / step).quantize(Decimal(1), ROUND_HALF_UP)) * step
