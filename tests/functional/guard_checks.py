"""What every route must refuse, as functions from two neighbours to what is wrong. They know no route by name."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from tests.functional.neighbours import Neighbours, Route, routes
from tests.functional.traces import changes, traces
from tests.functional.wire import Answer, cookie, own_form

STRIPE_ID = re.compile(r"(acct|ch|cus|evt|in|pi|pm|py|seti|si|sub|sub_sched|src|card)_\w+")
NEVER = {
    "sub_never": "never existed",
    "x": "too short to be anything",
    "a" * 101: "too long",
    "sub 1": "with a blank",
    "sub_\x00": "with a zero byte",
    "sub_é": "not ASCII",
    "{{7*7}}": "a template's words",
    "..": "dots",
    "sub_1\r\nX: 1": "with a line end",
}


def served_without_session(here: Neighbours, session: str = "") -> list[str]:
    """Customer routes that answer anything but the way to the sign-in page, when there is no session or a dead one."""
    faults, before = [], traces(here.stack)
    for route in routes(here.stack, "customer", "customer_post"):
        path = route.path(here.own(here.ada))
        answer = ask(here, route, path, session, here.form(here.ada))
        wanted = f"{prefix(here)}/sign-in" + (way_back(here, path) if route.method == "GET" else "")
        if (answer.status, answer.headers.get("location"), answer.body) != (303, wanted, b""):
            faults.append(f"{route}: {answer.status} {answer.headers.get('location')}")
        elif session and "Max-Age=0" not in answer.headers.get("set-cookie", ""):
            faults.append(f"{route}: leaves the dead cookie")
    return faults + changes(before, traces(here.stack))


def served_of_others(here: Neighbours) -> list[str]:
    """Places where Ada, signed in, may name what is Eve's, or nobody's, and gets anything but the one 404 page."""
    wanted, fields = here.wire.get("/nothing/here", here.ada.session), id_fields(here)
    faults = [] if wanted.status == 404 else [f"an unknown page is {wanted.status}"]
    before = traces(here.stack)
    for words, answer in [*in_paths(here), *in_forms(here, fields), *in_queries(here)]:
        if (answer.status, answer.page) != (404, wanted.page):
            faults.append(f"{words}: {answer.status}")
    return faults + changes(before, traces(here.stack))


def in_paths(here: Neighbours) -> Iterator[tuple[str, Answer]]:
    """Each route with each variable part of its path."""
    for route in routes(here.stack, "customer", "customer_post"):
        for name in route.names:
            for value, words in strange(here).items():
                path = route.path(here.own(here.ada) | {name: quote(value, safe="")}) + here.query(here.ada)
                yield f"{route} of {words}", ask(here, route, path, here.ada.session, here.form(here.ada))


def in_forms(here: Neighbours, fields: set[tuple[str, str]]) -> Iterator[tuple[str, Answer]]:
    """Each form with each field that carries an id."""
    for path, name in fields:
        for value, words in strange(here).items():
            form = here.form(here.ada, **{name: value.replace("\x00", "")})
            yield f"{name} of POST {path}: {words}", here.wire.post(path, here.ada.session, form)


def in_queries(here: Neighbours) -> Iterator[tuple[str, Answer]]:
    """What a history may be narrowed to."""
    for name in ("item", "holder"):
        for value, words in strange(here).items():
            yield f"?{name}= of {words}", here.wire.get(f"/payments?{urlencode({name: value})}", here.ada.session)


def strange(here: Neighbours) -> dict[str, str]:
    """Ids that Ada has no business with, each with what it is."""
    return {value: f"Eve’s {name}" for name, value in here.eve.ids.items()} | NEVER


def id_fields(here: Neighbours) -> set[tuple[str, str]]:
    """Fields of the forms on Ada's pages that carry an id of Stripe's: path and name of the field."""
    found = set()
    for page in here.pages(here.ada):
        for form in page.document.root.all("form"):
            path = form["action"].removeprefix(prefix(here))
            values = {field["name"]: field["value"] for field in form.all("input", "select", "textarea")}
            found |= {(path, name) for name, value in values.items() if STRIPE_ID.fullmatch(value)}
    return found


@dataclass(frozen=True)
class Sent:
    """A form on its way: what a forger changes."""

    headers: dict[str, str]
    fields: dict[str, str]
    query: str = ""
    body: Callable[[dict[str, str]], bytes] = lambda fields: urlencode(fields).encode()


Shape = Callable[[Sent], Sent]


def headed(**headers: str | None) -> Shape:
    """With these headers changed, or (None) missing."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}

    def shape(sent: Sent) -> Sent:
        together = {**sent.headers, **changed}
        return replace(sent, headers={name: value for name, value in together.items() if value is not None})

    return shape


