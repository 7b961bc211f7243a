"""Forty weeks of purchases by guests and customers of the same addresses, with events lost, doubled and shuffled."""

from collections.abc import Callable

import pytest

from tests.guest_histories import Week
from tests.shop import Shop
from tests.stack import TestStack

WEEKS, ACTS = 40, 25


@pytest.mark.root_only
def test_every_purchase_is_known_to_its_one_holder_with_all_that_was_given_back(
    stack: TestStack, shop: Shop, figure: Callable[[str], None]
) -> None:
    wrong, known = [], 0
    for seed in range(WEEKS):
        stack.reset()
        week = Week(stack, shop, seed)
        week.live(ACTS)
        expected, shown = week.expected(), week.shown()
        known += sum(map(len, expected.values()))
        if shown != expected:
            wrong.append((seed, week.acts))
    figure(f"{WEEKS} weeks of {ACTS} acts, {known} purchases, {len(wrong)} weeks not as Stripe has them")
    assert wrong == []
