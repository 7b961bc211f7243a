"""The first page after signing in: what needs attention, and everything the customer has."""

from chalice import Blueprint, Response

from chalicelib.access.sessions import Visit
from chalicelib.web import guard, page
from chalicelib.web.links import ROUTES
from chalicelib.wiring import portal

bp = Blueprint(__name__)


@bp.route(ROUTES["home"], methods=["GET"])
@guard.customer
def home(visit: Visit) -> Response:
    """Everything this mailbox has."""
    return page.render("home.html", visit=visit, account=portal().account(visit))
