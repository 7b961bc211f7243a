"""What happens around every request: bytes out, security headers, branded error pages."""

import logging
from collections.abc import Callable
from typing import Any

from chalice import Blueprint, Chalice, Response
from chalice.app import Request

from chalicelib import trace
from chalicelib.web import page

bp = Blueprint(__name__)
log = logging.getLogger(__name__)
Next = Callable[[Request], Response]


class Portal(Chalice):
    """Chalice with every body handled as bytes, so that PDFs, fonts and images survive API Gateway.

    API Gateway decides by the first Accept value only; declaring all types binary makes it never guess.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.api.binary_types = ["*/*"]

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        trace.follow(str((event.get("requestContext") or {}).get("requestId", "")))
        headers = event.get("headers") or {}
        if not any(name.lower() == "accept" for name in headers):
            headers = {**headers, "Accept": "*/*"}
        asked = {**event, "headers": headers, "pathParameters": event.get("pathParameters") or {}}
        # repr writes half a pair as \udXXX: nearly no request has one, and asking so costs a tenth of mending all
        answer: dict[str, Any] = super().__call__(whole(asked) if "\\ud" in repr(asked) else asked, context)
        outside = answer["statusCode"] >= 500 and "Content-Type" not in answer["headers"]
        return _undressed(answer["statusCode"]) if outside else answer


def _undressed(status: int) -> dict[str, Any]:
    """Instead of Chalice's own JSON, for the rare failure outside every page: in what happens around them."""
    log.error("failed outside the pages", extra={"status": status})
    answer: dict[str, Any] = page.bare(status, trace.current()).to_dict(["*/*"])
    return answer


def whole(value: Any) -> Any:
    """The same with "?" for each half of a surrogate pair: JSON can carry one, but nothing can store or send it."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {whole(name): whole(inner) for name, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, list) else value


def request() -> Request:
    """The request being served."""
    return bp.current_request


def request_id() -> str:
    """The id of the request being served: error pages show it, and it finds their log line."""
    return str(bp.current_request.context.get("requestId", ""))


def body() -> bytes:
    """Raw bytes of the request being served."""
    raw = request().raw_body
    return raw if isinstance(raw, bytes) else raw.encode()


@bp.middleware("scheduled")
def traced(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """What a timer begins carries the id of its own run."""
    trace.follow(str(event.context.aws_request_id))
    return get_response(event)


@bp.middleware("http")
def as_bytes(event: Request, get_response: Next) -> Response:
    """Turn text bodies into bytes: with all types binary, Chalice refuses text."""
    response = get_response(event)
    if isinstance(response.body, str):
        response.body = response.body.encode()
    return response


@bp.middleware("http")
def secured(event: Request, get_response: Next) -> Response:
    """Add the security headers that every answer carries."""
    response = get_response(event)
    for name, value in page.security_headers().items():
        response.headers.setdefault(name, value)
    return response


@bp.middleware("http")
def branded(event: Request, get_response: Next) -> Response:
    """Errors raised by Chalice itself (404, 405, 415, 500) become pages; nothing of their text is shown."""
    response = get_response(event)
    if response.status_code >= 400 and isinstance(response.body, dict):
        log.warning("refused", extra={"request": request_id(), "status": response.status_code, "route": event.path})
        return page.error_page(response.status_code, request_id())
    return response
