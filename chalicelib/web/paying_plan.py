"""Paying what is open on an item; of a payment plan that stands still or ended, after showing how it goes on."""

from functools import partial

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import pay as paying
from chalicelib.billing import policy
from chalicelib.billing import resume as resuming
from chalicelib.billing.account import PaymentPlan, Subscription
from chalicelib.billing.desk import made_before, owned
from chalicelib.billing.resumption import as_agreed
from chalicelib.web import acting, asked, counted, guard, page
from chalicelib.web.paying_off import agreed_sum
from chalicelib.wiring import portal


@guard.customer
def preview(visit: Visit, item: str) -> Response:
    """What is charged today and what later. What can’t be paid so shows itself."""
    found = owned(portal().account(visit), asked.object_id(item))
    return asking(visit, found) if can_be_shown(found) else page.redirect("item", item=found.id)


@guard.customer_post
def pay(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Pay everything open with the card in use; when what was shown is not so any more, ask again."""
    if "due" not in form:
        return acting.carried_out(visit, form, item, counted.charging(paying.pay, policy.pay))
    due, first = agreed_sum(form, "due"), agreed_sum(form, "first") if "first" in form else 0
    found = owned(portal().account(visit, fresh=True), asked.object_id(item))
    if made_before(portal().desk, found, asked.attempt(form)) is None and changed_since(found, due, first):
        return asking(visit, found, changed=True)
    return acting.carried_out(visit, form, item, counted.charging(paid_up(due, first), policy.pay))


@guard.customer_post
def resume(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Go on with a plan on which nothing is open; when the dates shown are old, ask again."""
    account = portal().account(visit, fresh=True)
    plan, first = owned(account, asked.object_id(item)), agreed_sum(form, "first")
    attempt = resuming.attempt_of(portal().desk, plan.holder, item)
    if plan.id != item:
        return acting.told(plan.id, attempt)
    if policy.resume(plan, portal().settings()).allowed and changed_since(plan, 0, first):
        return asking(visit, plan, changed=True)
    with acting.unless_unknown(attempt):
        resuming.resume(portal().desk, account, plan.id, first, attempt)
    return acting.told(plan.id, attempt)


def can_be_shown(item: Subscription) -> bool:
    """A payment plan with something open, or to go on with, and a card to pay it with."""
    ready, settings = item.card is not None and not item.card.expired, portal().settings()
    may = policy.pay(item, settings).allowed or policy.resume(item, settings).allowed
    return isinstance(item, PaymentPlan) and may and ready


def changed_since(item: Subscription, due: int, first: int) -> bool:
    """What is open, or the date on which the plan would go on, is not as the customer saw it."""
    if not can_be_shown(item) or not isinstance(item, PaymentPlan):
        return False
    owed = item.overdue.amount if item.overdue else 0
    return owed != due or bool(first and as_agreed(item, first) is None)


def asking(visit: Visit, plan: Subscription, changed: bool = False) -> Response:
    """The page that shows what is charged today, and the instalments that remain."""
    return page.render("pay_plan.html", visit=visit, item=plan, changed=changed, attempt=asked.new_attempt())


def paid_up(due: int, first: int) -> acting.Action:
    """Paying the sum that was shown, and going on from `first` where a date was."""
    return partial(resuming.pay_and_resume, due=due, first=first) if first else partial(paying.pay, agreed=due)
