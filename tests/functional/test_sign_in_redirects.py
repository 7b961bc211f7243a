"""Wherever a sign-in is told to lead, it ends on a page of this portal."""

from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest

from tests.functional.document import Document
from tests.functional.signing_in import ADA
from tests.functional.visitor import Visitor
from tests.functional.wire import Wire, own_form
from tests.shop import Shop
from tests.stack import TestStack

OFF = [
    "https://evil.example",
    "http://evil.example/",
    "HTTPS://EVIL.EXAMPLE",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "http:evil.example",
    "//evil.example",
    "//evil.example/%2f..",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "\x0b//evil.example",
    "\u00a0//evil.example",
    "\u2028//evil.example",
    "\ufeff//evil.example",
    "//evil.example\\@{host}",
    "//{host}@evil.example",
    "//{host}.evil.example",
    "//{host}:80@evil.example/",
    "//evil.example#{host}",
    "//evil.example?{host}",
    "https://{host}@evil.example",
    "https://{host}.evil.example/",
    "https://evil.example/{host}",
    "https://evil.example%23.{host}",
    "//evil%E3%80%82example",
    "//evil。example",
    "//ⓔⓥⓘⓛ.example",
    "//[::1]/",
    "//0x7f000001/",
    "//2130706433/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "javascript://%0aalert(1)",
    "javascript:alert(1)//http://{host}",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://evil.example",
    "blob:https://evil.example/1",
    "about:blank",
    "mailto:x@evil.example",
    "evil.example",
    "evil.example/path",
    ".evil.example",
    "@evil.example",
    ":80@evil.example",
    "?next=https://evil.example",
    "#@evil.example",
    "%2f%2fevil.example",
    "%5c%5cevil.example",
    "/..//evil.example",
    "/../../evil.example",
    "/.//evil.example",
    "/%2e%2e//evil.example",
    "{path}//evil.example",
    "{path}/..//evil.example",
    "{path}/../../evil.example",
    "{path}\\..\\evil.example",
    "{path}@evil.example",
    "{path}.evil.example",
    "{path}/\r\nLocation: https://evil.example",
    "{path}/\r\nSet-Cookie: x=1",
    "{path}/<script>",
    '{path}/"onload=x',
]
ON = ["{path}/", "{path}/payments", "{path}/items/sub_1?attempt=abc", "{path}/payments?after=1,2&item=sub_1"]


@pytest.fixture
def wire(stack: TestStack) -> Iterator[Wire]:
    """A connection to the portal."""
    connection = Wire(stack)
    yield connection
    connection.close()


def told(stack: TestStack, pattern: str) -> str:
    """A way to lead on, with the portal's own host and path filled in."""
    parts = urlsplit(stack.portal_url)
    return pattern.replace("{host}", parts.netloc).replace("{path}", parts.path)


def stays(stack: TestStack, location: str) -> bool:
    """Whether a browser ends on this portal: it drops tabs and line ends, and takes a backslash for a slash."""
    seen = "".join(c for c in location.strip() if c not in "\t\r\n").replace("\\", "/")
    target = urlsplit(urljoin(stack.portal_url + "/", seen))
    home = urlsplit(stack.portal_url + "/")
    return (target.scheme, target.netloc) == (home.scheme, home.netloc) and target.path.startswith(home.path)


def test_nothing_leads_off_the_portal_whoever_is_signed_in(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.v1.customers.create({"email": ADA})
    visitor.sign_in(ADA)
    for pattern in OFF:
        answer = visitor.raw("GET", f"/sign-in?next={quote(told(stack, pattern), safe='')}")
        assert answer.status == 303, pattern
        assert stays(stack, answer.headers["location"]), (pattern, answer.headers["location"])
        assert "set-cookie" not in answer.headers, pattern


def test_nothing_that_leads_off_is_carried_on_to_the_mail_or_the_next_page(stack: TestStack, wire: Wire) -> None:
    for pattern in OFF:
        wanted = quote(told(stack, pattern), safe="")
        page = Document(wire.get(f"/sign-in?next={wanted}").body.decode())
        fields = [entry["value"] for entry in page.root.all("input") if entry["name"] == "next"]
        answer = wire.send("POST", "/sign-in", own_form(wire.origin), f"email={ADA}&next={wanted}".encode())
        fields += parse_qs(urlsplit(answer.headers.get("location", "")).query).get("next", [])
        assert answer.status == (400 if "\x00" in pattern else 303), pattern
        assert fields, pattern
        assert [field for field in fields if not stays(stack, field)] == [], pattern


@pytest.mark.parametrize("pattern", ON)
def test_pages_of_the_portal_are_led_on_to(stack: TestStack, wire: Wire, pattern: str) -> None:
    wanted = told(stack, pattern)
    answer = wire.send("POST", "/sign-in", own_form(wire.origin), f"email={ADA}&next={quote(wanted, safe='')}".encode())
    carried = parse_qs(urlsplit(answer.headers["location"]).query).get("next", [told(stack, "{path}/")])
    assert carried == [wanted]
