"""Every state × every rule × the merchant's switch × every action, straight at the server, and the page beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.billing import cancel_rules
from tests.decisions import DONE, STATES, Cell, Customer, cells
from tests.functional.visitor import Visitor
from tests.functional.wire import Wire
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only


@pytest.mark.parametrize("state", STATES)
def test_page_and_server_agree_with_the_table_in_every_cell(
    stack: TestStack, shop: Shop, visitor: Visitor, wire: Wire, state: str, figure: Callable[[str], None]
) -> None:
    asked = cells(state)
    done = sum(cell.expected == DONE for cell in asked)
    ada = Customer(stack, shop, visitor, wire, state, done)
    assert list(ada.answers(asked)) == []
    figure(f"{len(asked)} cells, {done} done, {len(asked) - done} refused or shown as they stand, 0 wrong")


def test_a_server_that_forgot_the_rules_would_be_found(
    stack: TestStack, shop: Shop, visitor: Visitor, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [cell for cell in cells("active") if cell.action == "cancel" and cell.expected != DONE]
    ada = Customer(stack, shop, visitor, wire, "active", 0)
    rule: Any = cancel_rules._rule
    monkeypatch.setattr(cancel_rules, "_rule", lambda line, settings: None)
    monkeypatch.setattr(Customer, "offered", with_rules(Customer.offered, monkeypatch, rule))
    found = list(ada.answers(asked[:2]))
    assert found
    assert all("server says" in wrong for wrong in found)


def with_rules(offered: Any, patching: pytest.MonkeyPatch, rule: Any) -> Any:
    """The page still knows the rules; only the server forgets."""

    def asked(self: Customer, item: str, action: str) -> Any:
        with patching.context() as page:
            page.setattr(cancel_rules, "_rule", rule)
            return offered(self, item, action)

    return asked


def test_the_table_has_no_hole() -> None:
    every = [cell for state in STATES for cell in cells(state)]
    assert len(set(every)) == len(every) == len(STATES) * 112
    assert all(isinstance(cell, Cell) and cell.expected for cell in every)
