"""Changing a card and paying what is overdue, in the browser: with the bank's questions, refusals, and second tries."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.card_form import FAIL, PASS, add_card, at_the_bank, type_card
from tests.e2e.overdue import Overdue
from tests.e2e.sign_in import ask, code_of, sign_in
from tests.e2e.watch import Watch
from tests.shop import CHARGE_FAILS, DECLINED, GOOD, MASTERCARD, NEEDS_BANK
from tests.stack import TestStack

ADA = "ada@mail.example"
BANK_ON_SAVING = "4000002500003155"


@pytest.fixture
def overdue(stack: TestStack) -> Overdue:
    """A payment failed."""
    return Overdue(stack, ADA)


def expect_paid(page: Page) -> None:
    """The result is on the screen."""
    expect(page.get_by_role("heading", name="$49.00 is paid")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Membership Active")
    expect(page.get_by_role("region", name="Payment due")).to_have_count(0)


def to_the_cards(page: Page, stack: TestStack) -> None:
    """Sign in and follow the alert to the cards."""
    sign_in(page, stack, ADA)
    alert = page.get_by_role("region", name="Payment problem: Studio Membership")
    expect(alert).to_contain_text("$49.00 for Studio Membership didn’t go through")
    alert.get_by_role("link", name="Fix it now").click()


@pytest.mark.life_story
def test_an_overdue_payment_is_made_good_with_a_new_card_that_the_bank_asks_about_twice(
    page: Page, stack: TestStack, overdue: Overdue
) -> None:
    to_the_cards(page, stack)
    add_card(page, NEEDS_BANK)
    at_the_bank(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm the payment with your bank")
    at_the_bank(page)

    expect_paid(page)
    assert overdue.paid
    assert (overdue.card, overdue.charges()) == ("3184", 1)
    page.goto(stack.portal_url)
    expect(page.get_by_role("region", name="Payment problem: Studio Membership")).to_have_count(0)


def test_a_card_that_is_not_confirmed_is_explained_and_can_be_confirmed_at_the_second_try(
    page: Page, stack: TestStack, overdue: Overdue
) -> None:
    to_the_cards(page, stack)
    add_card(page, BANK_ON_SAVING)
    at_the_bank(page, FAIL)
    expect(page.get_by_role("alert")).to_contain_text("wasn’t confirmed with your bank")
    assert not overdue.paid
    page.get_by_role("button", name="Save card").click()
    at_the_bank(page)
    expect(page.get_by_role("heading", name="Your card was changed")).to_be_visible()
    at_the_bank(page)

    expect_paid(page)
    assert (overdue.card, overdue.charges()) == ("3155", 1)


def test_a_payment_that_is_not_confirmed_is_not_made_and_the_next_try_is(
    page: Page, stack: TestStack, overdue: Overdue
) -> None:
    overdue.shop.card(overdue.customer, NEEDS_BANK)
    to_the_cards(page, stack)
    page.get_by_label("Visa ending in 3184").check()
    page.get_by_role("button", name="Use this card and pay $49.00").click()
    at_the_bank(page, FAIL)
    expect(page.get_by_role("heading", name="Card changed, but $49.00 wasn’t paid")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("The payment wasn’t confirmed with your bank. Pay again")
    assert (overdue.card, overdue.charges()) == ("3184", 0)

    page.get_by_role("button", name="Pay $49.00 now").click()
    at_the_bank(page)
    expect_paid(page)
    assert overdue.charges() == 1


def test_a_declined_new_card_is_explained_on_the_form_and_another_one_pays(
    page: Page, stack: TestStack, overdue: Overdue, watch: Watch
) -> None:
    watch.expect("402: POST .*/v1/setup_intents/.*/confirm")
    to_the_cards(page, stack)
    add_card(page, DECLINED)
    expect(page.get_by_role("alert")).to_contain_text("Your bank declined this card and didn’t say why.")
    assert not overdue.paid
    type_card(page, MASTERCARD)
    page.get_by_role("button", name="Save card").click()

    expect_paid(page)
    assert (overdue.card, overdue.charges()) == ("4444", 1)


def test_a_card_that_is_saved_but_cannot_pay_is_kept_and_the_page_says_both(
    page: Page, stack: TestStack, overdue: Overdue
) -> None:
    to_the_cards(page, stack)
    add_card(page, CHARGE_FAILS)
    said = page.get_by_role("status")
    expect(said).to_contain_text("Card changed, but $49.00 wasn’t paid")
    expect(said).to_contain_text("Your bank declined the payment and didn’t say why.")
    assert not overdue.paid
    page.get_by_role("link", name="Use another card").click()
    add_card(page, GOOD)
    expect_paid(page)
    assert (overdue.card, overdue.charges()) == ("4242", 1)


def test_without_script_the_bank_asks_on_stripes_own_page(
    without_script: Page, stack: TestStack, overdue: Overdue
) -> None:
    page = without_script
    overdue.shop.card(overdue.customer, NEEDS_BANK)
    ask(page, stack, ADA)
    page.get_by_label("6-digit code").fill(code_of(stack, ADA))
    page.get_by_role("button", name="Sign in with the code").click()
    page.get_by_role("link", name="Fix it now").click()
    page.get_by_label("Visa ending in 3184").check()
    page.get_by_role("button", name="Use this card and pay $49.00").click()
    page.get_by_role("link", name="Open the invoice at our payment provider").click()
    page.get_by_role("link", name="Go to your bank").click()
    page.get_by_role("button", name=PASS).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("$49.00 paid")
    stack.settle()

    page.goto(f"{stack.portal_url}/items/{overdue.item}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Membership Active")
    assert (overdue.card, overdue.charges()) == ("3184", 1)
