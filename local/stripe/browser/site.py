"""The pages as one blueprint: templates and styles, headers, and who may post."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, request

from local.stripe.browser import bank, console, invoices, receipts, scripts, showing
from local.stripe.store import World

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'"
# those the merchant's page may show in a frame
FRAMED = ("/elements/", "/3ds/")


def register(app: Flask, world: World) -> None:
    """Add the pages of one world to its application."""
    pages = Blueprint(
        "browser", __name__, template_folder="templates", static_folder="static", static_url_path="/browser"
    )
    for room in (scripts, bank, invoices, receipts, console):
        room.add(pages, world)
    pages.before_request(_own_pages_only)
    pages.after_request(_headers)
    showing.add_filters(app, world)
    app.register_blueprint(pages)


def _own_pages_only() -> None:
    """Refuse a host name that is not this machine's, and a form that another site sent."""
    if urlsplit(f"//{request.host}").hostname not in {"127.0.0.1", "localhost"}:
        abort(403)
    if request.method != "POST":
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    if site not in {"same-origin", "none"} or origin != request.host_url.rstrip("/"):
        abort(403)


def _headers(response: Response) -> Response:
    frames = "" if request.path.startswith(FRAMED) else "; frame-ancestors 'none'"
    response.headers["Content-Security-Policy"] = POLICY + frames
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
