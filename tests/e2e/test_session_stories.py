"""What becomes of a session: left alone, ended here, ended everywhere."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.sign_in import ask, sign_in, sign_in_link
from tests.functional.visitor import SESSION
from tests.shop import Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


def test_a_session_left_alone_ends_and_the_next_one_goes_on_where_it_was(page: Page, stack: TestStack) -> None:
    shop = Shop(stack)
    item = shop.subscription(shop.customer(ADA))
    sign_in(page, stack, ADA)
    used = sign_in_link(stack, ADA)
    page.goto(used)
    page.get_by_role("link", name="Studio Membership").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Membership Active")

    stack.advance("PT31M")
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Manage your billing")
    assert SESSION not in cookies(page)
    page.get_by_label("E-mail address").fill(ADA)
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    page.get_by_role("heading", name="Check your mail").wait_for()
    page.goto(sign_in_link(stack, ADA))
    page.wait_for_url(f"{stack.portal_url}/items/{item}/card")


def test_after_signing_out_nothing_is_left_behind_in_any_browser(
    page: Page, new_browser: Callable[..., Page], stack: TestStack
) -> None:
    shop = Shop(stack)
    shop.subscription(shop.customer(ADA))
    sign_in(page, stack, ADA)
    page.get_by_role("link", name="Studio Membership").first.click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("You’re signed out.")
    assert SESSION not in cookies(page)
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        expect(page.get_by_text("Studio Membership")).to_have_count(0)

    stack.advance("PT2M")
    sign_in(page, stack, ADA)
    phone = new_browser()
    stack.advance("PT2M")
    ask(phone, stack, ADA)
    phone.goto(sign_in_link(stack, ADA))
    phone.get_by_role("button", name="Sign out on all devices").click()
    page.reload()
    for left in (page, phone):
        expect(left.get_by_role("heading", level=1)).to_have_text("Manage your billing")
        assert SESSION not in cookies(left)


def cookies(page: Page) -> set[str]:
    """Names of the browser's cookies."""
    return {cookie.get("name", "") for cookie in page.context.cookies()}
