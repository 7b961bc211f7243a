"""The page of one subscription or payment plan, and paying what is open on it."""

from typing import Any

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import elsewhere, pay, policy, view_payments
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import owned
from chalicelib.billing.intents import Intent
from chalicelib.billing.policy import Decision
from chalicelib.web import acting, asked, counted, guard, page, results
from chalicelib.wiring import portal


@guard.customer
def show(visit: Visit, item: str) -> Response:
    """One item, with the result of an action just done to it."""
    item, attempt = asked.object_id(item), asked.attempt_in_query()
    account = portal().account(visit, fresh=bool(attempt))
    found = owned(account, item)
    done = portal().desk.runner.intents.get(found.holder, attempt) if attempt else None
    more = may_pay_for_more(account, found, done)
    return page.render("item.html", visit=visit, item=found, more=more, **shown(found, done))


@guard.customer_post
def confirmed(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Back from the bank's question: read again what became of it."""
    item, attempt = asked.object_id(item), asked.attempt(form)
    account = portal().account(visit, fresh=True)
    if counted.tries().may_look(owned(account, item).id):
        pay.look_again(portal().desk, account, item)
    return acting.told(item, attempt)


def shown(item: Subscription, done: Intent | None) -> dict[str, Any]:
    """What the item's page says and offers besides the item itself."""
    return {
        "payments": view_payments.latest(item.bills),
        "may": rights(item),
        "message": results.message(done, item, portal().settings()),
        "attempt": asked.new_attempt(),
    }


def may_pay_for_more(account: Account, item: Subscription, done: Intent | None) -> bool:
    """The item was just given a card that other things could use as well."""
    changed = done is not None and done.kind == "change_card" and done.outcome is not None
    settings = portal().settings()
    return changed and bool(elsewhere.could_use(account, item, settings) or elsewhere.apart(account, item, settings))


def rights(item: Subscription) -> dict[str, Decision]:
    """What the customer may do with it, and why not."""
    settings = portal().settings()
    return {
        "change_card": policy.change_card(item, settings),
        "pay": policy.pay(item, settings),
        "resume": policy.resume(item, settings),
        "pay_next": policy.pay_next(item, settings),
        "pay_off": policy.pay_off(item, settings),
        "cancel": policy.cancel(item, settings),
        "undo": policy.undo(item, settings),
    }
