"""Signing in as people do it: one click, on another device, without script, and with a scanner at work before them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.sign_in import ask, code_of, sign_in_link
from tests.e2e.watch import Watch
from tests.shop import Shop
from tests.stack import TestStack

ADA, EVE = "ada@mail.example", "eve@mail.example"
OVER = "This link or code doesn’t work any more"


@pytest.fixture(autouse=True)
def customers(stack: TestStack) -> None:
    """Ada has a subscription, Eve bought once upon a time."""
    shop = Shop(stack)
    shop.subscription(shop.customer(ADA))
    shop.customer(EVE, "Eve Moneypenny")
    stack.settle()


def heading(page: Page) -> str:
    """The words of the h1."""
    return page.locator("h1").inner_text()


def test_one_click_in_the_mail_and_the_account_is_there(page: Page, stack: TestStack) -> None:
    ask(page, stack, ADA)
    page.goto(sign_in_link(stack, ADA))
    page.get_by_text("Studio Membership").first.wait_for()
    assert page.url == f"{stack.portal_url}/"


def test_the_token_is_left_neither_in_the_address_bar_nor_in_history(page: Page, stack: TestStack) -> None:
    ask(page, stack, ADA)
    link = sign_in_link(stack, ADA)
    token = link.partition("#")[2]
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url + str(request.headers.get("referer"))))
    page.goto(link)
    page.get_by_text("Studio Membership").first.wait_for()
    page.go_back()
    page.wait_for_load_state()
    assert token not in page.url
    assert not [line for line in seen if token in line]
    page.goto(f"{stack.portal_url}/")
    page.get_by_text("Studio Membership").first.wait_for()


def test_the_token_leaves_the_address_bar_before_anything_is_sent(page: Page, stack: TestStack) -> None:
    ask(page, stack, ADA)
    shown: list[str] = []

    def look(route: Route) -> None:
        shown.append(page.url)
        route.continue_()

    page.route("**/sign-in/link", look)
    page.goto(sign_in_link(stack, ADA))
    page.get_by_text("Studio Membership").first.wait_for()
    assert shown[-1] == f"{stack.portal_url}/sign-in/link"


@pytest.mark.life_story
def test_a_link_opened_in_another_browser_asks_for_the_address_and_signs_in_there_only(
    page: Page, new_browser: Callable[..., Page], stack: TestStack
) -> None:
    phone = new_browser(viewport={"width": 390, "height": 844})
    ask(page, stack, ADA)
    phone.goto(sign_in_link(stack, ADA))
    phone.get_by_role("heading", name="One more step").wait_for()
    phone.get_by_label("E-mail address").fill(EVE)
    phone.get_by_role("button", name="Sign in").click()
    phone.get_by_text("That isn’t the address this link was sent to").wait_for()
    phone.get_by_label("E-mail address").fill(ADA)
    phone.get_by_role("button", name="Sign in").click()
    phone.get_by_text("Studio Membership").first.wait_for()
    page.goto(f"{stack.portal_url}/")
    assert heading(page) == "Manage your billing"


def test_the_code_signs_in_without_script(without_script: Page, stack: TestStack) -> None:
    ask(without_script, stack, ADA)
    without_script.get_by_label("6-digit code").fill(code_of(stack, ADA))
    without_script.get_by_role("button", name="Sign in with the code").click()
    without_script.get_by_text("Studio Membership").first.wait_for()


@pytest.mark.life_story
def test_a_link_opened_without_script_leads_to_the_code(without_script: Page, stack: TestStack) -> None:
    ask(without_script, stack, ADA)
    without_script.goto(sign_in_link(stack, ADA))
    without_script.get_by_label("6-digit code").fill(code_of(stack, ADA))
    without_script.get_by_role("button", name="Sign in with the code").click()
    without_script.get_by_text("Studio Membership").first.wait_for()


def test_a_mistyped_code_can_be_typed_again(page: Page, stack: TestStack, watch: Watch) -> None:
    watch.expect("410: POST .*/sign-in/code")
    ask(page, stack, ADA)
    code = code_of(stack, ADA).replace(" ", "")
    page.get_by_label("6-digit code").fill(f"{(int(code) + 1) % 10**6:06d}")
    page.get_by_role("button", name="Sign in with the code").click()
    page.get_by_role("heading", name=OVER).wait_for()
    page.get_by_label("6-digit code").fill(code)
    page.get_by_role("button", name="Sign in with the code").click()
    page.get_by_text("Studio Membership").first.wait_for()


def test_a_link_pasted_into_the_tab_that_shows_the_landing_page_works(page: Page, stack: TestStack) -> None:
    ask(page, stack, ADA)
    page.goto(f"{stack.portal_url}/sign-in/link")
    page.goto(sign_in_link(stack, ADA))
    page.get_by_text("Studio Membership").first.wait_for()


def test_sending_again_starts_with_the_address_typed_before(page: Page, stack: TestStack) -> None:
    ask(page, stack, ADA)
    assert page.get_by_label("E-mail address").input_value() == ADA
    first = sign_in_link(stack, ADA)
    stack.advance("PT2M")
    page.get_by_role("button", name="Send it again").click()
    page.get_by_role("heading", name="Check your mail").wait_for()
    assert sign_in_link(stack, ADA) != first
    page.goto(first)
    page.get_by_text("Studio Membership").first.wait_for()


def opened_by_scanner(scanner: Page, link: str) -> int:
    """Load the link afresh, let its script run, and count what can be pressed."""
    scanner.goto("about:blank")
    scanner.goto(link)
    scanner.get_by_role("heading", name="One more step").wait_for()
    return scanner.get_by_role("button").count()


@pytest.mark.root_only
def test_a_scanner_that_runs_script_and_presses_everything_spends_nothing(
    page: Page, new_browser: Callable[..., Page], stack: TestStack, watch: Watch
) -> None:
    watch.expect("410: POST|422: POST")
    ask(page, stack, ADA)
    link = sign_in_link(stack, ADA)
    for _ in range(2):
        scanner = new_browser()
        for number in range(opened_by_scanner(scanner, link)):
            opened_by_scanner(scanner, link)
            scanner.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
            scanner.get_by_role("button").nth(number).click()
            scanner.wait_for_load_state()
        assert not [cookie for cookie in scanner.context.cookies() if cookie["name"] == "__Host-tillkey"]
    page.goto(link)
    page.get_by_text("Studio Membership").first.wait_for()


def test_somebody_elses_link_asks_before_it_replaces_who_is_signed_in(page: Page, stack: TestStack) -> None:
    ask(page, stack, ADA)
    page.goto(sign_in_link(stack, ADA))
    page.get_by_text("Studio Membership").first.wait_for()
    page.evaluate(
        """async ([url, email]) => await fetch(url, {method: "POST", body: new URLSearchParams({email})})""",
        [f"{stack.portal_url}/sign-in", EVE],
    )
    page.goto(sign_in_link(stack, EVE))
    page.get_by_role("heading", name="You’re already signed in").wait_for()
    page.get_by_role("link", name="Stay signed in").click()
    page.get_by_text("Studio Membership").first.wait_for()
    page.goto(sign_in_link(stack, EVE))
    page.get_by_role("button", name="Switch to the other address").click()
    page.get_by_text("e•••@mail.example").wait_for()
