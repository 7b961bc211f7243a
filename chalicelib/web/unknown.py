"""Every address that is none of ours."""

from chalice import Blueprint, Response

from chalicelib.errors import NotFound
from chalicelib.web import guard

bp = Blueprint(__name__)
OTHERS = ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
ANYTHING = ["*/*"]


@bp.route("/{proxy+}", methods=["GET", "HEAD", *OTHERS], content_types=ANYTHING)
@guard.visitor
def unknown() -> Response:
    """The branded 404."""
    raise NotFound


@bp.route("/", methods=["HEAD", *OTHERS], content_types=ANYTHING)
@guard.visitor
def unknown_at_home() -> Response:
    """The same for what nobody may do to the home page."""
    raise NotFound
