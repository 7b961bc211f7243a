"""A sample of the decision table (`tests/decisions.py`); the proof of money asks every cell."""

import pytest

from tests.decisions import ACTIONS, DONE, STATES, Customer, cells
from tests.functional.visitor import Visitor
from tests.functional.wire import Wire
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only
# Beside the plainest: what never paid, what nobody may cancel, what is canceled already, what a schedule drives.
SAMPLED = ("active", "payment needed", "plan", "canceled elsewhere", "fixed term", "plan stopped")


@pytest.mark.parametrize("state", SAMPLED)
def test_page_and_server_agree_with_the_table(
    stack: TestStack, shop: Shop, visitor: Visitor, wire: Wire, state: str
) -> None:
    asked = cells(state)[list(STATES).index(state) % 5 :: 9]
    assert {cell.action for cell in asked} == set(ACTIONS)
    ada = Customer(stack, shop, visitor, wire, state, sum(cell.expected == DONE for cell in asked))
    assert list(ada.answers(asked)) == []
