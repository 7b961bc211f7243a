"""Every address comes from the configured public one, at the root or below a prefix."""

import re

import pytest
from msgspec.structs import replace

from chalicelib.settings.merchant import Company, Settings
from chalicelib.web import links

ROOT = Settings(Company("Northlight Studio", "help@northlight.example"), "https://billing.northlight.example")
BELOW = replace(ROOT, public_url="https://x.execute-api.example/api")


def test_links_lie_below_the_prefix() -> None:
    assert links.path(ROOT, "home") == "/"
    assert links.path(BELOW, "home") == "/api/"
    assert links.path(BELOW, "card", item="sub_1") == "/api/items/sub_1/card"
    assert links.absolute(BELOW, "payments", {"item": "sub_1"}) == (
        "https://x.execute-api.example/api/payments?item=sub_1"
    )


def test_what_stands_in_a_link_cannot_leave_its_place() -> None:
    assert links.path(ROOT, "item", item="../a?b#c") == "/items/..%2Fa%3Fb%23c"
    assert links.path(ROOT, "payments", {"after": "a#1,b&c"}) == "/payments?after=a%231%2Cb%26c"


def test_the_origin_is_what_browsers_send() -> None:
    assert links.origin(BELOW) == "https://x.execute-api.example"


@pytest.mark.parametrize("name", sorted(links.ROUTES))
def test_every_route_can_be_linked_to(name: str) -> None:
    places = re.findall(r"\{(\w+)\}", links.ROUTES[name])
    made = links.path(BELOW, name, **dict.fromkeys(places, "x1"))
    assert made.startswith("/api/")
    assert "{" not in made


@pytest.mark.parametrize("wanted", ["/", "/items/sub_1", "/payments?item=sub_1"])
def test_a_way_back_into_the_portal_is_kept(wanted: str) -> None:
    assert links.safe_return(ROOT, wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "items/sub_1",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/items/../../x",
        "/a//b",
        "/a b",
        "/a\r\nSet-Cookie: x=1",
        "/ä",
        '/"><script>',
        "javascript:alert(1)",
    ],
)
def test_a_way_out_of_the_portal_leads_home(wanted: str) -> None:
    assert links.safe_return(ROOT, wanted) == "/"


def test_below_a_prefix_a_path_beside_it_leads_home() -> None:
    assert links.safe_return(BELOW, "/other/items") == "/api/"
    assert links.safe_return(BELOW, "/apiary") == "/api/"
