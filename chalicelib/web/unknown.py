"""Every address that is none of ours."""

from chalice import Blueprint, Response

from chalicelib.errors import NotFound
from chalicelib.web import guard

bp = Blueprint(__name__)


@bp.route("/{proxy+}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@guard.visitor
def unknown() -> Response:
    """The branded 404."""
    raise NotFound
