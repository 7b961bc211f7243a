"""Sixteen redeem one link or code at the same moment."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import pytest

from tests.functional.signing_in import ADA, BROWSER, OVER, asked, mailed
from tests.functional.visitor import SESSION, Visitor
from tests.functional.wire import Answer, Wire, own_form
from tests.readers import sessions_of
from tests.shop import Shop
from tests.stack import TestStack

SIXTEEN = 16


@pytest.fixture(autouse=True)
def customer(shop: Shop) -> None:
    """Ada has bought here."""
    shop.v1.customers.create({"email": ADA})


def at_once(stack: TestStack, browser: str, forms: list[tuple[str, str]]) -> list[Answer]:
    """Send all forms (path and body) from one browser, each on a connection of its own, at the same moment."""
    start = threading.Barrier(len(forms))

    def send(form: tuple[str, str]) -> Answer:
        wire = Wire(stack)
        wire.get("/sign-in/link")
        start.wait(30)
        headers = {**own_form(wire.origin), "Cookie": f"{BROWSER}={browser}"}
        answer = wire.send("POST", form[0], headers, form[1].encode())
        wire.close()
        return answer

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, forms))


def got_in(answers: list[Answer]) -> list[str]:
    """The session cookies that were handed out."""
    cookies = [SimpleCookie(answer.headers.get("set-cookie", "")) for answer in answers]
    return [found[SESSION].value for found in cookies if SESSION in found]


@pytest.mark.parametrize(
    "forms",
    [
        lambda token, code: [("/sign-in/link", f"token={token}")] * SIXTEEN,
        lambda token, code: [("/sign-in/link", f"token={token}"), ("/sign-in/code", f"code={code}")] * 8,
        lambda token, code: [("/sign-in/link", f"token={token}&email={ADA}")] * SIXTEEN,
    ],
    ids=["one link", "link and code", "one link with the address retyped"],
)
def test_of_many_redemptions_at_once_exactly_one_opens_a_session(
    stack: TestStack, visitor: Visitor, forms: Callable[[str, str], list[tuple[str, str]]]
) -> None:
    asked(visitor)
    answers = at_once(stack, visitor.cookies[BROWSER], forms(*mailed(stack)))

    assert len(got_in(answers)) == 1
    assert sessions_of(ADA) == 1
    lost = [answer for answer in answers if answer.status != 303]
    assert len(lost) == len(answers) - 1
    assert {answer.status for answer in lost} == {410}
    assert len({re.sub(rb'value="[^"]*"', b"", answer.page) for answer in lost}) == 1
    assert OVER in lost[0].body.decode()
    visitor.cookies[SESSION] = got_in(answers)[0]
    assert "Signed in as a•••@mail.example" in visitor.open("/").text
