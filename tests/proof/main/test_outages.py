"""Every kind of trouble at every call to Stripe, for every action. `make test` tries three kinds."""

import pytest

from tests.functional.actions import Actions
from tests.functional.test_outages import TROUBLES, held, no_pauses, told_and_mended
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import TestStack

__all__ = ["held", "no_pauses"]


@pytest.mark.root_only
@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("wanted", [{"cancel": 15, "undo": 15}, {"pay": 20}, {"card": 34}])
def test_trouble_at_any_call_to_stripe_is_told_as_it_is_and_mended_later(
    stack: TestStack, shop: Shop, visitor: Visitor, wanted: dict[str, int]
) -> None:
    told_and_mended(Actions(stack, shop, visitor, **wanted), TROUBLES)