def typed(kind: str, body: Callable[[dict[str, str]], bytes]) -> Shape:
    """With another content type, the body to match."""
    return lambda sent: replace(headed(Content_Type=kind)(sent), body=body)


def token(csrf: str) -> Shape:
    """With another form token."""
    return lambda sent: replace(sent, fields={**sent.fields, "csrf": csrf})


def as_multipart(fields: dict[str, str]) -> bytes:
    """The fields as multipart/form-data with the boundary `b`."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    return ("".join(parts) + "--b--\r\n").encode()


def as_json(fields: dict[str, str]) -> bytes:
    """The fields as a JSON object."""
    return ("{" + ",".join(f'"{name}":"{value}"' for name, value in fields.items()) + "}").encode()


def in_query(sent: Sent) -> Sent:
    """The fields in the address instead of the body."""
    return replace(sent, query=f"?{urlencode(sent.fields)}", body=lambda _: b"")


FROM_ELSEWHERE: dict[str, Shape] = {
    "no Origin": headed(Origin=None),
    "Origin null": headed(Origin="null"),
    "another origin": headed(Origin="https://evil.example"),
    "our host, another scheme": headed(Origin="https://127.0.0.1"),
    "our origin with more behind it": lambda sent: headed(Origin=sent.headers["Origin"] + ".evil.example")(sent),
    "cross-site": headed(Sec_Fetch_Site="cross-site"),
    "same-site": headed(Sec_Fetch_Site="same-site"),
    "from nowhere": headed(Sec_Fetch_Site="none"),
    "no content type": headed(Content_Type=None),
    "plain text": headed(Content_Type="text/plain"),
    "multipart": typed("multipart/form-data; boundary=b", as_multipart),
    "JSON": typed("application/json", as_json),
    "two content types": headed(Content_Type="text/plain, application/x-www-form-urlencoded"),
}
WITHOUT_TOKEN: dict[str, Shape] = {
    "no token": lambda sent: replace(sent, fields={n: v for n, v in sent.fields.items() if n != "csrf"}),
    "an empty token": token(""),
    "a made-up token": token("A" * 43),
    "not ASCII": token("é" * 43),
    "everything in the address": in_query,
}


def obeyed(here: Neighbours, tokens: dict[str, str]) -> list[str]:
    """Forged forms that any POST route took for our own page's. `tokens`: form tokens of other sessions, by words."""
    before = traces(here.stack)
    customers = {**FROM_ELSEWHERE, **WITHOUT_TOKEN, **{words: token(csrf) for words, csrf in tokens.items()}}
    faults = []
    for route in routes(here.stack, "customer_post", "visitor_post"):
        for words, shape in (customers if route.guard == "customer_post" else FROM_ELSEWHERE).items():
            answer = forged(here, route, shape)
            if answer.status != 403 or b"nothing was done" not in answer.body:
                faults.append(f"{route}, {words}: {answer.status}")
    return faults + changes(before, traces(here.stack))


def forged(here: Neighbours, route: Route, shape: Shape) -> Answer:
    """One form, all right but for its shape."""
    session = {**own_form(here.wire.origin), **cookie(here.ada.session)}
    fields = {**here.form(here.ada), "email": here.ada.mailbox, "code": "123456", "token": "a" * 43}
    sent = shape(Sent(session, fields))
    path = route.path(here.own(here.ada)) + sent.query
    return here.wire.send(route.method, path, sent.headers, sent.body(sent.fields))


def ask(here: Neighbours, route: Route, path: str, session: str, form: dict[str, str]) -> Answer:
    """Read the page, or send the form."""
    return here.wire.get(path, session) if route.method == "GET" else here.wire.post(path, session, form)


def prefix(here: Neighbours) -> str:
    """What all paths of the portal begin with."""
    return urlsplit(here.stack.portal_url).path


def way_back(here: Neighbours, path: str) -> str:
    """The query that brings a visitor back to the page they asked for."""
    return "" if path == "/" else f"?{urlencode({'next': prefix(here) + path})}"
