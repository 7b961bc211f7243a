"""Every address that is none of ours."""

from chalice import Blueprint, Response

from chalicelib.errors import NotFound
from chalicelib.web import guard

bp = Blueprint(__name__)


@bp.route("/{proxy+}", methods=["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
@guard.visitor
def unknown() -> Response:
    """The branded 404."""
    raise NotFound


@bp.route("/", methods=["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
@guard.visitor
def unknown_at_home() -> Response:
    """The same for what nobody may do to the home page."""
    raise NotFound
