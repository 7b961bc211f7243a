"""Signing in over HTTP: what a person, a mail scanner and an attacker meet."""

import re
from collections.abc import Iterator

import pytest

from tests.functional.signing_in import ADA, BROWSER, EVE, OVER, People, asked, mailed, pressed, shown
from tests.functional.visitor import SESSION, Visitor
from tests.functional.wire import own_form
from tests.shop import Shop
from tests.stack import TestStack


@pytest.fixture(autouse=True)
def customers(shop: Shop, stack: TestStack) -> Iterator[None]:
    """Ada and Eve have bought here."""
    for address in (ADA, EVE):
        shop.v1.customers.create({"email": address, "name": "Somebody"})
    yield
    stack.settle()


def test_one_click_in_the_asking_browser_is_enough(stack: TestStack, visitor: Visitor) -> None:
    asked(visitor)
    assert pressed(visitor, mailed(stack)[0]).text.startswith("Skip to the content")
    assert visitor.signed_in
    assert visitor.open("/").status == 200


def test_a_page_asked_for_without_a_session_comes_after_signing_in(stack: TestStack, visitor: Visitor) -> None:
    page = visitor.open("/payments")
    assert page.path.endswith(
        "next=" + f"{stack.portal_url.removeprefix(stack.place.origin)}/payments".replace("/", "%2F")
    )
    visitor.press("E-mail me a sign-in link", {"E-mail address": ADA})
    assert pressed(visitor, mailed(stack)[0]).path.endswith("/payments")


@pytest.mark.root_only
def test_every_class_of_address_gets_the_very_same_answer(
    stack: TestStack, another_visitor: People, shop: Shop
) -> None:
    hidden = shop.v1.customers.create({"email": "hidden@mail.example", "metadata": {"tillkey": "hide"}})
    assert hidden.id
    for address in ("many@mail.example", "Many@mail.example", "limited@mail.example"):
        shop.v1.customers.create({"email": address})
    answers = {}
    classes = ["limited@mail.example", ADA, "nobody@mail.example", hidden.email or "", "many@mail.example"]
    for address in [*classes, "limited@mail.example", "o'dd+x@bücher.example", "ADA@MAIL.EXAMPLE"]:
        visitor = another_visitor()
        answer = visitor.raw(
            "POST", "/sign-in", f"email={address}".encode().replace(b"+", b"%2B"), own_form(visitor.origin)
        )
        answers[address] = shown(answer)
        stack.settle()
    assert len(set(answers.values())) == 1, answers
    assert {mail.to for mail in stack.outbox.all()} == {ADA, "many@mail.example", "limited@mail.example"}


@pytest.mark.parametrize(
    "typed", ["ada", "ada@mail", "Ada <ada@mail.example>", "ada@mail.example\nBcc: x@evil.example"]
)
@pytest.mark.root_only
def test_what_is_no_address_is_explained_and_sends_nothing(stack: TestStack, visitor: Visitor, typed: str) -> None:
    page = asked(visitor, typed)
    assert page.status == 422
    assert "It should look like name@example.com" in page.text
    assert typed not in page.content.decode().replace("&lt;", "<").replace("&gt;", ">") or typed == "ada"
    stack.settle()
    assert stack.outbox.all() == []


def test_the_code_works_in_the_asking_browser_alone(
    stack: TestStack, visitor: Visitor, another_visitor: People
) -> None:
    asked(visitor)
    code, thief = mailed(stack)[1], another_visitor()
    thief.open("/sign-in/code")
    assert thief.press("Sign in with the code", {"code": code}).heading == OVER
    visitor.open("/sign-in/code")
    visitor.press("Sign in with the code", {"code": code})
    assert visitor.signed_in
    assert not thief.signed_in


def test_another_browser_retypes_the_address_and_nothing_is_spent_before(
    stack: TestStack, visitor: Visitor, another_visitor: People
) -> None:
    asked(visitor)
    token, phone = mailed(stack)[0], another_visitor()
    assert pressed(phone, token).heading == "One more step"
    page = phone.press("Sign in", {"E-mail address": EVE})
    assert "That isn’t the address this link was sent to" in page.text
    assert not phone.signed_in
    phone.press("Sign in", {"E-mail address": " Ada@Mail.example "})
    assert phone.signed_in
    assert pressed(visitor, token).heading == OVER


