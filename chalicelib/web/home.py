"""The first page after signing in: what needs attention, and everything the customer has."""

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.web import guard, page
from chalicelib.wiring import portal


@guard.customer
def home(visit: Visit) -> Response:
    """Everything this mailbox has."""
    return page.render("home.html", visit=visit, account=portal().account(visit))
