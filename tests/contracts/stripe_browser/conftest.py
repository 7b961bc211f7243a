"""A shop's page in a real browser, under the content security policy the portal's pages have."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Frame, FrameLocator, Page, expect
from stripe import StripeClient
from werkzeug.serving import make_server

from local.stripe.server import Server
from tests.e2e.watch import Watch

HOST_PAGE = """<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
<script src="{stripe}/endive/stripe.js" defer></script><script src="/shop.js" defer></script>
<main><h1>Shop</h1><div id="card"></div><p id="outcome" role="status"></p></main></html>"""
# what a shop's own script does; tests call it and read `outcome`
SHOP = """
window.seen = [];
window.heard = [];
addEventListener("message", (event) => heard.push(JSON.stringify(event.data)));
window.openCard = (options, element = {}) => {
  window.stripe = Stripe("pk_test_browser");
  window.elements = stripe.elements(options);
  const field = elements.create("payment", element);
  for (const type of ["ready", "change", "focus", "blur"]) field.on(type, (event) => seen.push([type, event]));
  window.loadError = new Promise((told) => field.on("loaderror", told));
  field.mount("#card");
};
window.start = (promise) => {
  window.answer = promise.catch((error) => ({ thrown: `${error.name}: ${error.message}` }));
};
"""


class Shop:
    """The shop's page, and the Stripe account behind it."""

    def __init__(self, page: Page, url: str, server: Server) -> None:
        self.page, self.url, self.server = page, url, server
        self.client = StripeClient("sk_test_browser", base_addresses={"api": server.url}, max_network_retries=0)
        self.customer = self.client.v1.customers.create({"name": "Ada Byron", "email": "ada@mail.example"}).id

    @property
    def field(self) -> FrameLocator:
        """The card field."""
        return self.page.frame_locator("iframe[title='Secure payment input frame']")

    @property
    def bank(self) -> FrameLocator:
        """The bank's page over the shop's."""
        return self.page.frame_locator("iframe[title='Bank authentication']")

    def frame(self, path: str) -> Frame:
        """The frame whose address has this path."""
        return next(frame for frame in self.page.frames if urlsplit(frame.url).path.startswith(path))

    def setup(self, **given: Any) -> Any:
        """A new setup intent for the customer."""
        return self.client.v1.setup_intents.create({"customer": self.customer, **given})

    def open(self, options: dict[str, Any], element: dict[str, Any] | None = None) -> None:
        """Load the page and show the card field."""
        self.page.goto(self.url)
        self.page.evaluate("([options, element]) => openCard(options, element)", [options, element or {}])

    def fill(self, number: str, expiry: str = "1234", code: str = "123", postcode: str | None = "BS1 5TY") -> None:
        """Type a card."""
        expect(self.field.get_by_label("Card number")).to_be_visible()
        self.field.get_by_label("Card number").press_sequentially(number)
        self.field.get_by_label("Expiration date").press_sequentially(expiry)
        self.field.get_by_label("Security code").press_sequentially(code)
        if postcode is not None:
            self.field.get_by_label("Postal code").fill(postcode)

    def begin(self, call: str, **given: Any) -> None:
        """Start one of stripe's calls, such as confirmSetup, with `elements` where it takes them."""
        self.page.evaluate("([call, given]) => { start(stripe[call]({ ...given, elements })); }", [call, given])

    def answer(self) -> Any:
        """What the call came to."""
        return self.page.evaluate("window.answer")

    def confirm_setup(self, **given: Any) -> Any:
        """Confirm without leaving the page, and wait for the answer."""
        self.begin("confirmSetup", redirect="if_required", **given)
        return self.answer()

    def events(self, type: str) -> list[Any]:
        """The events of a type that the element gave."""
        return [event for kind, event in self.page.evaluate("window.seen") if kind == type]


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    """Chromium, with the patience a busy machine needs."""
    expect.set_options(timeout=10_000)
    return browser


@pytest.fixture(scope="module")
def local_stripe() -> Iterator[Server]:
    """A local Stripe on a free port."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def shop_url(local_stripe: Server) -> Iterator[str]:
    """The shop's page, on an origin of its own."""
    app = Flask("shop")
    stripe = local_stripe.url
    policy = (
        "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
        f"img-src 'self' data:; style-src 'self'; font-src 'self'; script-src 'self' {stripe}; "
        f"connect-src 'self' {stripe}; frame-src {stripe}"
    )
    headers = {"Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin"}
    page = HOST_PAGE.replace("{stripe}", stripe)
    app.add_url_rule("/", "page", lambda: Response(page, headers=headers, mimetype="text/html"))
    app.add_url_rule("/back", "back", lambda: Response(page, headers=headers, mimetype="text/html"))
    app.add_url_rule("/shop.js", "script", lambda: Response(SHOP, mimetype="text/javascript"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What went wrong in the browser, a breach of the content security policy included."""
    watching = Watch()
    yield watching
    assert not watching.problems, "\n".join(watching.problems)


@pytest.fixture
def new_page(chromium: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Makes pages in browsers of their own; options as for Playwright's `new_context`."""
    contexts = []

    def make(**options: Any) -> Page:
        context = chromium.new_context(**{"locale": "en-GB", "viewport": {"width": 1000, "height": 800}, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def shop(new_page: Callable[..., Page], shop_url: str, local_stripe: Server) -> Shop:
    """The shop in a fresh browser."""
    return Shop(new_page(), shop_url, local_stripe)


@pytest.fixture
def local_page(new_page: Callable[..., Page], shop_url: str, watch: Watch) -> Page:
    """The shop's page without a card field; it may try what it should not."""
    watch.expect("Failed to execute 'postMessage'")
    page = new_page()
    page.goto(shop_url)
    return page
