"""The rules every page is held to notice what they are for."""

import pytest

from tests.functional import page_rules
from tests.functional.document import Document
from tests.functional.visitor import filled

PORTAL = "http://127.0.0.1:8000/api"
HEADERS = dict(page_rules.SECURITY_HEADERS)
GOOD = """<!doctype html><html lang="en"><head><title>Card – Northlight</title></head><body><main>
<h1>Card</h1><ul><li>one<li>two</ul><a href="/api/items/1">Membership</a>
<a href="mailto:help@northlight.example">Help</a>
<form method="post" action="/api/items/1/card"><input type="hidden" name="csrf" value="t">
<label for="name">Name</label><input id="name" name="name" value="Ada">
<label><input type="checkbox" name="all" checked> All of them</label>
<button name="do" value="it">Save</button></form></main></body></html>"""


def faults(source: str, headers: dict[str, str] | None = None, signed_in: bool = True) -> list[str]:
    """What is wrong with a page."""
    return page_rules.faults(Document(source), HEADERS if headers is None else headers, PORTAL, signed_in)


def test_a_good_page_has_no_fault() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("instead_of", "planted", "complaint"),
    [
        ("<h1>Card</h1>", "", "0 h1"),
        ("<h1>Card</h1>", "<h1>Card</h1><h1>Again</h1>", "2 h1"),
        ("<h1>Card</h1>", "<h1></h1>", "an empty one"),
        ("<title>Card – Northlight</title>", "<title> </title>", "no title"),
        (' lang="en"', "", "no lang"),
        ("<main>", "", "</main> closes"),
        ("<h1>Card</h1>", "<h1>Card</h1><div>", "</main> closes <div>"),
        ("<h1>Card</h1>", '<h1 id="name">Card</h1>', "'name' is used 2 times"),
        ('<label for="name">Name</label>', "", "field 'name' has no label"),
        ('for="name"', 'for="nome"', "points nowhere"),
        ('<input type="hidden" name="csrf" value="t">', "", "no csrf field"),
        ('action="/api/items/1/card"', 'action="/items/1/card"', "not a path of the portal"),
        ('action="/api/items/1/card"', 'action="https://evil.example/"', "not a path of the portal"),
        ('action="/api/items/1/card"', "", "not a path of the portal"),
        ('method="post" ', "", "no method"),
        ('<button name="do" value="it">Save</button>', "", "has no button"),
        (">Save<", "><", "button says nothing"),
        ('href="/api/items/1"', 'href="/items/1"', "not a path of the portal"),
        ('href="/api/items/1"', 'href="//evil.example/"', "not a path of the portal"),
        ('href="/api/items/1"', 'href="javascript:alert(1)"', "javascript: address"),
        ('href="/api/items/1"', 'href="https://stripe.com" target="_blank"', "can reach back"),
        ("<h1>", '<h1 style="color:red">', "inline style on <h1>"),
        ("<h1>", "<style>h1{}</style><h1>", "inline style on <style>"),
        ("<h1>", "<script>alert(1)</script><h1>", "inline script"),
        ("<h1>", '<h1 onclick="x()">', "inline handler onclick"),
        ("<h1>", '<img src="/api/logo.png"><h1>', "no alt"),
        ("<h1>", '<h1 class="a" class="b">', "class twice"),
    ],
)
def test_a_planted_fault_is_noticed(instead_of: str, planted: str, complaint: str) -> None:
    assert instead_of in GOOD
    found = faults(GOOD.replace(instead_of, planted))

    assert any(complaint in line for line in found), found


@pytest.mark.parametrize("missing", sorted(HEADERS))
def test_a_missing_header_is_noticed(missing: str) -> None:
    headers = {name: value for name, value in HEADERS.items() if name != missing}

    assert len(faults(GOOD, headers)) == 1


def test_a_visitor_without_session_needs_no_token() -> None:
    assert faults(GOOD.replace('<input type="hidden" name="csrf" value="t">', ""), signed_in=False) == []


def test_a_form_is_filled_by_label_or_name_and_keeps_what_the_page_set() -> None:
    (form,) = Document(GOOD).root.all("form")

    assert filled(form, {}) == {"csrf": "t", "name": "Ada", "all": "on"}
    assert filled(form, {"Name": "Grace"})["name"] == "Grace"
    with pytest.raises(AssertionError, match="no field is called 'Surname'"):
        filled(form, {"Surname": "Hopper"})


def test_hidden_words_are_not_read() -> None:
    document = Document("<main><p>seen <b>bold</b>ly</p><p hidden>not</p><script>no</script></main>")

    assert document.root.text == "seen boldly"
