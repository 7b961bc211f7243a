"""What most customers come for, from the mail to the last click."""

import io
import re

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.overdue import Overdue
from tests.e2e.sign_in import ask, code_of, sign_in
from tests.shop import MASTERCARD, Shop
from tests.stack import TestStack

pytestmark = pytest.mark.life_story
ADA = "ada@mail.example"


def test_a_customer_changes_the_card_cancels_and_takes_it_back(page: Page, stack: TestStack) -> None:
    shop = Shop(stack)
    customer = shop.customer(ADA)
    item, other = shop.subscription(customer), shop.subscription(customer, "Print Archive")
    shop.card(customer, MASTERCARD)

    sign_in(page, stack, ADA)
    page.get_by_role("link", name="Studio Membership").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Membership Active")
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Mastercard ending in 4444").check()
    page.get_by_role("button", name="Use this card").click()
    expect(page.get_by_role("status")).to_contain_text("Studio Membership is charged to Mastercard •••• 4444")
    assert shop.v1.subscriptions.retrieve(other).default_payment_method is None

    page.get_by_role("link", name="Cancel subscription").click()
    expect(page.get_by_role("definition").first).to_have_text("Stop today")
    page.get_by_role("button", name="Cancel subscription").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Membership Canceling")
    expect(page.get_by_role("status")).to_contain_text("won’t be charged again")
    assert shop.v1.subscriptions.retrieve(item).cancel_at_period_end

    page.get_by_role("button", name="Keep my subscription").click()
    expect(page.get_by_role("status")).to_contain_text("Everything is as it was before you canceled.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Membership Active")
    assert not shop.v1.subscriptions.retrieve(item).cancel_at_period_end
    told = {str(mail.message["Subject"]) for mail in stack.mailbox(ADA)}
    assert told >= {f"{news}: Studio Membership" for news in ("Canceled", "You’re staying")}, told
    assert "New card for Studio Membership" in told


def test_everything_but_a_new_card_can_be_done_without_script(without_script: Page, stack: TestStack) -> None:
    page, overdue = without_script, Overdue(stack, ADA)
    overdue.shop.card(overdue.customer, MASTERCARD)

    ask(page, stack, ADA)
    page.get_by_label("6-digit code").fill(code_of(stack, ADA))
    page.get_by_role("button", name="Sign in with the code").click()
    page.get_by_role("link", name="Fix it now").click()
    page.get_by_label("Mastercard ending in 4444").check()
    page.get_by_role("button", name="Use this card and pay $49.00").click()
    expect(page.get_by_role("status")).to_contain_text("$49.00 is paid")
    assert overdue.paid

    page.get_by_role("link", name="Cancel subscription").click()
    page.get_by_label("Why are you leaving?").select_option(index=1)
    page.get_by_role("button", name="Cancel subscription").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Membership Canceling")
    assert overdue.shop.v1.subscriptions.retrieve(overdue.item).cancel_at_period_end

    page.get_by_role("link", name="receipt").first.click()
    words = receipt_words(page)
    assert "$49.00" in words
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You’re signed out.")).to_be_visible()


def receipt_words(page: Page) -> str:
    """Download the receipt that is open, and read it."""
    with page.expect_download() as started:
        page.get_by_role("link", name="Download PDF").click()
    download = started.value
    assert re.fullmatch(r".+\.pdf", download.suggested_filename)
    pdf = PdfReader(io.BytesIO(download.path().read_bytes()))
    return " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())


def test_a_receipt_says_on_paper_what_it_says_on_the_screen(page: Page, stack: TestStack) -> None:
    shop = Shop(stack)
    customer = shop.customer(ADA, "Αλεξάνδρα Παπαδημητρίου")
    shop.subscription(customer)

    sign_in(page, stack, ADA)
    page.get_by_role("link", name="Studio Membership").first.click()
    page.get_by_role("link", name="receipt").first.click()
    number = page.get_by_role("heading", level=1).inner_text().removeprefix("Receipt ")
    shown = page.get_by_role("article").inner_text()
    words = receipt_words(page)

    for fact in (
        number,
        "Northlight Studio",
        "12 Harbour Lane",
        "GB123456789",
        "help@northlight.example",
        "Αλεξάνδρα Παπαδημητρίου",
        "Studio Membership",
        "$49.00",
        "4242",
    ):
        assert fact in " ".join(shown.split())
        assert fact in words
