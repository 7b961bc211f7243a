"""Signing in and out. No page here tells whether an address is known, or whose a link is."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Response

from chalicelib.access import sessions
from chalicelib.access.entrance import AddressNeeded, Arrival, LinkOver, Opened, OtherVisit
from chalicelib.access.sessions import Visit
from chalicelib.mail.addresses import BadAddress
from chalicelib.web import cookies, guard, links, page
from chalicelib.web.middleware import request
from chalicelib.wiring import portal

PAGES = {LinkOver: "signin/over.html", AddressNeeded: "signin/retype.html", OtherVisit: "signin/replace.html"}
CARRIED_ON = ("token", "email", "code")


@guard.visitor
def ask_page() -> Response:
    """Where the address is typed. Somebody signed in goes on at once."""
    wanted = _wanted(_query("next"))
    if guard.present():
        return page.moved(wanted)
    return _shown("signin/ask.html", None, next=wanted, trouble="", signed_out=bool(_query("signed-out")))


@guard.visitor_post
def ask(form: Mapping[str, str]) -> Response:
    """Count, enqueue, and send everybody to the same page."""
    browser, wanted = cookies.browser(request()), _wanted(form.get("next", ""))
    source = request().context["identity"]["sourceIp"]
    try:
        portal().asking.ask(form.get("email", ""), browser, source, wanted)
    except BadAddress as trouble:
        known = {"next": wanted, "trouble": trouble.say, "signed_out": False}
        return _shown("signin/ask.html", guard.present(), trouble.status, **known)
    kept = cookies.keep(cookies.BROWSER, browser, cookies.YEAR)
    query = {"next": wanted} if wanted != _wanted("") else None
    return page.moved(links.path(portal().settings(), "sign_in_code", query), {"Set-Cookie": [kept]})


@guard.visitor
def code_page() -> Response:
    """What to do next: open the mail, or type its code here."""
    return _shown("signin/code.html", guard.present(), next=_wanted(_query("next")))


@guard.visitor_post
def use_code(form: Mapping[str, str]) -> Response:
    """Sign in by the six digits."""
    return _enter("sign_in_code", form, lambda here: portal().entrance.by_code(form.get("code", ""), here))


@guard.visitor
def landing_page() -> Response:
    """Where mailed links lead. Its script sends the token, which lies behind the # and so never reached us yet."""
    return _shown("signin/link.html", guard.present())


@guard.visitor_post
def use_link(form: Mapping[str, str]) -> Response:
    """Sign in by a link's token, in the browser that asked, or with the address retyped."""
    token, retyped = form.get("token", ""), form.get("email", "")
    return _enter("sign_in_link", form, lambda here: portal().entrance.by_link(token, here, retyped))


@guard.customer_post
def sign_out(visit: Visit, **_: object) -> Response:
    """Sign out in this browser."""
    portal().sessions.end(visit)
    return _signed_out()


@guard.customer_post
def sign_out_everywhere(visit: Visit, **_: object) -> Response:
    """Sign out in all browsers."""
    portal().sessions.end_everywhere(visit)
    return _signed_out()


def _enter(door: str, form: Mapping[str, str], open_door: Callable[[Arrival], Opened]) -> Response:
    here = Arrival(cookies.browser(request()), guard.present(), form.get("replace") == "yes")
    try:
        opened = open_door(here)
    except (LinkOver, AddressNeeded, OtherVisit) as trouble:
        carried = {name: form[name] for name in CARRIED_ON if name in form}
        return _shown(PAGES[type(trouble)], here.visit, trouble.status, trouble=trouble, door=door, carried=carried)
    kept = [cookies.keep(cookies.BROWSER, here.browser, cookies.YEAR)]
    if opened.cookie:
        kept.append(cookies.keep(cookies.SESSION, opened.cookie, sessions.LONGEST))
    return page.moved(_wanted(opened.next), {"Set-Cookie": kept})


def _shown(template: str, visit: Visit | None, status: int = 200, **values: Any) -> Response:
    """A page for whoever is there; a session cookie that proves nobody any more is taken away."""
    return page.render(template, status, None if visit else guard.without_session(), visit=visit, **values)


def _query(name: str) -> str:
    given: Mapping[str, str] = request().query_params or {}
    return given.get(name, "")


def _wanted(path: str) -> str:
    return links.safe_return(portal().settings(), path)


def _signed_out() -> Response:
    gone = {"Set-Cookie": [cookies.drop(cookies.SESSION)], "Clear-Site-Data": '"cache"'}
    return page.moved(links.path(portal().settings(), "sign_in", {"signed-out": "yes"}), gone)
