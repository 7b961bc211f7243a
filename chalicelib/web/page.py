"""Pages: rendering, redirects, error pages and the headers they carry."""

from typing import Any

from chalice import Response

from chalicelib import clock, templating
from chalicelib.errors import BadRequest, Busy, NotConfigured, NotFound, PortalError, Refused, TooMany
from chalicelib.web import assets, links
from chalicelib.wiring import portal

HTML = "text/html; charset=utf-8"
ALWAYS = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not "no-referrer": that makes browsers send "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
BY_STATUS: dict[int, type[PortalError]] = {
    400: BadRequest,
    403: Refused,
    404: NotFound,
    405: NotFound,
    413: BadRequest,
    415: Refused,
    429: TooMany,
}


def render(template: str, status: int = 200, headers: dict[str, Any] | None = None, **values: Any) -> Response:
    """A page from `templates/`, never cached. Every template knows settings, url(), asset(), now."""
    settings = portal().settings()
    known = {
        "settings": settings,
        "now": clock.now(),
        "visit": None,
        "url": lambda name, _query=None, **params: links.path(settings, name, _query, **params),
        "asset": lambda name: links.path(settings, "static", version=assets.version(name, settings), name=name),
        "stripe_js": "",
    }
    body = templating.render(template, {**known, **values})
    return _html(body, status, headers)


def redirect(name: str, _query: dict[str, str] | None = None, **params: str) -> Response:
    """303 to a page of the portal, so that reload and back never repeat an action."""
    return moved(links.path(portal().settings(), name, _query, **params))


def moved(location: str, headers: dict[str, Any] | None = None) -> Response:
    """303 to `location`, which is ours or was made by us."""
    return Response("", status_code=303, headers={"Location": location, "Cache-Control": "no-store"} | (headers or {}))


def problem(error: PortalError, request_id: str = "") -> Response:
    """The page for a named trouble: what happened, what to do, and the id that finds the log line."""
    headers = {"Retry-After": str(getattr(error, "retry_after", 30))} if error.status in {429, 503} else {}
    try:
        return render("errors/problem.html", error.status, headers, error=error, request_id=request_id)
    except (Busy, NotConfigured):
        # no settings to dress the page with: the words alone, never a second failure
        return _html(_plain(error, request_id), error.status, headers)


def bare(status: int, request_id: str) -> Response:
    """The words alone, with headers that need no settings: for when nothing else works any more."""
    body = _plain(PortalError(), request_id).encode()
    return _html(body, status, {"Content-Security-Policy": "default-src 'none'", **ALWAYS})


def _plain(error: PortalError, request_id: str) -> str:
    return templating.render("errors/plain.html", {"error": error, "request_id": request_id})


def _html(body: str | bytes, status: int, headers: dict[str, Any] | None) -> Response:
    known = {"Content-Type": HTML, "Cache-Control": "no-store"}
    return Response(body, status_code=status, headers=known | (headers or {}))


def error_page(status: int, request_id: str = "") -> Response:
    """The page for a refusal by Chalice itself: by what it means to the person (a wrong content type is a 403)."""
    error = BY_STATUS.get(status, PortalError)()
    if status not in BY_STATUS:
        error.status = status
    return problem(error, request_id)


def security_headers() -> dict[str, str]:
    """Headers of every answer (CSP level 3, HSTS, no framing, no referrer). Only Stripe may be loaded from outside."""
    config = portal().config
    # https://docs.stripe.com/security/guide#content-security-policy
    stripe = config.stripe_js_origin if config.local else f"{config.stripe_js_origin} https://*.js.stripe.com"
    api = config.stripe_api_base or "https://api.stripe.com"
    hooks = config.stripe_js_origin if config.local else "https://hooks.stripe.com"
    policy = (
        "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
        f"img-src 'self' data:; style-src 'self'; font-src 'self'; script-src 'self' {stripe}; "
        f"connect-src 'self' {api}; frame-src {stripe} {hooks}"
    )
    return {"Content-Security-Policy": policy, **ALWAYS}
