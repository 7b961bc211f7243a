"""The mail that signs people in: to whom it goes, how it looks, and what it and its link never give away."""

import logging
import re
from collections.abc import Iterator

import pytest
import requests

from chalicelib import wiring
from tests.functional.signing_in import ADA, asked, mailed, pressed
from tests.functional.traces import rows
from tests.functional.visitor import SESSION, Visitor
from tests.shop import Shop
from tests.stack import TestStack


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every line logged by anything at INFO and above, with all that was put into it."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.__dict__}")

    keeper, root = Keeper(), logging.getLogger()
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.INFO)
    yield lines
    root.setLevel(before)
    root.removeHandler(keeper)


@pytest.mark.root_only
@pytest.mark.parametrize(
    ("typed", "mailed_to"),
    [
        ("ADA@MAIL.EXAMPLE", ["ada@mail.example"]),
        (" ada@mail.example ", ["ada@mail.example"]),
        ("bea@mail.example", ["Bea@mail.example"]),
        ("BEA@mail.example", ["Bea@mail.example"]),
        ("cleo+shop@mail.example", ["cleo+shop@mail.example"]),
        ("cleo@mail.example", []),
        ("аda@mail.example", []),
        ("ada@mail.example.evil.example", []),
        ("ada@mаil.example", []),
        ("ada@mail.example,eve@evil.example", []),
    ],
)
def test_mails_go_to_the_address_stripe_has_and_never_to_the_typed_one(
    stack: TestStack, shop: Shop, visitor: Visitor, typed: str, mailed_to: list[str]
) -> None:
    for stored in ("ada@mail.example", "Bea@Mail.example", "cleo+shop@mail.example"):
        shop.v1.customers.create({"email": stored})
    asked(visitor, typed)
    stack.settle()
    assert [mail.to for mail in stack.outbox.all()] == mailed_to
    assert [mail.message["To"] for mail in stack.outbox.all()] == mailed_to


def test_the_mail_is_the_merchants_own(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.v1.customers.create({"email": ADA})
    asked(visitor)
    (mail,) = stack.mailbox(ADA)
    company = wiring.portal().settings().company

    assert mail.message["From"] == f"{company.name} <{company.support_email}>"
    assert str(mail.message["Subject"]) == f"Your sign-in link for {company.name}"
    assert company.name in mail.text
    assert company.name in mail.html
    (logo,) = re.findall(r'<img src="([^"]+)"', mail.html)
    assert logo.startswith(stack.portal_url + "/")
    assert requests.get(logo, timeout=10).headers["content-type"] == "image/png"
    links = set(mail.links)
    assert {link.partition("#")[0] for link in links} == {f"{stack.portal_url}/sign-in/link"}
    assert "?" not in "".join(links)
    assert not re.search(r"\d{3} ?\d{3}", str(mail.message["Subject"]))


def test_neither_token_nor_code_nor_session_nor_address_is_left_in_the_log_or_in_the_table(
    stack: TestStack, shop: Shop, visitor: Visitor, log: list[str]
) -> None:
    shop.v1.customers.create({"email": ADA})
    asked(visitor)
    token, code = mailed(stack)
    pressed(visitor, token + "x")
    visitor.send("/sign-in/code", {"code": "000000" if code != "000000" else "111111"})
    pressed(visitor, token)
    assert visitor.signed_in
    session = visitor.cookies[SESSION].partition(".")[2]
    written, kept = "\n".join(log), str(rows(stack))

    assert "signed in" in written
    for secret in (token, session, ADA, *visitor.cookies.values()):
        assert secret not in written
    assert not re.search(rf"\b{code[:3]} ?{code[3:]}\b", written)
    for secret in (token, session, *visitor.cookies.values()):
        assert secret not in kept
    assert not re.search(rf"'{code}'", kept)
