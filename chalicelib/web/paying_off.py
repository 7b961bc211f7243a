"""Paying all the rest of a payment plan at once."""

import logging
from functools import partial

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import payoff, policy
from chalicelib.billing.account import Account, PaymentPlan
from chalicelib.billing.desk import made_before, owned
from chalicelib.billing.errors import OutcomeUnknown, StillMoving, StripeUnavailable
from chalicelib.billing.policy import Decision
from chalicelib.errors import BadRequest, NotAllowed
from chalicelib.web import acting, asked, counted, guard, page
from chalicelib.wiring import portal

log = logging.getLogger(__name__)


@guard.customer
def preview(visit: Visit, item: str) -> Response:
    """What is left, what it costs today and what happens then. What has no rest, or no longer, shows itself."""
    plan = owned(portal().account(visit), asked.object_id(item))
    if not isinstance(plan, PaymentPlan) or plan.paid_off:
        return page.redirect("item", item=plan.id)
    return asking(visit, plan)


@guard.customer_post
def pay(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Charge what the customer saw, or ask again when that is not the sum any more."""
    item, attempt = asked.object_id(item), asked.attempt(form)
    account = portal().account(visit, fresh=True)
    plan, agreed = owned(account, item), agreed_sum(form)
    if made_before(portal().desk, plan, attempt) is None and isinstance(plan, PaymentPlan):
        if plan.paid_off:
            return page.redirect("item", item=item)
        if plan.rest and plan.rest.amount != agreed:
            return asking(visit, plan, changed=True)
    action = partial(payoff.pay_off, agreed=agreed)
    return charged(visit, account, item, attempt, counted.charging(action, policy.pay_off))


@guard.customer_post
def confirmed(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Back from the bank's question: find out what became of it."""
    item, attempt = asked.object_id(item), asked.attempt(form)
    account = portal().account(visit, fresh=True)
    if counted.tries().may_look(owned(account, item).id):
        try:
            payoff.look_again(portal().desk, account, item, attempt)
        except StillMoving:
            return bank_asks(visit, item, attempt) or acting.told(item, attempt)
    return acting.told(item, attempt)


def charged(visit: Visit, account: Account, item: str, attempt: str, action: acting.Action) -> Response:
    """Do it once per attempt, then show the plan with the result, or the bank's question."""
    try:
        action(portal().desk, account, item, key=attempt)
    except payoff.BankAsks:
        return bank_asks(visit, item, attempt) or acting.told(item, attempt)
    except OutcomeUnknown:
        log.warning("outcome unknown", extra={"attempt": attempt})
    return acting.told(item, attempt)


def asking(visit: Visit, plan: PaymentPlan, changed: bool = False) -> Response:
    """The page that shows the sum before it is charged. Raises NotAllowed with the reason."""
    return allowed_page(visit, plan, policy.pay_off(plan, portal().settings()), "pay_off.html", changed)


def allowed_page(visit: Visit, plan: PaymentPlan, decision: Decision, template: str, changed: bool) -> Response:
    """A page that asks before it charges; `changed`: what it showed before is not so any more. Raises NotAllowed."""
    if not decision.allowed:
        raise NotAllowed(decision.why)
    return page.render(template, visit=visit, item=plan, changed=changed, attempt=asked.new_attempt())


def bank_asks(visit: Visit, item: str, attempt: str) -> Response | None:
    """The page on which the customer confirms the payment with their bank; None when that cannot be asked now."""
    account = portal().account(visit, fresh=True)
    plan = owned(account, item)
    try:
        state = payoff.confirmation(portal().desk, account, item)
    except StripeUnavailable:
        return None
    if state is None or state.status != "action" or not isinstance(plan, PaymentPlan) or plan.paying_off is None:
        return None
    back = "pay_next_return" if plan.paying_off.pays_due else "pay_off_return"
    return acting.confirm_page(visit, plan, plan.paying_off.amount_remaining, attempt, state, back)


def agreed_sum(form: dict[str, str], name: str = "amount") -> int:
    """The sum the customer saw, in minor units. Raises BadRequest for what is no sum."""
    given = form.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) <= 12):
        raise BadRequest
    return int(given)
