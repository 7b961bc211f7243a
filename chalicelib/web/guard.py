"""Who may come in: declared on each route. A test proves that no route forgot.

`visitor` — anyone, reading. `visitor_post` — anyone, from our own page. `customer` — a live session, reading.
`customer_post` — a live session, from our own page, with the session's token. `machine` — checks its own signature.
"""

import functools
import logging
from collections.abc import Callable

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.errors import Busy, NotShown, PortalError, Refused, SignInNeeded
from chalicelib.web import cookies, forms, links, page
from chalicelib.web.middleware import request, request_id
from chalicelib.wiring import portal

log = logging.getLogger(__name__)
READING = {"GET", "HEAD"}
View = Callable[..., Response]


def visitor(view: View) -> View:
    """Anyone may read this page."""
    return _guarded("visitor", view, lambda params: view(**params))


def visitor_post(view: View) -> View:
    """Anyone may send this form, but only from a page of ours. The view gets `form`."""

    def serve(params: dict[str, str]) -> Response:
        same_origin()
        return view(form=forms.read(request()), **params)

    return _guarded("visitor_post", view, serve)


def customer(view: View) -> View:
    """Only with a live session. The view gets `visit`."""
    return _guarded("customer", view, lambda params: view(visit=visit(), **params))


def customer_post(view: View) -> View:
    """Only with a live session, from a page of ours, with its token. The view gets `visit` and `form`."""

    def serve(params: dict[str, str]) -> Response:
        same_origin()
        form = forms.read(request())
        here = visit()
        if not here.owns_token(form.get("csrf", "")):
            raise Refused
        return view(visit=here, form=form, **params)

    return _guarded("customer_post", view, serve)


def machine(view: View) -> View:
    """Another system, proving itself by signature inside the view."""
    return _guarded("machine", view, lambda params: view(**params))


def visit() -> Visit:
    """The live session of this browser and what it may see now. Raises SignInNeeded."""
    return portal().sessions.visit(cookies.read(request(), cookies.SESSION))


def present() -> Visit | None:
    """The live session of this browser, if there is one. One strong read, and none without the cookie."""
    try:
        return visit()
    except SignInNeeded:
        return None


def without_session() -> dict[str, list[str]]:
    """Headers that take a dead session's cookie away."""
    dead = cookies.read(request(), cookies.SESSION)
    return {"Set-Cookie": [cookies.drop(cookies.SESSION)]} if dead else {}


def same_origin() -> None:
    """Refuse what another site sent (Fetch metadata, and Origin equal to the configured public address)."""
    headers = request().headers
    site = headers.get("sec-fetch-site", "same-origin")
    if site != "same-origin" or headers.get("origin", "") != links.origin(portal().settings()):
        raise Refused


def _guarded(kind: str, view: View, serve: Callable[[dict[str, str]], Response]) -> View:
    @functools.wraps(view)
    def entered(**params: str) -> Response:
        try:
            return _served(serve, params)
        except PortalError as trouble:
            error = NotShown() if type(trouble) is Busy and request().method in READING else trouble
            note = {"request": request_id(), "status": error.status, "trouble": type(error).__name__}
            log.log(logging.WARNING if error.status >= 500 else logging.INFO, "refused", extra=note)
            return page.problem(error, request_id())

    entered.guard = kind  # type: ignore[attr-defined]
    return entered


def _served(serve: Callable[[dict[str, str]], Response], params: dict[str, str]) -> Response:
    try:
        return serve(params)
    except SignInNeeded:
        return page.moved(links.path(portal().settings(), "sign_in", _way_back()), without_session())


def _way_back() -> dict[str, str] | None:
    """Where to go on after signing in: the page asked for, unless that is where everybody goes."""
    here: str = request().context.get("path", "/")
    elsewhere = request().method == "GET" and here.rstrip("/") + "/" != links.path(portal().settings(), "home")
    return {"next": here} if elsewhere else None
