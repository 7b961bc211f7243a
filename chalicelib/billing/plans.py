"""Payment plan or subscription? And for a plan: its instalments, what is paid, what is left, when it is complete."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.billing.account import NextPayment
from chalicelib.billing.bills import collected, refunded
from chalicelib.billing.facts import ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.instalments import Instalment
from chalicelib.billing.plan_charges import Charge, charges_to_come, missed
from chalicelib.billing.plan_rows import billed, row
from chalicelib.billing.status import ends_at, has_ended, period_end
from chalicelib.settings.merchant import Settings


class Progress(Struct, frozen=True):
    """How far a plan is. `of`, `left` and `total` are None while the number of instalments is not known.

    `never_ends`: Stripe would go on charging after the last instalment; the merchant must be told. `to_come` are the
    charges not billed yet; `paid_off`: the rest was paid at once, so nothing is to come; `ahead` is the next date, when
    what is due then was paid early.
    """

    instalments: tuple[Instalment, ...]
    done: int
    of: int | None
    paid: int
    left: int | None
    total: int | None
    never_ends: bool
    completed: bool
    to_come: tuple[Charge, ...] = ()
    paid_off: bool = False
    ahead: int | None = None


def classify(facts: SubscriptionFacts, schedule: ScheduleFacts | None, settings: Settings) -> str:
    """Give "plan" or "subscription": the explicit mark, else what it was first seen as, else the merchant's rule.

    In doubt a subscription. The result is what `first_seen_as` should hold when the item is first stored.
    """
    if facts.mark:
        return facts.mark
    if facts.first_seen_as:
        return facts.first_seen_as
    ending = schedule is not None and schedule.end_behavior == "cancel" and schedule.status in ("active", "not_started")
    return "plan" if ending and settings.ending_schedules_are_plans else "subscription"


def progress(
    facts: SubscriptionFacts, schedule: ScheduleFacts | None, bills: Sequence[Bill], expected: NextPayment | None
) -> Progress:
    """The plan's table and sums. `bills` hold all bills of the plan, `expected` is its next charge as far as known.

    A voided instalment is forgiven: it leaves table and count. A refund lowers what is paid, not what is done.
    """
    on_time, void = billed(facts.own(bills))
    early, at_once = _paid_ahead(facts, bills)
    made, forgiven = _in_order((*on_time, *early)), max(void - len(early), 0)
    covered = {bill.pays_due for bill in early}
    ahead = period_end(facts) if period_end(facts) in covered else None
    if at_once:
        return replace(_paid_off(facts, made, at_once), ahead=ahead)
    promised = None if facts.instalments is None else max(facts.instalments - forgiven, 0)
    to_come = tuple(c for c in charges_to_come(facts, schedule, made, promised, expected) if c.due not in covered)
    of = _number(facts, schedule, promised, made, len(to_come))
    done = sum(bill.status == "paid" for bill in made)
    paid = sum(collected(bill) - refunded(bill) for bill in made)
    open_sum = sum(bill.amount_remaining for bill in made if bill.status != "paid")
    left = None if of is None else open_sum + sum(charge.amount for charge in to_come)
    never_ends = _never_ends(facts, schedule, promised, len(made), len(to_come))
    return Progress(
        instalments=_table(made, to_come),
        done=done,
        of=of,
        paid=paid,
        left=left,
        total=None if left is None else paid + left,
        never_ends=never_ends,
        completed=of is not None and 0 < of <= done and not never_ends,
        to_come=to_come,
        ahead=ahead,
    )


def _paid_ahead(facts: SubscriptionFacts, bills: Sequence[Bill]) -> tuple[list[Bill], Bill | None]:
    """The bills that paid one instalment before it was due, and the one that paid all the rest."""
    own = [bill for bill in bills if bill.pays_off and bill.pays_off in facts.ids and bill.status == "paid"]
    rest = next((bill for bill in own if not bill.pays_due and bill.pays_off == facts.id), None)
    return [bill for bill in own if bill.pays_due], rest


def _in_order(bills: Sequence[Bill]) -> tuple[Bill, ...]:
    return tuple(sorted(bills, key=lambda bill: (bill.created, bill.id)))


def _paid_off(facts: SubscriptionFacts, made: Sequence[Bill], at_once: Bill) -> Progress:
    """The rest was paid with one bill; complete as soon as Stripe has no more to charge, either."""
    settled = [bill for bill in made if bill.status == "paid"]
    paid = sum(collected(bill) - refunded(bill) for bill in (*settled, at_once))
    count = len(settled) + 1
    rows = (*(row(number, bill) for number, bill in enumerate(settled, 1)), row(None, at_once))
    return Progress(rows, count, count, paid, 0, paid, False, has_ended(facts), paid_off=True)


def _table(made: Sequence[Bill], to_come: Sequence[Charge]) -> tuple[Instalment, ...]:
    rows = [row(number, bill) for number, bill in enumerate(made, 1)]
    for number, charge in enumerate(to_come, len(made) + 1):
        word = "Next" if charge is to_come[0] else "Later"
        rows.append(Instalment(number, due=charge.due, amount=charge.amount, word=word, tone="quiet"))
    return tuple(rows)


def _number(
    facts: SubscriptionFacts,
    schedule: ScheduleFacts | None,
    promised: int | None,
    made: Sequence[Bill],
    to_come: int,
) -> int | None:
    """How many instalments there are: what Stripe will have charged in the end, and never fewer than promised.

    Of a plan that was ended before its time those it would have had by its dates.
    """
    end, in_the_end = ends_at(facts, schedule), len(made) + to_come
    if not has_ended(facts):
        return promised if end is None else max(in_the_end, promised or 0)
    if promised is not None or end is None:
        return promised
    ran_its_course = facts.ended_at is not None and facts.ended_at >= end
    return in_the_end if ran_its_course else len(made) + missed(facts, schedule, made, end)


def _never_ends(
    facts: SubscriptionFacts, schedule: ScheduleFacts | None, promised: int | None, made: int, to_come: int
) -> bool:
    """Charges will go on after the last promised instalment, or nobody knows when they stop."""
    if has_ended(facts):
        return False
    too_many = promised is not None and to_come > 0 and made + to_come > promised
    return ends_at(facts, schedule) is None or too_many
