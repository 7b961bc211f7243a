"""Cancel a subscription, and take that back until it ends."""

import logging

from chalicelib import clock
from chalicelib.billing import policy, reasons
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import Desk, allowed_or_repeated, earlier_outcome, fresh_item, fresh_subscription, owned
from chalicelib.billing.errors import NotPossible
from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.billing.intents import BillingEvent, Intent, Outcome
from chalicelib.billing.reasons import Reason
from chalicelib.billing.runner import Attempt
from chalicelib.billing.status import ENDED, period_end
from chalicelib.errors import NotAllowed

log = logging.getLogger(__name__)
STOPPED = Outcome("unchanged")
# The same attempt may be repeated until its form is an hour old or so.
LONGEST_ATTEMPT = 3600


def cancel(desk: Desk, account: Account, item_id: str, key: str, chosen: str = "", text: str = "") -> Outcome:
    """Stop all further payments; access stays until the paid period ends (at once if it never started).

    `chosen` (one of the merchant's reasons) and `text` say why, or are empty. What was canceled elsewhere meanwhile
    stays as it is, status "unchanged". Raises NotFound, NotAllowed, NotPossible, StripeUnavailable, OutcomeUnknown.
    """
    item = owned(account, item_id)
    if policy.stopped(item):
        return earlier_outcome(desk, item, key) or STOPPED
    earlier = allowed_or_repeated(desk, item, key, policy.cancel(item, desk.settings()))
    if earlier:
        return earlier
    now = fresh_subscription(desk, item)
    if _mark(desk, now) != key and _stopped_elsewhere(desk, now):
        return STOPPED
    intent = Intent(
        id=key,
        kind="cancel",
        mailbox=account.mailbox,
        holder=item.holder,
        item=item.id,
        created=clock.now(),
        params=reasons.params(desk.settings(), chosen, text),
        before=_before(desk, now, item),
    )
    try:
        return desk.runner.run(intent, lambda attempt: _stop(desk, now, attempt), canceled_event)
    except NotPossible:
        if _stopped_elsewhere(desk, fresh_subscription(desk, item)):
            return STOPPED
        raise


def undo(desk: Desk, account: Account, item_id: str, key: str) -> Outcome:
    """Restore exactly what our cancellation changed. Raises as `cancel`."""
    item = owned(account, item_id)
    earlier = allowed_or_repeated(desk, item, key, policy.undo(item, desk.settings()))
    if earlier:
        return earlier
    now = fresh_subscription(desk, item)
    recorded = desk.runner.intents.get(item.holder, _mark(desk, now))
    if recorded is None or recorded.item != item.id or _canceled_again(now, recorded):
        raise NotAllowed("This cancellation wasn’t made here, so it can’t be taken back here. Please ask us.")
    intent = Intent(key, "undo", account.mailbox, item.holder, item.id, clock.now(), before=recorded.before)
    return desk.runner.run(intent, lambda attempt: _restore(desk, now, attempt), kept_event)


def find_out_cancel(desk: Desk, attempt: Attempt) -> Outcome:
    """After a crash or silence: if Stripe carries our mark, finish the remaining steps; else it was never done."""
    now = desk.gateway.subscription(attempt.intent.item)
    if now is None or (_mark(desk, now) != attempt.intent.id and now.status not in ENDED):
        return Outcome("not_done")
    return _stop_collecting(desk, now, attempt)


def find_out_undo(desk: Desk, attempt: Attempt) -> Outcome:
    """After a crash or silence: without a mark of ours the subscription goes on."""
    now = desk.gateway.subscription(attempt.intent.item)
    if now is None or _mark(desk, now):
        return Outcome("not_done")
    return _collect_again(desk, now, attempt)


def canceled_event(intent: Intent, outcome: Outcome) -> BillingEvent:
    """What the confirmation mail and other systems are told."""
    told = {name: intent.params.get(name, "") for name in ("feedback", "reason", "comment")}
    data = {"ends": str(outcome.ends or ""), **told}
    kind = "subscription.canceling" if outcome.ends else "subscription.canceled"
    return BillingEvent(f"{intent.id}-canceled", kind, intent.mailbox, intent.holder, intent.item, intent.created, data)


def kept_event(intent: Intent, outcome: Outcome) -> BillingEvent:
    """What the mail about the taken-back cancellation is made of."""
    return BillingEvent(
        f"{intent.id}-kept", "subscription.kept", intent.mailbox, intent.holder, intent.item, intent.created
    )


def _stopped_elsewhere(desk: Desk, now: SubscriptionFacts) -> bool:
    """True when what Stripe says now is canceled already. Raises NotAllowed when it may not be canceled now."""
    as_is = fresh_item(desk, now)
    if policy.stopped(as_is):
        desk.refresh("subscription", now.id)
        if now.schedule:
            desk.refresh("schedule", now.schedule)
        return True
    decision = policy.cancel(as_is, desk.settings())
    if not decision.allowed:
        raise NotAllowed(decision.why)
    return False


