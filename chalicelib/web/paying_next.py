"""Paying the next instalment of a plan before it is due."""

from functools import partial

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import payoff, policy
from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.desk import made_before, owned
from chalicelib.web import asked, counted, guard, page
from chalicelib.web.paying_off import agreed_sum, allowed_page, charged
from chalicelib.wiring import portal


@guard.customer
def preview(visit: Visit, item: str) -> Response:
    """What it costs today, which charge it stands for, and what comes after."""
    plan = owned(portal().account(visit), asked.object_id(item))
    if not isinstance(plan, PaymentPlan) or plan.ahead:
        return page.redirect("item", item=plan.id)
    return asking(visit, plan)


@guard.customer_post
def pay(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Charge what the customer saw, or ask again when it is another sum or date by now."""
    account = portal().account(visit, fresh=True)
    plan, attempt = owned(account, asked.object_id(item)), asked.attempt(form)
    agreed, due = agreed_sum(form), agreed_sum(form, "due")
    if made_before(portal().desk, plan, attempt) is None and isinstance(plan, PaymentPlan):
        if plan.ahead:
            return page.redirect("item", item=plan.id)
        if plan.early and (plan.early.amount, plan.early.due) != (agreed, due):
            return asking(visit, plan, changed=True)
    action = partial(payoff.pay_next, agreed=agreed, due=due)
    return charged(visit, account, item, attempt, counted.charging(action, policy.pay_next))


def asking(visit: Visit, plan: PaymentPlan, changed: bool = False) -> Response:
    """The page that shows sum and date before it is charged. Raises NotAllowed with the reason."""
    return allowed_page(visit, plan, policy.pay_next(plan, portal().settings()), "pay_next.html", changed)
