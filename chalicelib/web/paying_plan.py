"""Paying what is open on an item; of a payment plan that stands still, after showing how it goes on."""

from functools import partial

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import pay as paying
from chalicelib.billing import policy
from chalicelib.billing.account import Account, PaymentPlan, Subscription
from chalicelib.billing.desk import Desk, made_before, owned
from chalicelib.billing.intents import Outcome
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
    """Pay everything open with the card in use; when a sum was shown that is none any more, ask again."""
    if "due" not in form:
        return acting.carried_out(visit, form, item, counted.charging(paying.pay, policy.pay))
    agreed, found = agreed_sum(form, "due"), owned(portal().account(visit, fresh=True), asked.object_id(item))
    begun = made_before(portal().desk, found, asked.attempt(form))
    if begun is None and can_be_shown(found) and found.overdue and found.overdue.amount != agreed:
        return asking(visit, found, changed=True)
    return acting.carried_out(visit, form, item, counted.charging(partial(_pay, agreed), policy.pay))


def can_be_shown(item: Subscription) -> bool:
    """A payment plan with something open, and a card to pay it with."""
    ready = item.card is not None and not item.card.expired
    return isinstance(item, PaymentPlan) and policy.pay(item, portal().settings()).allowed and ready


def asking(visit: Visit, plan: Subscription, changed: bool = False) -> Response:
    """The page that shows what is charged today, and the instalments that remain."""
    return page.render("pay_plan.html", visit=visit, item=plan, changed=changed, attempt=asked.new_attempt())


def _pay(agreed: int, desk: Desk, account: Account, item_id: str, *, key: str) -> Outcome:
    return paying.pay(desk, account, item_id, key, agreed)
