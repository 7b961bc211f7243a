"""Signing in as a person does: ask, open the mail, press the link."""

from playwright.sync_api import Page

from tests.stack import TestStack


def sign_in(page: Page, stack: TestStack, mailbox: str) -> None:
    """Ask for a link in this browser and open it there; waits until the portal shows the account."""
    page.goto(f"{stack.portal_url}/sign-in")
    page.locator("input[type=email]").fill(mailbox)
    page.locator("form:has(input[type=email]) button").first.click()
    page.wait_for_load_state()
    page.goto(sign_in_link(stack, mailbox))
    page.wait_for_url(lambda address: "/sign-in" not in address)


def sign_in_link(stack: TestStack, mailbox: str) -> str:
    """The sign-in link of the newest mail to this mailbox."""
    mails = stack.mailbox(mailbox)
    assert mails, f"no mail to {mailbox}"
    return next(link for link in mails[0].links if "/sign-in" in link)