def test_whatever_went_wrong_one_page_says_so_and_names_nobody(
    stack: TestStack, visitor: Visitor, another_visitor: People
) -> None:
    pages = {}
    asked(visitor)
    token, code = mailed(stack)
    stranger = another_visitor()
    pages["made up"] = pressed(stranger, "a" * 43)
    pages["mutilated"] = pressed(stranger, token[:-1])
    pages["none"] = pressed(stranger, "")
    pages["foreign code"] = stranger.send("/sign-in/code", {"code": code})
    pages["no code"] = stranger.send("/sign-in/code", {"code": "123"})
    pages["mistyped code"] = visitor.send("/sign-in/code", {"code": f"{(int(code) + 1) % 10**6:06d}"})
    pages["used link"] = (pressed(visitor, token), visitor.press("Sign out"), pressed(visitor, token))[2]
    pages["used code"] = visitor.send("/sign-in/code", {"code": code})
    stack.advance("PT2M")
    asked(visitor)
    token, code = mailed(stack)
    stack.advance("PT15M")
    pages["expired link"], pages["expired code"] = (
        pressed(visitor, token),
        visitor.send("/sign-in/code", {"code": code}),
    )
    assert {page.heading for page in pages.values()} == {OVER}
    assert {page.status for page in pages.values()} == {410}
    assert len({page.content for page in pages.values()}) == 1
    assert "mail.example" not in pages["used link"].text
    visitor.press("E-mail me a new link", {"E-mail address": ADA})
    assert len(stack.mailbox(ADA)) == 3


@pytest.mark.root_only
def test_reading_never_uses_a_link_up(stack: TestStack, visitor: Visitor, another_visitor: People) -> None:
    """What mail scanners do that only look: HEAD, GET, GET as a browser, OPTIONS, with the token wherever it fits."""
    asked(visitor)
    token, scanner = mailed(stack)[0], another_visitor()
    for method in ("HEAD", "GET", "OPTIONS"):
        for path in ("/sign-in/link", f"/sign-in/link?token={token}", "/sign-in/code", "/sign-in"):
            scanner.raw(method, path, headers={"Accept": "text/html"})
            visitor.raw(method, path, headers={"Accept": "text/html"})
    assert not scanner.signed_in
    assert not visitor.signed_in
    pressed(visitor, token)
    assert visitor.signed_in


def test_a_scanner_that_sends_every_form_and_presses_every_button_uses_nothing_up(
    stack: TestStack, visitor: Visitor, another_visitor: People
) -> None:
    asked(visitor)
    token, code = mailed(stack)
    scanner = another_visitor()
    for _ in range(2):
        page = pressed(scanner, token)
        for button in set(page.buttons):
            scanner.page = page
            scanner.press(button)
    assert not scanner.signed_in
    phone = another_visitor()
    pressed(phone, token)
    phone.press("Sign in", {"E-mail address": ADA})
    assert phone.signed_in
    assert code


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": None},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json"},
    ],
)
@pytest.mark.root_only
def test_a_form_that_another_site_sent_does_nothing(
    stack: TestStack, visitor: Visitor, headers: dict[str, str | None]
) -> None:
    asked(visitor)
    token, code = mailed(stack)
    for path, fields in (
        ("/sign-in", {"email": EVE}),
        ("/sign-in/link", {"token": token}),
        ("/sign-in/code", {"code": code}),
        ("/sign-out", {}),
        ("/sign-out/everywhere", {}),
    ):
        sent = visitor.send(path, {**fields, "padding": "1"}, headers)
        assert sent.status == 403, path
    assert not visitor.signed_in
    assert stack.mailbox(EVE) == []
    pressed(visitor, token)
    assert visitor.signed_in


@pytest.mark.root_only
def test_a_form_without_any_content_type_does_nothing(stack: TestStack, visitor: Visitor) -> None:
    """Chalice's own check lets it through; a browser can be made to send one from another site."""
    headers = {name: value for name, value in own_form(visitor.origin).items() if name != "Content-Type"}
    assert visitor.raw("POST", "/sign-in", f"email={ADA}".encode(), headers).status == 403
    assert stack.mailbox(ADA) == []


@pytest.mark.parametrize(
    "body", [b"email=%ff%fe@x.example", b"email=a&email=b", b"email=" + b"a" * 20000, b"&" * 100 + b"a=b" * 60]
)
@pytest.mark.root_only
def test_a_body_that_is_no_form_of_ours_is_refused(visitor: Visitor, body: bytes) -> None:
    assert visitor.raw("POST", "/sign-in", body, own_form(visitor.origin)).status == 400


@pytest.mark.root_only
@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Forwarded-Proto"])
def test_links_start_with_the_configured_address_whatever_host_was_named(
    stack: TestStack, visitor: Visitor, name: str
) -> None:
    visitor.raw("POST", "/sign-in", f"email={ADA}".encode(), {**own_form(visitor.origin), name: "evil.example"})
    links = stack.mailbox(ADA)[0].links
    assert links
    assert all(link.startswith((stack.portal_url + "/", "mailto:")) for link in links)


