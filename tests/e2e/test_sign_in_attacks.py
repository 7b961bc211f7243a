"""Somebody else's site, and somebody else's link: neither puts a victim into the attacker's account."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.hostile import HostileSite
from tests.e2e.sign_in import sign_in
from tests.e2e.watch import Watch
from tests.functional.visitor import SESSION
from tests.readers import Reader, readers, sessions_of
from tests.shop import Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


@pytest.fixture
def site() -> Iterator[HostileSite]:
    """The attacker's."""
    hostile = HostileSite()
    yield hostile
    hostile.close()


@pytest.fixture
def attacker(stack: TestStack) -> Reader:
    """A customer with a link of their own, not used yet."""
    Shop(stack).v1.customers.create({"email": ADA})
    return readers(stack, 1)[0]


def session(page: Page) -> str:
    """The session cookie, or ""."""
    found = [cookie.get("value", "") for cookie in page.context.cookies() if cookie.get("name") == SESSION]
    return found[0] if found else ""


def test_a_hostile_site_cannot_sign_its_visitor_in_as_the_attacker(
    page: Page, stack: TestStack, site: HostileSite, attacker: Reader, watch: Watch
) -> None:
    watch.expect("403: POST")
    watch.expect("frame-ancestors|X-Frame-Options|ERR_BLOCKED_BY_RESPONSE")
    door, token = f"{stack.portal_url}/sign-in/link", attacker.link.partition("#")[2]
    for number, (action, fields) in enumerate(
        (
            (door, {"token": token}),
            (door, {"token": token, "email": attacker.mailbox}),
            (door, {"token": token, "email": attacker.mailbox, "replace": "yes"}),
            (f"{stack.portal_url}/sign-in", {"email": attacker.mailbox}),
            (f"{stack.portal_url}/sign-in/code", {"code": "123456"}),
        )
    ):
        page.goto(site.page_that_posts(f"/{number}", action, fields))
        expect(page.get_by_role("heading", level=1)).to_have_text("That didn’t come through")
    page.goto(site.page("/framed", f'<iframe src="{attacker.link}"></iframe>'))
    page.wait_for_timeout(300)
    page.goto(site.page("/leads-on", f'<a href="{attacker.link}">Your prize</a>'))
    page.get_by_role("link", name="Your prize").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")

    assert session(page) == ""
    assert sessions_of(attacker.mailbox) == 0
    assert len(stack.mailbox(attacker.mailbox)) == 1
    assert attacker.click()


def test_the_attackers_link_does_not_replace_whoever_is_signed_in(
    page: Page, stack: TestStack, site: HostileSite, attacker: Reader, watch: Watch
) -> None:
    watch.expect("403: POST")
    sign_in(page, stack, ADA)
    own = session(page)
    door, token = f"{stack.portal_url}/sign-in/link", attacker.link.partition("#")[2]
    page.goto(site.page_that_posts("/post", door, {"token": token, "email": attacker.mailbox, "replace": "yes"}))
    expect(page.get_by_role("heading", level=1)).to_have_text("That didn’t come through")
    page.goto(site.page_that_posts("/out", f"{stack.portal_url}/sign-out", {}))
    expect(page.get_by_role("heading", level=1)).to_have_text("That didn’t come through")
    page.goto(attacker.link)
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re already signed in")
    page.get_by_role("link", name="Stay signed in").click()

    expect(page.get_by_text("Signed in as a•••@mail.example")).to_be_visible()
    assert session(page) == own
    assert sessions_of(attacker.mailbox) == 0
