"""Whatever is sent, the portal answers with one of its own pages, does nothing, and tells nothing."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.web.assets import FOLDER
from chalicelib.wiring import portal
from local.stripe.webhooks import signature
from local.stripe_process import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET
from tests.functional import notes as notebook
from tests.functional.neighbours import ADA, Neighbours, Route, routes
from tests.functional.notes import Notes
from tests.functional.page_rules import SECURITY_HEADERS
from tests.functional.traces import changes, traces
from tests.functional.visitor import SESSION, Visitor
from tests.functional.wire import Answer, Wire, cookie, own_form
from tests.shop import CHARGE_FAILS, Shop
from tests.stack import TestStack, Troubles

CANARY = "zanzibar77"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
NOWHERE = [
    "/nothing",
    "/nothing/at/all/",
    f"/{CANARY}",
    "/items",
    "/items/",
    f"/items/a/{CANARY}/c",
    "/receipts",
    "/static/1",
    "/.env",
    "/wp-login.php",
    "/sign-in/elsewhere",
    "/webhooks/stripe/more",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "/%00",
    "/%ff%fe",
    "/%ed%a0%80",
    "/%0d%0aSet-Cookie:%20a=1",
    "/a%20b",
    "/{{7*7}}",
    "/" + "a" * 4000,
    "/" + "a/" * 1000,
]
VENDOR_WORDS = re.compile(
    r"traceback|exception|stripe|dynamo|boto|amazon|lambda|chalice|pynamo|python|jinja|werkzeug|waitress"
    r"|internal server|\berror\b|\bnone\b|\bnull\b|missing authentication|unsupported",
    re.IGNORECASE,
)
BODIES = {
    "too long": f"a={CANARY}".encode() + b"a" * 16_384,
    "a megabyte": b"a" * 2**20,
    "too many fields": "&".join(f"f{n}={CANARY}" for n in range(51)).encode(),
    "a field twice": f"csrf=a&csrf={CANARY}".encode(),
    "not UTF-8": f"csrf={CANARY}\xff\xfe".encode("latin1"),
    "not UTF-8, escaped": f"csrf={CANARY}%ff%fe".encode(),
    "half a surrogate pair": f"csrf={CANARY}%ed%a0%80".encode(),
    "a zero byte": f"csrf={CANARY}%00".encode(),
    "UTF-16": f"csrf={CANARY}é".encode("utf-16"),
    "deep": b"[" * 200_000,
}


@pytest.fixture
def notes(stack: TestStack) -> Iterator[Notes]:
    """All that is logged during the test."""
    with notebook.taken() as notes:
        yield notes


@pytest.fixture
def here(stack: TestStack, shop: Shop, wire: Wire) -> Neighbours:
    """Ada and Eve, each with one of everything."""
    return Neighbours(stack, shop, wire)


def faults(answer: Answer, notes: Notes, method: str = "GET") -> list[str]:
    """What is wrong with an answer that refuses something."""
    shown = answer.body.decode() + "".join(answer.headers.values())
    found = [f"no {name}" for name, wanted in SECURITY_HEADERS.items() if wanted not in answer.headers.get(name, "")]
    found += [f"shows {CANARY}"] if CANARY in shown else []
    found += [] if answer.headers.get("content-type") == "text/html; charset=utf-8" else ["is no page"]
    if method != "HEAD":
        words = VENDOR_WORDS.search(answer.body.decode())
        found += [f"says {words[0]!r}"] if words else []
        found += [] if b"Northlight Studio" in answer.body else ["has no brand"]
        found += [] if notes.of(answer.request_id) else ["its id is in no log line"]
    return found


def test_every_unknown_address_has_the_one_branded_404(wire: Wire, notes: Notes) -> None:
    page = wire.get("/nothing").page
    wrong = []
    for path in NOWHERE:
        for method in METHODS:
            answer = wire.send(method, path)
            same = answer.page == (b"" if method == "HEAD" else page)
            if answer.status != 404 or not same or faults(answer, notes, method):
                wrong.append(f"{method} {path[:40]}: {answer.status} {faults(answer, notes, method)}")
    assert wrong == []


@pytest.mark.root_only
def test_a_method_that_an_address_does_not_take_is_a_404_too(here: Neighbours, notes: Notes) -> None:
    before, known = traces(here.stack), {(route.pattern, route.method) for route in routes(here.stack, *ALL)}
    wrong = []
    for pattern in {pattern for pattern, _ in known if "+}" not in pattern}:
        path = re.sub(r"\{item\}", here.ada.ids["subscription"], pattern)
        for method in [method for method in METHODS if (pattern, method) not in known]:
            headers = {**own_form(here.wire.origin), **cookie(here.ada.session), "X-HTTP-Method-Override": "POST"}
            answer = here.wire.send(method, path, headers, urlencode(here.form(here.ada)).encode())
            if answer.status != 404 or faults(answer, notes, method):
                wrong.append(f"{method} {path}: {answer.status} {faults(answer, notes, method)}")
    assert wrong + changes(before, traces(here.stack)) == []


ALL = ("visitor", "visitor_post", "customer", "customer_post", "machine")


@pytest.mark.root_only
def test_forms_no_page_of_ours_could_have_made_are_a_400(here: Neighbours, notes: Notes) -> None:
    before, wrong = traces(here.stack), []
    headers = {**own_form(here.wire.origin), **cookie(here.ada.session)}
    for route in routes(here.stack, "customer_post", "visitor_post"):
        for words, body in BODIES.items():
            answer = here.wire.send("POST", route.path(here.own(here.ada)), headers, body)
            if answer.status != 400 or faults(answer, notes):
                wrong.append(f"{route}, {words}: {answer.status} {faults(answer, notes)}")
    assert wrong + changes(before, traces(here.stack)) == []


@pytest.mark.root_only
def test_attempts_and_places_that_cannot_be_ours_are_refused(here: Neighbours, notes: Notes) -> None:
    before, wrong = traces(here.stack), []
    item = here.ada.ids["subscription"]
    for attempt in ("", "short", "a" * 65, f"{CANARY} with a blank", "é" * 20, "../" * 8, "{{7*7}}" + "a" * 16):
        for route in routes(here.stack, "customer_post"):
            if route.names:
                form = here.form(here.ada, attempt=attempt)
                answer = here.wire.post(route.path(here.own(here.ada)), here.ada.session, form)
                wrong += [f"{route}: {answer.status}"] if answer.status != 400 or faults(answer, notes) else []
    for after in (f"{CANARY} blank", "'", "a" * 121, ",".join(["a"] * 101), "é"):
        answer = here.wire.get(f"/payments?{urlencode({'after': after, 'item': item})}", here.ada.session)
        wrong += [f"after={after[:20]}: {answer.status}"] if answer.status != 404 or faults(answer, notes) else []
    assert wrong + changes(before, traces(here.stack)) == []


HEADERS = [
    {},
    {"Accept": ""},
    {"Accept": "application/json;q=x, , */;, text/" + CANARY},
    {"Accept-Language": "*" * 5000},
    {"Accept-Encoding": f"{CANARY}, br;q=7"},
    {"User-Agent": ""},
    {"User-Agent": f"() {{ :; }}; {CANARY}"},
    {"Referer": f"https://{CANARY}.example/%ff\xff"},
    {"Host": f"{CANARY}.example"},
    {"X-Forwarded-Host": f"{CANARY}.example", "Forwarded": f"host={CANARY}.example", "X-Forwarded-For": CANARY},
    {"X-Original-URL": f"/{CANARY}", "X-Rewrite-URL": f"/{CANARY}"},
    {"X-Amzn-Trace-Id": CANARY, "X-Request-Id": CANARY},
    {"Content-Type": f"text/{CANARY}"},
    {"Content-Type": ";;;"},
    {"Content-Encoding": "gzip"},
    {"Range": "bytes=0-1", "If-None-Match": "*", "If-Modified-Since": CANARY},
    {"Cookie": ""},
    {"Cookie": "=; ;;;=a; a"},
    {"Cookie": f"{CANARY}={CANARY}; " * 1500},
    {"Cookie": f"{SESSION}={CANARY * 6000}"},
    {"Cookie": f"{SESSION}="},
    {"Cookie": f"{SESSION}=.; {SESSION}-browser=é"},
    {"Cookie": f'{SESSION}="{"a" * 64}.{"b" * 43}"'},
    {"Cookie": f"{SESSION}={'é' * 64}.{'b' * 43}"},
    {"Cookie": f"{SESSION}={'/' * 64}.{'b' * 43}"},
    {"Cookie": f"{SESSION}={'a' * 64}.{'b' * 43}; {SESSION}={CANARY}"},
    {"Cookie": f"{SESSION}=\udcff\udced\udca0\udc80"},
]


@pytest.mark.root_only
def test_odd_headers_break_nothing_and_are_not_repeated(wire: Wire, notes: Notes) -> None:
    wrong = []
    for headers in HEADERS:
        for method, path in [("GET", "/"), ("GET", "/sign-in"), ("GET", "/nothing"), ("POST", "/sign-in/code")]:
            posted = own_form(wire.origin) if method == "POST" else {}
            answer = wire.send(method, path, {**posted, **headers}, f"code={CANARY}".encode())
            if answer.status >= 500 or CANARY in answer.body.decode() + "".join(answer.headers.values()):
                wrong.append(f"{method} {path} {str(headers)[:60]}: {answer.status}")
            if answer.status >= 400 and answer.status != 410:
                wrong += [f"{method} {path} {str(headers)[:60]}: {fault}" for fault in faults(answer, notes)]
    assert wrong == []


RAW = [
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-A: a\r\n\r\nSet-Cookie: b=1\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-A: a\r\n folded\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-A: a\rSet-Cookie: b=1\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nHost: y\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n",
    b"GET /sign-in?next=%0d%0aSet-Cookie:zanzibar77=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /items/%0d%0aSet-Cookie:zanzibar77=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: __Host-tillkey=\x01\x7f\x80\xff\r\n\r\n",
    b"GET http://evil.example/sign-in HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET //evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
]


@pytest.mark.root_only
def test_requests_that_are_hardly_http_break_nothing(wire: Wire) -> None:
    for request in RAW:
        head = wire.raw(request).partition(b"\r\n\r\n")[0]
        assert not re.match(rb"HTTP/1.[01] 5", head), request
        assert b"evil.example" not in head, request
        assert not re.search(rb"(?im)^set-cookie:\s*(zanzibar77|a|b)=", head), request
    assert wire.get("/sign-in").status == 200


HALF = "\ud800" + CANARY
ODD_AT = ("path", "path without session", "query", "cookie", "session", "origin", "header name", "header")


@pytest.mark.root_only
def test_events_with_half_characters_are_answered_like_any_other(here: Neighbours) -> None:
    """API Gateway hands over JSON, in which half of a surrogate pair can stand anywhere."""
    for where in ODD_AT:
        for route in [route for route in routes(here.stack, *ALL) if "/sign-out" not in route.pattern]:
            answer = here.stack.app(event_with_half(here, route, where), None)
            assert answer["statusCode"] < 500, f"{route}, {where}"
            assert answer["statusCode"] != 415


def event_with_half(here: Neighbours, route: Route, where: str) -> dict[str, Any]:
    """An API Gateway event for a route, all right but for half a character at one place."""
    names, own = re.findall(r"\{(\w+)\+?\}", route.pattern), here.own(here.ada)
    values = {name: HALF if "path" in where else own.get(name, "x") for name in names}
    headers = {"Accept": "*/*", **(own_form(here.wire.origin) if route.method == "POST" else {})}
    headers |= {"Content-Type": "application/json"} if route.guard == "machine" else {}
    headers |= {} if where == "path without session" else cookie(here.ada.session)
    headers |= {
        "cookie": {"Cookie": f"{HALF}={HALF}; {SESSION}={here.ada.session}"},
        "session": {"Cookie": f"{SESSION}={HALF:x<64}.{'b' * 43}"},
        "origin": {"Origin": HALF},
        "header name": {HALF: HALF},
        "header": {"Accept": HALF, "Stripe-Signature": HALF, "User-Agent": HALF, "Sec-Fetch-Site": HALF},
    }.get(where, {})
    path = re.sub(r"\{(\w+)\+?\}", lambda found: values[found[1]], route.pattern)
    odd = {name: [HALF] for name in (HALF, "next", "after", "attempt", "item")}
    return {
        "headers": headers,
        "multiValueQueryStringParameters": odd if where == "query" else None,
        "pathParameters": values,
        "stageVariables": None,
        "body": urlencode(here.form(here.ada)),
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": route.pattern,
            "httpMethod": route.method,
            "path": path,
            "requestId": "id",
            "identity": {"sourceIp": "127.0.0.1"},
        },
    }


@pytest.mark.root_only
def test_a_body_of_more_than_ten_megabytes_reaches_nobody(wire: Wire) -> None:
    answer = wire.send("POST", "/webhooks/stripe", {"Content-Type": "application/json"}, b"a" * (10 * 2**20 + 1))
    assert answer.status == 413


WEBHOOKS = {
    "not UTF-8": b'{"id":"\xff"}',
    "deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 40_000,
    "NaN": b'{"id":NaN}',
    "a name twice": b'{"id":"evt_1","id":"evt_2"}',
    "no object": b"[]",
    "too long": b'{"a":"' + b"a" * 300_000 + b'"}',
    "cut off": b'{"id":"evt_1"',
}


@pytest.mark.root_only
def test_signed_bodies_that_are_no_event_are_a_400(stack: TestStack, wire: Wire, notes: Notes) -> None:
    before = traces(stack)
    for words, body in WEBHOOKS.items():
        header = signature(WEBHOOK_SECRET, body, int(stack.clock.now()))
        headers = {"Content-Type": "application/json", "Stripe-Signature": header}
        answer = wire.send("POST", "/webhooks/stripe", headers, body)
        assert (answer.status, faults(answer, notes)) == (400, []), words
    assert changes(before, traces(stack)) == []


def test_every_answer_carries_the_security_headers(here: Neighbours, notes: Notes) -> None:
    wanted = {name: value for name, value in SECURITY_HEADERS.items() if name != "cache-control"}
    own = here.own(here.ada) | {"file": "x", "version": "1", "name": "portal.css"}
    paths = [route.path(own) for route in routes(here.stack, "customer", "visitor") if "+}" not in route.pattern]
    paths += [f"/static/1/{name}" for name in ("brand.css", "icon.svg", *(file.name for file in FOLDER.iterdir()))]
    for path in paths:
        for session in ("", here.ada.session):
            answer = here.wire.get(path, session)
            missing = [name for name, value in wanted.items() if value not in answer.headers.get(name, "")]
            assert not missing, f"{path} is {answer.status} without {missing}"
            if "/static/" not in path:
                assert answer.headers["cache-control"] == "no-store"
    assert here.wire.send("POST", "/webhooks/stripe").headers["x-content-type-options"] == "nosniff"


@pytest.mark.root_only
def test_the_log_names_nobody_and_holds_no_secret(
    stack: TestStack, shop: Shop, visitor: Visitor, notes: Notes, troubles: Troubles
) -> None:
    customer = shop.customer(ADA, f"Ada {CANARY}")
    item = shop.subscription(customer)
    failing = shop.card(customer, CHARGE_FAILS)
    visitor.open("/sign-in")
    visitor.send("/sign-in", {"email": ADA})
    (mail,) = stack.mailbox(ADA)
    token, code = re.search(r"#(\S{43})", mail.text), re.search(r"\b(\d{3}) (\d{3})\b", mail.text)
    assert token
    assert code
    visitor.send("/sign-in/code", {"code": "000000"})
    visitor.send("/sign-in/link", {"token": "x" * 43, "email": ADA})
    visitor.send("/sign-in/link", {"token": token[1]})
    page = visitor.open(f"/items/{item}/card")
    csrf = next(field["value"] for field in page.document.root.all("input") if field["name"] == "csrf")
    entered = visitor.press("Add a new card")
    (form,) = [form for form in entered.document.root.all("form") if form["data-client-secret"]]
    visitor.open(f"/items/{item}/card")
    visitor.press("Use this card", {"card": failing})
    stack.skip("P32D")
    stack.stripe.call("POST", "faults", {"status": 500, "times": 4, "path": "/pay$"})
    visitor.sign_in(ADA)
    paid = visitor.open(f"/items/{item}")
    visitor.press(next(button for button in paid.buttons if button.startswith("Pay")))
    visitor.send(f"/items/{item}/cancel", {"csrf": CANARY, "attempt": "a" * 20})
    visitor.open(f"/items/{CANARY}?attempt={CANARY}")
    portal().queue.send({"kind": "sign_in", "email": ADA, "name": CANARY})
    stack.advance("PT10M")
    assert [each for each in troubles.seen if "NothingDone" not in each] == []
    troubles.seen.clear()
    secrets = {
        "the mailbox": ADA,
        "its name": CANARY,
        "a token": token[1],
        "a code": code[1] + code[2],
        "the session": visitor.cookies[SESSION].partition(".")[2],
        "the browser": visitor.cookies[f"{SESSION}-browser"],
        "a form token": csrf,
        "a client secret": form["data-client-secret"],
        "the webhook secret": WEBHOOK_SECRET,
        "the key": SECRET_KEY,
    }
    assert "signed in" in "".join(notes.lines)
    assert "refused" in "".join(notes.lines)
    assert "a message comes again" in "".join(notes.lines)
    assert {"sign_ins", "stripe_errors"} <= {json.loads(line).get("metric") for line in notes.lines}
    assert notes.mentions(secrets) == []
    assert PUBLISHABLE_KEY
    notes.lines.append(ADA)
    assert notes.mentions(secrets) == ["the mailbox"]