def test_signing_out_ends_the_session_for_good(stack: TestStack, visitor: Visitor) -> None:
    visitor.sign_in(ADA)
    kept = visitor.cookies[SESSION]
    page = visitor.press("Sign out")
    assert "You’re signed out" in page.text
    visitor.cookies[SESSION] = kept
    assert visitor.open("/").heading == "Manage your billing"
    assert not visitor.signed_in


def test_signing_out_everywhere_ends_it_in_every_browser(
    stack: TestStack, visitor: Visitor, another_visitor: People
) -> None:
    phone = another_visitor()
    phone.sign_in(ADA)
    stack.advance("PT2M")
    visitor.sign_in(ADA)
    visitor.press("Sign out on all devices")
    assert phone.open("/").heading == "Manage your billing"


@pytest.mark.parametrize("fields", [{"x": "y"}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}])
@pytest.mark.root_only
def test_signing_out_needs_the_sessions_own_token(visitor: Visitor, fields: dict[str, str]) -> None:
    visitor.sign_in(ADA)
    for path in ("/sign-out", "/sign-out/everywhere"):
        assert visitor.send(path, fields).status == 403
    assert visitor.open("/payments").status == 200
    assert visitor.signed_in


@pytest.mark.root_only
def test_a_session_ends_by_itself_and_its_cookie_goes(stack: TestStack, visitor: Visitor) -> None:
    visitor.sign_in(ADA)
    stack.advance("PT30M")
    assert visitor.open("/").heading == "Manage your billing"
    assert not visitor.signed_in


@pytest.mark.root_only
def test_a_session_id_set_before_signing_in_never_becomes_valid(stack: TestStack, visitor: Visitor) -> None:
    visitor.sign_in(ADA)
    planted = visitor.cookies[SESSION]
    visitor.press("Sign out")
    stack.advance("PT2M")
    visitor.cookies[SESSION] = planted
    visitor.sign_in(ADA)
    assert visitor.cookies[SESSION] != planted
    visitor.cookies[SESSION] = planted
    assert visitor.open("/").heading == "Manage your billing"


def test_a_link_for_another_address_asks_before_it_replaces_who_is_signed_in(
    stack: TestStack, visitor: Visitor
) -> None:
    visitor.sign_in(ADA)
    visitor.send("/sign-in", {"email": EVE})
    token = mailed(stack, EVE)[0]
    page = pressed(visitor, token)
    assert page.heading == "You’re already signed in"
    assert "a•••@mail.example" in page.text
    assert EVE not in page.text
    visitor.follow("Stay signed in")
    assert "Signed in as a•••@mail.example" in visitor.open("/").text
    pressed(visitor, token)
    page = visitor.press("Switch to the other address")
    assert "Signed in as e•••@mail.example" in page.text


def test_who_is_signed_in_already_does_not_see_the_sign_in_page(visitor: Visitor) -> None:
    visitor.sign_in(ADA)
    assert visitor.open("/sign-in").path == visitor.open("/").path


def test_the_landing_page_loads_nothing_from_elsewhere_and_is_never_kept(visitor: Visitor) -> None:
    page = visitor.open("/sign-in/link")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    sources = [element["src"] for element in page.document.root.all("script", "img", "iframe") if element["src"]]
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)


@pytest.mark.root_only
def test_the_first_page_is_small(visitor: Visitor, stack: TestStack) -> None:
    page = visitor.open("/sign-in")
    total = len(page.content)
    for element in page.document.root.all("script", "link", "img"):
        address = element["src"] or element["href"]
        total += len(
            visitor.raw("GET", address.removeprefix(stack.portal_url.removeprefix(stack.place.origin))).content
        )
    assert total < 60_000


@pytest.mark.root_only
def test_the_browser_is_known_by_one_cookie_for_a_year(visitor: Visitor) -> None:
    asked(visitor)
    first = visitor.cookies[BROWSER]
    asked(visitor, EVE)
    assert visitor.cookies[BROWSER] == first
    assert re.fullmatch(r"[\w-]{43}", first)


@pytest.mark.root_only
def test_somebody_who_is_hidden_from_the_portal_meanwhile_sees_nothing_more(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    visitor.sign_in(ADA)
    (customer,) = shop.v1.customers.list({"email": ADA}).data
    shop.v1.customers.update(customer.id, {"metadata": {"tillkey": "hide"}})
    stack.settle()
    assert visitor.open("/").heading == "Manage your billing"
