"""How paying a plan's rest at once ends: the plan with it, or the bill without effect. Both may be done twice."""

import logging
import secrets

from chalicelib import clock
from chalicelib.billing.bills import last_try
from chalicelib.billing.desk import Desk
from chalicelib.billing.errors import NotPossible
from chalicelib.billing.facts import Home, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.plan_rest import skipped_until
from chalicelib.billing.runner import Attempt
from chalicelib.billing.status import has_ended

log = logging.getLogger(__name__)
KINDS = KIND, KIND_NEXT = "pay_off", "pay_next"
# How long a customer has to confirm the payment with their bank before it is taken back.
PATIENCE = 1800


def tend(desk: Desk, holder: str) -> None:
    """Finish what the mirror shows of this customer's payoffs, whoever began them: after each event about them.

    A paid one ends its plan; one that nobody pays any more is taken back. Costs one read where there is none.
    """
    home = desk.mirror.home(holder, fresh=True)
    if home is None:
        return
    plans = {facts.id: facts for facts in home.subscriptions}
    for bill in home.bills:
        plan = plans.get(bill.pays_off)
        if plan and bill.status == "paid" and _is_unfinished(bill, plan, home):
            finish(desk, plan.id, bill.id, bill.pays_due or 0)
        elif plan and bill.status == "open" and _left_alone(bill):
            take_back(desk, bill.id, bill.status)


def finish(desk: Desk, plan: str, bill: str, due: int = 0, attempt: Attempt | None = None) -> None:
    """End a plan whose rest is paid, or let it skip the instalment `due` then. What was billed meanwhile of what is
    paid is taken back.
    """
    now = desk.gateway.subscription(plan)
    if now and not has_ended(now) and due > clock.now() and now.resumes_at != skipped_until(due):
        desk.gateway.skip_until(plan, skipped_until(due), _key(bill, "skip"))
    elif now and not has_ended(now) and not due:
        _end(desk, plan, now.schedule, bill)
    for unpaid in desk.gateway.unpaid_bills(plan):
        _take_back_instalment(desk, unpaid, due, attempt)
    desk.refresh("bill", bill, attempt)
    desk.refresh("subscription", plan, attempt)
    if now and now.schedule:
        desk.refresh("schedule", now.schedule, attempt)


def take_back(desk: Desk, bill: str, status: str, attempt: Attempt | None = None) -> bool:
    """So that an unpaid bill is no second debt. False when it was paid in this very moment."""
    key = _key(bill, "take-back")
    try:
        if status == "draft":
            desk.gateway.delete_draft(bill, key)
        else:
            desk.gateway.void(bill, key)
    except NotPossible:
        now = desk.gateway.bill(bill)
        if now and now.status == "paid":
            return False
        if now and now.status in {"draft", "open"}:
            raise
    desk.refresh("bill", bill, attempt)
    return True


def _end(desk: Desk, plan: str, schedule: str, bill: str) -> None:
    try:
        desk.gateway.end_plan(plan, schedule, _key(bill, "end"))
    except NotPossible:
        now = desk.gateway.subscription(plan)
        if now and not has_ended(now):
            raise


def _left_alone(bill: Bill) -> bool:
    latest = last_try(bill)
    return clock.now() > bill.created + 2 * PATIENCE and not (latest and latest.status == "processing")


def _is_unfinished(bill: Bill, plan: SubscriptionFacts, home: Home) -> bool:
    """Its plan still runs, or does not skip yet, or what it paid was billed all the same."""
    waiting = [b for b in home.bills if b.subscription == plan.id and b.status in {"draft", "open"}]
    if not bill.pays_due:
        return bool(waiting) or not has_ended(plan)
    skips = plan.resumes_at == skipped_until(bill.pays_due) or has_ended(plan)
    billed = any(_is_of(other, bill.pays_due) for other in waiting)
    return billed or (bill.pays_due > clock.now() and not skips)


def _is_of(bill: Bill, due: int) -> bool:
    """The bill of the instalment due then; without a date (0) any."""
    return not due or due <= bill.created <= skipped_until(due)


def _take_back_instalment(desk: Desk, bill: str, due: int, attempt: Attempt | None) -> None:
    """A subscription's draft cannot be deleted: it is made final, then void."""
    found = desk.gateway.bill(bill)
    if found is None or not _is_of(found, due):
        return
    if found.status == "draft":
        desk.gateway.finalize(bill, _key(bill, "final"))
    if not take_back(desk, bill, "open", attempt):
        log.error("an instalment was charged beside paying off the rest: refund one", extra={"bill": bill})


def _key(bill: str, name: str) -> str:
    """Of one try: these may be done twice, and a failure that Stripe keeps under a key must not stick."""
    return f"tillkey-{KIND}-{bill}-{name}-{secrets.token_hex(6)}"
