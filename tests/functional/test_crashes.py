"""A short round of what `make proof P=money` does at length: processes killed, replies lost, people acting at once."""

import pytest

from tests.proof.money.dying import KILLED, disturb, portal
from tests.proof.money.histories import Deed, State, explained, lived
from tests.proof.money.outside import LOST
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only


def test_a_process_killed_in_a_cancellation_leaves_it_done_once_or_not_at_all(stack: TestStack, shop: Shop) -> None:
    with portal(stack) as under_test:
        report = disturb(stack, shop, under_test, "cancel", (*KILLED, LOST), every=7, first=3)
    assert report.wrong == []
    assert {end.partition(": ")[2] for end in report.ends} == {"full", "none"}


def test_an_act_that_is_not_recorded_before_its_call_would_be_noticed(stack: TestStack, shop: Shop) -> None:
    with portal(stack, "call before record") as under_test:
        report = disturb(stack, shop, under_test, "cancel", KILLED[1:], every=4, first=8)
    assert report.wrong


def test_some_order_of_what_succeeded_explains_what_became_of_acts_at_once(stack: TestStack, shop: Shop) -> None:
    with portal(stack) as under_test:
        assert lived(stack, shop, under_test, [1, 2, 51]) == []


def test_an_order_is_asked_for_and_no_more() -> None:
    cancel, undo = Deed("cancel", 0, 2, done=True), Deed("undo", 1, 3, done=True)
    assert explained(State(), [cancel, undo], State())
    assert explained(State(), [cancel, undo], State(ending=True, ours=True))
    assert not explained(State(), [cancel, Deed("undo", 3, 4, done=True)], State(ending=True, ours=True))
    assert not explained(State(), [Deed("cancel", 0, 1, done=False)], State(ending=True, ours=True))
