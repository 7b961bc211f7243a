"""Every address that is none of ours, and what nobody may do to the home page."""

from chalice import Response

from chalicelib.errors import NotFound
from chalicelib.web import guard


@guard.visitor
def unknown() -> Response:
    """The branded 404."""
    raise NotFound
