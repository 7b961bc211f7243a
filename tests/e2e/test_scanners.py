"""Mail scanners of six kinds go over a handful of mails; then each reader's first click signs in all the same."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests import scanners
from tests.e2e.watch import Watch
from tests.functional.visitor import SESSION
from tests.readers import readers, sessions_of
from tests.stack import TestStack


@pytest.mark.root_only
def test_six_kinds_of_scanners_use_nothing_up_and_get_in_nowhere(
    stack: TestStack, new_browser: Callable[..., Page], watch: Watch
) -> None:
    watch.expect("(410|422): POST .*/sign-in")
    people = readers(stack, 5)
    links = [person.link for person in people]
    tab = new_browser()

    got = scanners.looks(links, "HEAD") | scanners.looks(links, "GET")
    got |= scanners.looks(links, "GET", scanners.CHROME)
    got |= scanners.sends_every_form(stack, links)
    got |= scanners.runs_script(tab.context.new_page, links, seconds=1)
    got |= scanners.clicks_everything(tab, links)

    assert SESSION not in got
    assert sum(sessions_of(person.mailbox) for person in people) == 0
    assert [person.mailbox for person in people if not person.click()] == []
