"""The process is killed before and after each outside call of each act; a sweep later nothing is half done."""

from collections.abc import Callable

import pytest

from tests.proof.money.acts import ACTS
from tests.proof.money.dying import KILLED, disturb, portal
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only


@pytest.mark.parametrize("act", ACTS)
def test_killed_at_any_call_the_act_is_done_once_or_not_at_all(
    stack: TestStack, shop: Shop, act: str, figure: Callable[[str], None]
) -> None:
    with portal(stack) as under_test:
        report = disturb(stack, shop, under_test, act, KILLED)
    figure(str(report))
    assert report.wrong == []
    assert any(end.endswith("full") for end in report.ends)
    assert any(end.endswith("none") for end in report.ends)


@pytest.mark.parametrize("bug", ["call before record", "event apart from the outcome", "recorded but never due"])
def test_a_planted_bug_is_found(stack: TestStack, shop: Shop, bug: str, figure: Callable[[str], None]) -> None:
    with portal(stack, bug) as under_test:
        report = disturb(stack, shop, under_test, "cancel", KILLED)
    figure(f"planted, {bug}: found {len(report.wrong)} times")
    assert report.wrong
