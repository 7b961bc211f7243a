"""Cancelling a subscription, and taking that back."""

from functools import partial

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import cancel, policy, reasons
from chalicelib.billing.account import Status, Subscription
from chalicelib.billing.desk import owned
from chalicelib.errors import NotAllowed
from chalicelib.web import acting, asked, guard, page
from chalicelib.wiring import portal


@guard.customer
def ask(visit: Visit, item: str) -> Response:
    """What will happen, before it does."""
    found = owned(portal().account(visit), asked.object_id(item))
    if policy.stopped(found):
        return page.redirect("item", item=found.id)
    refuse_unless_allowed(found)
    return page.render(
        "cancel.html",
        visit=visit,
        item=found,
        until=access_until(found),
        longest=reasons.LONGEST,
        attempt=asked.new_attempt(),
    )


@guard.customer_post
def stop(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Stop all further payments. What was canceled elsewhere in the meantime is shown as it is."""
    stopping = partial(cancel.cancel, chosen=form.get("reason", ""), text=form.get("comment", ""))
    return acting.carried_out(visit, form, item, stopping)


@guard.customer_post
def keep(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Take the cancellation back."""
    return acting.carried_out(visit, form, item, cancel.undo)


def refuse_unless_allowed(item: Subscription) -> None:
    """Raise NotAllowed, with the reason, when the customer may not cancel it."""
    decision = policy.cancel(item, portal().settings())
    if not decision.allowed:
        raise NotAllowed(decision.why)


def access_until(item: Subscription) -> int | None:
    """The end of what is paid for; None when the first payment never came and so nothing was paid for."""
    return None if item.shown.status is Status.PAYMENT_NEEDED else item.period_end
