"""Signing in as a person does: ask, open the mail, press the link."""

import re

from playwright.sync_api import Page

from tests.stack import TestStack


def sign_in(page: Page, stack: TestStack, mailbox: str) -> None:
    """Ask for a link in this browser and open it there; waits until the portal shows the account."""
    ask(page, stack, mailbox)
    page.goto(sign_in_link(stack, mailbox))
    page.wait_for_url(lambda address: "/sign-in" not in address)


def ask(page: Page, stack: TestStack, mailbox: str) -> None:
    """Ask for a link and wait for the page that says what to do next."""
    page.goto(f"{stack.portal_url}/sign-in")
    page.get_by_label("E-mail address").fill(mailbox)
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    page.get_by_role("heading", name="Check your mail").wait_for()


def sign_in_link(stack: TestStack, mailbox: str) -> str:
    """The sign-in link of the newest mail to this mailbox."""
    mails = stack.mailbox(mailbox)
    assert mails, f"no mail to {mailbox}"
    return next(link for link in mails[0].links if "/sign-in" in link)


def code_of(stack: TestStack, mailbox: str) -> str:
    """The code of the newest mail, as people copy it."""
    found = re.search(r"\b\d{3} \d{3}\b", stack.mailbox(mailbox)[0].text)
    assert found, f"no code in the mail to {mailbox}"
    return found[0]
