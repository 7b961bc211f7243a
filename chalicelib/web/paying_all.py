"""Paying everything that is overdue at once, each item with the card it is charged to; one currency at a time."""

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import pay, policy
from chalicelib.billing.account import Account, Subscription
from chalicelib.errors import NotAllowed
from chalicelib.web import asked, counted, guard, page, several
from chalicelib.wiring import portal


@guard.customer
def ask(visit: Visit) -> Response:
    """What is overdue, and what will be charged to which card."""
    account = portal().account(visit)
    ready = payable(account)
    return page.render(
        "pay_all.html",
        visit=visit,
        groups={currency: [i for i in ready if i.currency == currency] for currency in currencies(ready)},
        others=[item for item in account.overdue() if item not in ready],
        attempt=asked.new_attempt(),
    )


@guard.customer_post
def pay_them(visit: Visit, form: dict[str, str]) -> Response:
    """Pay what was listed, item by item."""
    account, attempt = portal().account(visit, fresh=True), asked.attempt(form)
    listed = [item.id for item in account.items() if form.get(item.id)]
    if not listed:
        raise NotAllowed("There is nothing to pay right now.")
    lines = several.carried_out(account, listed, attempt, counted.charging(pay.pay, policy.pay))
    return several.told(visit, "What was paid", attempt, lines)


def payable(account: Account) -> list[Subscription]:
    """What is overdue and can be charged to the card it has."""
    settings = portal().settings()
    return [i for i in account.overdue() if policy.pay(i, settings).allowed and i.card and not i.card.expired]


def currencies(items: list[Subscription]) -> list[str]:
    """Each once, in the order of the items: sums of different currencies are never added."""
    return list(dict.fromkeys(item.currency for item in items))
