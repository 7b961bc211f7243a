"""What a person opens at the local Stripe itself: hosted invoices and the console. No script is needed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from stripe import StripeClient

from local.stripe.server import Server
from tests.e2e.axe import violations
from tests.e2e.watch import Watch


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A browser that runs no script."""
    return new_page(java_script_enabled=False)


@pytest.fixture
def client(local_stripe: Server) -> StripeClient:
    """The API with a secret key."""
    return StripeClient("sk_test_browser", base_addresses={"api": local_stripe.url}, max_network_retries=0)


@pytest.fixture
def invoice(client: StripeClient) -> Any:
    """An open invoice of £12.00; its customer has a card saved."""
    customer = client.v1.customers.create({"name": "Ada <Byron>", "email": "ada@mail.example"}).id
    client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer})
    made = client.v1.invoices.create({"customer": customer, "auto_advance": False, "currency": "gbp"})
    client.v1.invoice_items.create(
        {"customer": customer, "invoice": made.id, "amount": 1200, "currency": "gbp", "description": "Bread & salt"}
    )
    return client.v1.invoices.finalize_invoice(made.id)


def test_an_invoice_is_paid_with_the_saved_card_once_the_bank_was_asked(
    page: Page, client: StripeClient, invoice: Any
) -> None:
    page.goto(invoice.hosted_invoice_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("£12.00 to pay")
    expect(page.get_by_role("cell", name="Bread & salt")).to_be_visible()
    page.get_by_role("button", name="Pay £12.00").click()
    expect(page.get_by_role("main")).to_contain_text("would like to charge £12.00")

    page.get_by_role("button", name="Complete authentication").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("£12.00 paid")
    assert client.v1.invoices.retrieve(invoice.id).status == "paid"
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_bank_that_was_not_convinced_leaves_the_invoice_open_and_another_card_pays_it(
    page: Page, client: StripeClient, invoice: Any, watch: Watch
) -> None:
    watch.expect("402: POST .*/invoice/")
    page.goto(invoice.hosted_invoice_url)
    page.get_by_role("button", name="Pay £12.00").click()
    page.get_by_role("button", name="Fail authentication").click()
    expect(page.get_by_role("alert")).to_contain_text("unable to authenticate")

    for number, said in (("4000 0000 0000 9995", "insufficient funds"), ("4242424242424242", "")):
        page.get_by_label("Card number").fill(number)
        page.get_by_label("Expiration date").fill("12 / 34")
        page.get_by_label("Security code").fill("123")
        page.get_by_role("button", name="Pay £12.00").click()
        if said:
            expect(page.get_by_role("alert")).to_contain_text(said)

    expect(page.get_by_role("heading", level=1)).to_have_text("£12.00 paid")
    assert client.v1.invoices.retrieve(invoice.id).amount_paid == 1200


def test_an_invoice_comes_as_a_pdf_too(client: StripeClient, invoice: Any) -> None:
    client.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})

    text = PdfReader(io.BytesIO(requests.get(invoice.invoice_pdf, timeout=10).content)).pages[0].extract_text()

    assert f"Invoice {invoice.number}" in text
    assert "Bread & salt: £12.00" in text


def test_the_console_shows_what_there_is_and_sends_an_event_again(
    page: Page, client: StripeClient, invoice: Any, local_stripe: Server
) -> None:
    endpoint = client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["customer.*"]})
    customer = client.v1.customers.create({"name": "Grace Hopper"})
    page.goto(f"{local_stripe.url}/_fake/console")
    for name in ("Customers", "Invoices", "Events and their deliveries", "Recent API requests", "Test cards"):
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Grace Hopper")).to_have_count(1)

    page.get_by_role("button", name="Resend customer.created").first.click()

    sent = [one for one in local_stripe.world.deliveries.all.values() if one["endpoint"] == endpoint.id]
    assert [one["type"] for one in sent] == ["customer.created", "customer.created"]
    page.get_by_role("link", name=customer.id).first.click()
    expect(page.get_by_text('"name": "Grace Hopper"')).to_be_visible()
    client.v1.webhook_endpoints.delete(endpoint.id)


def test_the_console_moves_time_and_lets_the_next_call_fail(page: Page, local_stripe: Server) -> None:
    before = local_stripe.world.now()
    page.goto(f"{local_stripe.url}/_fake/console")
    page.get_by_role("button", name="+1 day").click()
    page.get_by_label("What happens").select_option(label="429 too many requests")
    page.get_by_label("Path contains").fill("/v1/products")
    page.get_by_role("button", name="Set", exact=True).click()

    assert 86400 <= local_stripe.world.now() - before < 86400 + 60
    headers = {"Authorization": "Bearer sk_test_browser"}
    statuses = [requests.get(f"{local_stripe.url}/v1/{path}", headers=headers, timeout=10).status_code for path in
                ("prices", "products", "products")]  # fmt: skip
    assert statuses == [200, 429, 200]


def test_the_pages_are_accessible_in_light_and_dark(
    new_page: Callable[..., Page], invoice: Any, local_stripe: Server
) -> None:
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        for address in (invoice.hosted_invoice_url, f"{local_stripe.url}/_fake/console"):
            page.goto(address)
            assert violations(page) == []


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}, {"Host": "rebound.example"}],
)
def test_no_other_page_can_post_to_the_console(local_stripe: Server, headers: dict[str, str]) -> None:
    address = f"{local_stripe.url}/_fake/console/clock"

    answer = requests.post(address, {"advance": "P1D"}, headers=headers, timeout=10, allow_redirects=False)

    assert answer.status_code == 403


def test_the_banks_page_opens_only_with_the_client_secret(client: StripeClient, local_stripe: Server) -> None:
    intent = client.v1.setup_intents.create({"payment_method_types": ["card"]})

    answers = [requests.get(f"{local_stripe.url}/3ds/{intent.id}", params=given, timeout=10).status_code for given in
               ({}, {"client_secret": "seti_1_secret_2"}, {"client_secret": intent.client_secret})]  # fmt: skip

    assert answers == [404, 404, 200]