def _canceled_again(now: SubscriptionFacts, ours: Intent) -> bool:
    """Stripe keeps our mark when the merchant lets it go on; a cancellation long after ours is the merchant's."""
    return now.canceled_at is not None and now.canceled_at > ours.created + LONGEST_ATTEMPT


def _before(desk: Desk, now: SubscriptionFacts, item: Subscription) -> dict[str, str]:
    overdue = item.overdue.bills if item.overdue else ()
    collecting = [bill.id for bill in overdue if bill.auto_advance]
    mark = _mark(desk, now)
    ours = desk.runner.intents.get(item.holder, mark) if mark else None
    if ours and ours.item == item.id and not _canceled_again(now, ours):
        # canceled here already, what is overdue still shows: undoing leads back to before the first time
        bills = dict.fromkeys((*ours.before.get("bills", "").split(), *collecting))
        return {**ours.before, "bills": " ".join(bills)}
    backup = {"schedule": now.schedule, "phases": desk.gateway.schedule_backup(now.schedule)} if now.schedule else {}
    ends = str(now.cancel_at) if now.cancel_at else ""
    return {"bills": " ".join(collecting), "ends": ends, **backup}


def _stop(desk: Desk, now: SubscriptionFacts, attempt: Attempt) -> Outcome:
    mark, reason = attempt.intent.id, reasons.of(attempt.intent.params)
    if now.status == "incomplete":
        attempt.step("now", desk.gateway.cancel_now, now.id, mark, reason)
    elif now.schedule:
        attempt.step("schedule", desk.gateway.end_with_phase, now.schedule, period_end(now) or clock.now(), mark)
    else:
        attempt.step("period", desk.gateway.cancel_at_period_end, now.id, mark, reason)
    return _stop_collecting(desk, now, attempt)


def _stop_collecting(desk: Desk, now: SubscriptionFacts, attempt: Attempt) -> Outcome:
    reason = reasons.of(attempt.intent.params)
    if now.schedule and reason:
        _give_reason(desk, now, attempt, reason)
    _set_autocharge(desk, attempt, on=False)
    return Outcome("done", ends=_refreshed(desk, now, attempt))


def _give_reason(desk: Desk, now: SubscriptionFacts, attempt: Attempt, reason: Reason) -> None:
    """A schedule takes no reason, its subscription does. Refused or not: the cancellation stands."""
    try:
        attempt.step("reason", desk.gateway.give_reason, now.id, reason)
    except NotPossible:
        log.warning("the reason is not kept at Stripe", extra={"item": now.id})


def _restore(desk: Desk, now: SubscriptionFacts, attempt: Attempt) -> Outcome:
    before = attempt.intent.before
    if before.get("schedule"):
        attempt.step("schedule", desk.gateway.restore_schedule, before["schedule"], before["phases"])
    else:
        attempt.step("keep", desk.gateway.keep, now.id, int(before.get("ends") or 0) or None)
    return _collect_again(desk, now, attempt)


def _collect_again(desk: Desk, now: SubscriptionFacts, attempt: Attempt) -> Outcome:
    _set_autocharge(desk, attempt, on=True)
    _refreshed(desk, now, attempt)
    return Outcome("done")


def _set_autocharge(desk: Desk, attempt: Attempt, on: bool) -> None:
    for bill_id in attempt.intent.before.get("bills", "").split():
        bill = desk.gateway.bill(bill_id)
        if bill and bill.status == "open" and bill.auto_advance is not on:
            attempt.step(f"autocharge-{bill_id}", desk.gateway.set_autocharge, bill_id, on)
            desk.refresh("bill", bill_id, attempt)


def _refreshed(desk: Desk, now: SubscriptionFacts, attempt: Attempt) -> int | None:
    """Bring the mirror up to date; when the subscription ends, or None when it ended already or goes on."""
    desk.refresh("subscription", now.id, attempt)
    if now.schedule:
        desk.refresh("schedule", now.schedule, attempt)
    if attempt.late:
        # Stripe could not be read again: what is paid for still lasts
        return None if now.status in {*ENDED, "incomplete"} else period_end(now)
    home = desk.mirror.home(now.customer, fresh=True)
    after = next((s for s in home.subscriptions if s.id == now.id), now) if home else now
    schedule = next((s for s in home.schedules if s.id == now.schedule), None) if home else None
    return after.cancel_at or (schedule.phases[-1].end if schedule and schedule.end_behavior == "cancel" else None)


def _mark(desk: Desk, now: SubscriptionFacts) -> str:
    schedule = desk.gateway.schedule(now.schedule) if now.schedule else None
    return now.portal_cancel or (schedule.portal_cancel if schedule else "")
