"""The pages for the person running the stack."""

from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.watch import Watch
from tests.stack import TestStack


def test_a_sign_in_link_in_the_outbox_can_be_pressed(stack: TestStack, page: Page) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Northlight <help@northlight.example>", "ada@mail.example", "Your link"
    target = f"{stack.place.origin}/_local/clock"
    mail.set_content(f"Sign in: {target}")
    mail.add_alternative(f'<p><a href="{target}">Sign in</a></p>', subtype="html")
    stack.outbox.add(mail.as_bytes(), "ada@mail.example", stack.clock.now())

    page.goto(f"{stack.place.origin}/_local/")
    page.get_by_role("navigation").get_by_role("link", name="Outbox").click()
    page.get_by_role("link", name="Your link").click()
    assert violations(page) == []
    page.frame_locator("iframe").get_by_role("link", name="Sign in").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Clock")


def test_time_moves_at_the_press_of_a_button(stack: TestStack, page: Page) -> None:
    before = stack.clock.now()

    page.goto(f"{stack.place.origin}/_local/clock")
    page.get_by_role("button", name="a week").click()
    page.wait_for_load_state()

    assert 7 * 86400 - 1 <= stack.clock.now() - before < 7 * 86400 + 60


@pytest.mark.root_only
def test_a_host_that_is_not_this_machine_cannot_be_reached_and_trying_is_noticed(page: Page, watch: Watch) -> None:
    page.set_content("<img alt='' src='https://js.stripe.com/x.png'>")
    page.wait_for_timeout(200)

    assert watch.problems == ["failed: GET https://js.stripe.com/x.png net::ERR_NAME_NOT_RESOLVED"]
    watch.expect("ERR_NAME_NOT_RESOLVED")


@pytest.mark.root_only
def test_a_timer_runs_at_the_press_of_a_button_and_says_what_it_did(stack: TestStack, page: Page) -> None:
    page.goto(f"{stack.place.origin}/_local/")
    page.get_by_role("navigation").get_by_role("link", name="Timers").click()
    assert violations(page) == []
    page.get_by_role("button", name="Run expiring now").click()

    expect(page.get_by_role("main")).to_contain_text("notices 0")
