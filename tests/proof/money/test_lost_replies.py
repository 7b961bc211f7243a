"""The reply to any one outside call of an act is lost: it is done once, and the page tells the truth."""

from collections.abc import Callable

import pytest

from tests.proof.money.acts import ACTS
from tests.proof.money.dying import disturb, portal
from tests.proof.money.outside import LOST
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only


@pytest.mark.parametrize("act", ACTS)
def test_a_reply_lost_at_any_call_neither_doubles_nor_loses_the_act(
    stack: TestStack, shop: Shop, act: str, figure: Callable[[str], None]
) -> None:
    with portal(stack) as under_test:
        report = disturb(stack, shop, under_test, act, [LOST])
    figure(str(report))
    assert report.wrong == []
    assert report.ends == {"reply lost: full": len(report.calls)}
