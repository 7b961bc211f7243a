"""The first pages are light: less than 60 kB over the wire, whatever there is to show."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request

from local.demo.seed import seed
from tests.e2e.sign_in import sign_in
from tests.stack import TestStack

LIMIT = 60_000


def weight(page: Page, stack: TestStack, path: str) -> int:
    """Bytes that come over the wire for a page and all it loads from the portal, headers included."""
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))
    page.goto(stack.portal_url + path, wait_until="networkidle")
    sizes = [request.sizes() for request in loaded if request.url.startswith(stack.place.origin)]
    assert len(sizes) > 3
    return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


@pytest.mark.root_only
def test_the_sign_in_page_and_the_heaviest_home_page_are_light(
    new_browser: Callable[..., Page], stack: TestStack
) -> None:
    seed(stack.stripe)
    stack.clock.follow()
    stack.provision()
    assert weight(new_browser(), stack, "/sign-in") < LIMIT
    visitor = new_browser()
    sign_in(visitor, stack, "clara@mail.example")
    fresh = new_browser()
    fresh.context.add_cookies(visitor.context.cookies())  # type: ignore[arg-type]
    assert weight(fresh, stack, "/") < LIMIT
    fresh.get_by_text("Portrait Masterclass").first.wait_for()
