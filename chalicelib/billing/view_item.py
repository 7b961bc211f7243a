"""One subscription or payment plan as its page shows it."""

from decimal import Decimal

from msgspec.structs import asdict, replace

from chalicelib.billing import titles
from chalicelib.billing.account import (
    Card,
    NextPayment,
    Overdue,
    PaymentPlan,
    Status,
    Subscription,
)
from chalicelib.billing.charged import charged_card, last_paid_with
from chalicelib.billing.facts import Home, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.facts_price import Discount, TaxRate
from chalicelib.billing.next_amount import list_price, next_payment
from chalicelib.billing.paid_periods import PaidPeriods, paid_periods
from chalicelib.billing.plan_rest import next_alone, rest_of, skipped_until
from chalicelib.billing.plan_stopped import owes_drafts, resumed, stopped
from chalicelib.billing.plans import Progress, classify, progress
from chalicelib.billing.status import (
    canceled_here,
    ends_at,
    has_ended,
    is_canceling,
    period_end,
    schedule_of,
    shown,
    while_processing,
)
from chalicelib.billing.view_cards import card, unlisted_card
from chalicelib.billing.view_overdue import on_its_way, overdue
from chalicelib.settings.merchant import Settings

# The order of the page: what needs its owner first, what is over last.
RANK = {
    Status.UNPAID: 0,
    Status.PAYMENT_NEEDED: 0,
    Status.PAST_DUE: 0,
    Status.COMPLETED: 2,
    Status.CANCELED: 3,
}


def item(facts: SubscriptionFacts, home: Home, now: float, settings: Settings) -> Subscription:
    """The item with its status, card, next payment and alert; a PaymentPlan when it is one."""
    facts = _as_if_running(facts, home)
    schedule = schedule_of(facts, home.schedules)
    expected = next_payment(facts, home.customer, schedule, home.previews)
    is_plan = classify(facts, schedule, settings) == "plan"
    drafts = is_plan and owes_drafts(facts, schedule)
    owed = overdue(facts, home.bills, charged_card(facts, home)[0] is not None, now, drafts)
    periods = paid_periods(facts, home.bills) if settings.cancel_rules else PaidPeriods(0, 0)
    found = _processed(_subscription(facts, home, schedule, expected, owed, now, periods), facts, home)
    if is_plan:
        return _as_plan(found, facts, home, progress(facts, schedule, home.bills, expected), now, settings)
    return found


def page_order(shown_item: Subscription) -> tuple[bool, int, int]:
    """Sort key: failed payments, then what runs, then what is complete, then what ended; newest first in each."""
    rank = RANK.get(shown_item.shown.status, 1) if shown_item.shown.status else 1
    return shown_item.overdue is None or rank == 3, rank, -shown_item.started


def _subscription(
    facts: SubscriptionFacts,
    home: Home,
    schedule: ScheduleFacts | None,
    expected: NextPayment | None,
    owed: Overdue | None,
    now: float,
    periods: PaidPeriods,
) -> Subscription:
    charged, inherits = _card(facts, home, owed, now)
    first = facts.items[0].price if facts.items else None
    return Subscription(
        id=facts.id,
        holder=home.holder,
        name=titles.joined(line.price.name for line in facts.items) or "Subscription",
        shown=shown(facts, canceling=is_canceling(facts, schedule, plan=False)),
        currency=facts.currency,
        items=facts.items,
        started=_started(facts, home),
        amount=list_price(facts.items),
        interval=(first.interval if first else None) or "",
        interval_count=first.interval_count if first else 1,
        card=charged,
        next_payment=expected,
        ends=None if has_ended(facts) else ends_at(facts, schedule),
        ended=(facts.ended_at or facts.canceled_at or facts.created) if has_ended(facts) else None,
        trial_end=facts.trial_end if facts.status == "trialing" else None,
        period_end=period_end(facts),
        discounts=_discounts(facts),
        tax_rates=_tax_rates(facts),
        overdue=owed,
        schedule=schedule.id if schedule else "",
        sends_invoice=facts.collection_method == "send_invoice",
        inherits_card=inherits,
        bills=_bills(facts, home),
        canceled_here=canceled_here(facts, schedule),
        anchor=facts.anchor,
        paid_periods=periods.paid,
        waiting_periods=periods.waiting,
    )


