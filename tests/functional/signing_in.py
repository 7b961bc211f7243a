"""What tests of signing in do over HTTP, and read in the mails."""

import re
from collections.abc import Callable

from tests.functional.visitor import Page, Visitor
from tests.stack import TestStack

ADA, EVE = "ada@mail.example", "eve@mail.example"
BROWSER = "__Host-tillkey-browser"
OVER = "This link or code doesn’t work any more"
People = Callable[[], Visitor]


def asked(visitor: Visitor, address: str = ADA, path: str = "/sign-in") -> Page:
    """The page after asking for a link."""
    visitor.open(path)
    return visitor.press("E-mail me a sign-in link", {"E-mail address": address})


def mailed(stack: TestStack, address: str = ADA) -> tuple[str, str]:
    """Token and code of the newest mail."""
    text = stack.mailbox(address)[0].text
    token, code = re.search(r"#(\S{43})", text), re.search(r"\b(\d{3}) (\d{3})\b", text)
    assert token
    assert code
    return token[1], code[1] + code[2]


def pressed(visitor: Visitor, token: str, **more: str) -> Page:
    """What the landing page's script does with the token behind the #."""
    visitor.open("/sign-in/link")
    return visitor.send("/sign-in/link", {"token": token, **more})


def typed(visitor: Visitor, code: str) -> Page:
    """The page after typing a code."""
    return visitor.send("/sign-in/code", {"code": code})


def shown(page: Page) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """All that an answer tells: status, body, headers but for the date and the random id of a new browser."""
    headers = {name: re.sub(r"browser=[\w-]{43}", "browser=…", value) for name, value in page.headers.items()}
    return page.status, page.content, tuple(sorted((k, v) for k, v in headers.items() if k != "date"))
