"""Software that opens the links of a mail before its reader does: six kinds, from a bare HEAD to one that clicks all.

Each takes the links it found and gives the names of the cookies it came away with.
"""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Page

from tests.functional.visitor import Visitor
from tests.stack import TestStack

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
CONTROLS = "button:visible, a[href^='/']:visible, a[href^='http']:visible"
TYPED = ("", "scanner@mail.example")


def looks(links: Iterable[str], method: str, agent: str = "LinkScanner/1.0") -> set[str]:
    """One request for each link, HEAD or GET, under its own name or a browser's."""
    session = requests.Session()
    session.trust_env = False
    got: set[str] = set()
    for link in links:
        answer = session.request(method, link, headers={"User-Agent": agent, "Accept": "text/html,*/*"})
        got |= set(answer.cookies.keys())
    return got


def runs_script(open_tab: Callable[[], Page], links: Iterable[str], seconds: float) -> set[str]:
    """A whole browser: loads each link in a tab of its own and gives its script time."""
    tabs = []
    for link in links:
        tabs.append(open_tab())
        tabs[-1].goto(link)
    tabs[-1].wait_for_timeout(seconds * 1000)
    return {cookie.get("name", "") for tab in tabs for cookie in tab.context.cookies()}


def sends_every_form(stack: TestStack, links: Iterable[str]) -> set[str]:
    """Fills in and sends each form of the landing page and of the pages that come after it, without a browser."""
    got: set[str] = set()
    for link in links:
        scanner = Visitor(stack)
        given = {"token": urlsplit(link).fragment}
        scanner.open(link)
        for depth in range(2):
            for typed in TYPED[: depth + 1]:
                _send_all(scanner, {**given, "email": typed, "code": "000000"})
        got |= set(scanner.cookies)
    return got


def _send_all(scanner: Visitor, values: dict[str, str]) -> None:
    """Send every form of the page shown; end on what came of the first, which is the token's."""
    assert scanner.page
    here, first = scanner.page, None
    for button in dict.fromkeys(here.buttons):
        scanner.page = here
        form, _ = here.form(button)
        names = {entry["name"] for entry in form.all("input")}
        after = scanner.press(button, {name: value for name, value in values.items() if name in names})
        first = first or after
    scanner.page = first or here


def clicks_everything(tab: Page, links: Iterable[str]) -> set[str]:
    """A whole browser that presses every button and link, fields filled or not."""
    for link in links:
        for number in range(_controls(tab, link)):
            if tab.locator(CONTROLS).count() <= number:
                _controls(tab, link)
            tab.locator(CONTROLS).nth(number).click(force=True)
            tab.wait_for_load_state()
            _no_checks(tab)
    return {cookie.get("name", "") for cookie in tab.context.cookies()}


def _controls(tab: Page, link: str) -> int:
    """Load a link afresh, let its script run, and count what can be pressed."""
    tab.goto("about:blank")
    tab.goto(link)
    tab.get_by_role("heading", name="One more step").wait_for()
    _no_checks(tab)
    return tab.locator(CONTROLS).count()


def _no_checks(tab: Page) -> None:
    tab.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
