"""Cancelling a subscription, and taking that back."""

from functools import partial

from chalice import Blueprint, Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import cancel, policy
from chalicelib.billing.account import Status
from chalicelib.billing.desk import owned
from chalicelib.errors import NotAllowed
from chalicelib.web import acting, asked, forms, guard, page
from chalicelib.web.links import ROUTES
from chalicelib.wiring import portal

bp = Blueprint(__name__)


@bp.route(ROUTES["cancel"], methods=["GET"])
@guard.customer
def ask(visit: Visit, item: str) -> Response:
    """What will happen, before it does."""
    found = owned(portal().account(visit), asked.object_id(item))
    decision = policy.cancel(found, portal().settings())
    if not decision.allowed:
        raise NotAllowed(decision.why)
    until = None if found.shown.status is Status.PAYMENT_NEEDED else found.period_end
    metered = [line.price.name for line in found.items if line.price.metered]
    return page.render(
        "cancel.html",
        visit=visit,
        item=found,
        until=until,
        metered=metered,
        feedback=cancel.FEEDBACK,
        attempt=asked.new_attempt(),
    )


@bp.route(ROUTES["cancel"], methods=["POST"], content_types=forms.TYPES)
@guard.customer_post
def stop(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Stop all further payments."""
    return acting.carried_out(visit, form, item, partial(cancel.cancel, feedback=form.get("feedback", "")))


@bp.route(ROUTES["undo"], methods=["POST"], content_types=forms.TYPES)
@guard.customer_post
def keep(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Take the cancellation back."""
    return acting.carried_out(visit, form, item, cancel.undo)