def _as_if_running(facts: SubscriptionFacts, home: Home) -> SubscriptionFacts:
    """Collection that pauses only to skip what was paid early is not paused to its customer."""
    if not facts.collection_paused:
        return facts
    ours = [skipped_until(bill.pays_due) for bill in home.bills if bill.pays_off == facts.id and bill.pays_due]
    return replace(facts, collection_paused=False, resumes_at=None) if facts.resumes_at in ours else facts


def _started(facts: SubscriptionFacts, home: Home) -> int:
    """Of a resumed plan when it was bought."""
    return min(known.started for known in (facts, *home.subscriptions) if known.id in facts.ids)


def _processed(found: Subscription, facts: SubscriptionFacts, home: Home) -> Subscription:
    """The same with what a bank is processing of it."""
    coming = on_its_way(facts, home.bills)
    if not coming:
        return found
    status = while_processing(found.shown) if found.overdue is None else found.shown
    return replace(found, on_its_way=coming, shown=status)


def _bills(facts: SubscriptionFacts, home: Home) -> tuple[Bill, ...]:
    ids = facts.ids
    own = [bill for bill in home.bills if bill.item in ids]
    return tuple(sorted(own, key=lambda bill: (bill.created, bill.id), reverse=True))


def _as_plan(
    found: Subscription, facts: SubscriptionFacts, home: Home, so_far: Progress, now: float, settings: Settings
) -> PaymentPlan:
    status, upcoming = shown(facts, completed=so_far.completed), None if so_far.paid_off else found.next_payment
    status = while_processing(status) if found.on_its_way and found.overdue is None else status
    first, percent = len(so_far.instalments) - len(so_far.to_come) + 1, Decimal(str(settings.plan_payoff_discount))
    schedule = schedule_of(facts, home.schedules)
    rest = rest_of(facts, home.customer, schedule, so_far.to_come, first, percent)
    halted = stopped(facts, home.customer, schedule, so_far, found.overdue)
    resumption = resumed(facts, halted, len(so_far.instalments), now)
    missing = resumption.total if resumption else 0
    used = last_paid_with(facts, home) if resumption and found.overdue is None else None
    if upcoming and upcoming.due == so_far.ahead:
        upcoming = _after(so_far, facts.currency)
    return PaymentPlan(
        **{**asdict(found), "shown": status, "next_payment": upcoming, "continues": facts.continues}
        | ({"card": card(used, now)} if used else {}),
        done=so_far.done,
        of=so_far.of,
        paid=so_far.paid,
        left=None if so_far.left is None else so_far.left + missing,
        total=None if so_far.total is None else so_far.total + missing,
        instalments=so_far.instalments,
        never_ends=so_far.never_ends,
        rest=rest,
        early=next_alone(facts, schedule, rest, so_far.to_come, first),
        ahead=so_far.ahead,
        paying_off=next((b for b in home.bills if b.pays_off == facts.id and b.status == "open"), None),
        paid_off=so_far.paid_off,
        stopped=halted,
        resumption=resumption,
    )


def _after(so_far: Progress, currency: str) -> NextPayment | None:
    """The next charge of a plan of which one instalment was paid early."""
    coming = so_far.to_come[0] if so_far.to_come else None
    return NextPayment(coming.due, coming.amount, currency) if coming else None


def _card(facts: SubscriptionFacts, home: Home, owed: Overdue | None, now: float) -> tuple[Card | None, bool]:
    """The payment method that is charged next and whether the item inherits it; none where invoices are sent."""
    if facts.collection_method == "send_invoice":
        return None, False
    card_id, inherits = charged_card(facts, home, owed.bills[0] if owed else None)
    if card_id is None:
        return None, inherits
    known = next((saved for saved in home.cards if saved.id == card_id), None)
    return (card(known, now) if known else unlisted_card(card_id, home.holder)), inherits


def _discounts(facts: SubscriptionFacts) -> tuple[Discount, ...]:
    return tuple(dict.fromkeys((*facts.discounts, *(d for line in facts.items for d in line.discounts))))


def _tax_rates(facts: SubscriptionFacts) -> tuple[TaxRate, ...]:
    own = tuple(dict.fromkeys(rate for line in facts.items for rate in line.tax_rates))
    return own or facts.tax_rates
