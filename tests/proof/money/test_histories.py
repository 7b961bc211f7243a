"""A hundred histories of three to six clients on one subscription, customer and merchant: each is explained."""

from collections.abc import Callable

import pytest

from tests.proof.money.dying import portal
from tests.proof.money.histories import lived
from tests.shop import Shop
from tests.stack import TestStack

MANY, AT_ONCE = 100, 20


@pytest.mark.root_only
@pytest.mark.parametrize("first", range(0, MANY, AT_ONCE))
def test_some_order_of_what_succeeded_explains_every_history(
    stack: TestStack, shop: Shop, first: int, figure: Callable[[str], None]
) -> None:
    with portal(stack) as under_test:
        wrong = lived(stack, shop, under_test, list(range(first, first + AT_ONCE)))
    figure(f"{AT_ONCE} histories, {len(wrong)} not explained")
    assert wrong == []


@pytest.mark.root_only
def test_a_planted_lost_update_is_found(stack: TestStack, shop: Shop, figure: Callable[[str], None]) -> None:
    """Chance must bring the two together, which it does in one of twenty histories or so: the first is enough."""
    with portal(stack, "a card change writes back the end it read") as under_test:
        for seed in range(MANY):
            if any("no order" in fault for fault in lived(stack, shop, under_test, [seed])):
                figure(f"planted, a lost update: found by history {seed + 1} of {MANY}")
                return
    raise AssertionError(f"not found by {MANY} histories")
