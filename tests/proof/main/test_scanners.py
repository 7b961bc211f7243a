"""Six kinds of scanners over two hundred mails; then each reader clicks once, in the browser that asked."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests import scanners
from tests.e2e.sign_in import ask, sign_in_link
from tests.e2e.watch import Watch
from tests.functional.visitor import SESSION
from tests.readers import sessions_of
from tests.shop import Shop
from tests.stack import TestStack

FIFTIES, AT_ONCE = 4, 17
SECONDS = 10


def rounds(fifty: int) -> Iterator[list[str]]:
    """Fifty mailboxes, as many at a time as one network may ask for within an hour."""
    mailboxes = [f"reader-{fifty}-{number}@mail.example" for number in range(50)]
    return (mailboxes[start : start + AT_ONCE] for start in range(0, 50, AT_ONCE))


@pytest.mark.root_only
@pytest.mark.parametrize("fifty", range(FIFTIES))
def test_two_hundred_links_outlive_all_scanners_and_open_at_one_click(
    stack: TestStack, new_browser: Callable[..., Page], watch: Watch, fifty: int
) -> None:
    watch.expect("(410|422): POST .*/sign-in")
    came_in = 0
    for mailboxes in rounds(fifty):
        came_in += one_round(stack, new_browser, mailboxes)
        stack.advance("PT1H")
    assert came_in == 50


def one_round(stack: TestStack, new_browser: Callable[..., Page], mailboxes: list[str]) -> int:
    """All ask, the scanners come, all click. Gives how many sessions that opened."""
    shop, readers = Shop(stack), {mailbox: new_browser() for mailbox in mailboxes}
    for mailbox, page in readers.items():
        shop.v1.customers.create({"email": mailbox})
        ask(page, stack, mailbox)
    stack.settle()
    links = {mailbox: sign_in_link(stack, mailbox) for mailbox in mailboxes}
    assert SESSION not in scanned(stack, new_browser, list(links.values()))
    assert sum(sessions_of(mailbox) for mailbox in mailboxes) == 0
    for mailbox, page in readers.items():
        page.goto(links[mailbox])
        page.get_by_text("Signed in as r•••@mail.example").wait_for()
        page.context.close()
    return sum(sessions_of(mailbox) for mailbox in mailboxes)


def scanned(stack: TestStack, new_browser: Callable[..., Page], links: list[str]) -> set[str]:
    """Let all six go over the links. Gives the names of the cookies they got."""
    got = scanners.looks(links, "HEAD") | scanners.looks(links, "GET")
    got |= scanners.looks(links, "GET", scanners.CHROME)
    got |= scanners.sends_every_form(stack, links)
    tab = new_browser()
    got |= scanners.runs_script(tab.context.new_page, links, SECONDS)
    got |= scanners.clicks_everything(tab, links)
    tab.context.close()
    return got
