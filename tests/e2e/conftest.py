"""A real browser on the real stack."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.watch import Watch
from tests.stack import TestStack


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What went wrong in the browser's pages. Anything not expected fails the test at its end."""
    watching = Watch()
    yield watching
    assert not watching.problems, "\n".join(watching.problems)


@pytest.fixture
def new_browser(browser: Browser, stack: TestStack, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Makes pages in browsers of their own (own cookies); options as for Playwright's `new_context`."""
    contexts = []

    def make(**options: object) -> Page:
        context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_browser: Callable[..., Page]) -> Page:
    """A page in a fresh desktop browser."""
    return new_browser()


@pytest.fixture
def phone(new_browser: Callable[..., Page]) -> Page:
    """A page in a fresh browser as wide as a small phone."""
    return new_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


@pytest.fixture
def without_script(new_browser: Callable[..., Page]) -> Page:
    """A page in a fresh browser that runs no JavaScript."""
    return new_browser(java_script_enabled=False)
