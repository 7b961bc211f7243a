"""How often mails go out: once a minute, five times an hour. Whoever asks is told the same, and earlier links work."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib import clock
from tests.functional.signing_in import ADA, EVE, People, asked, mailed, pressed, shown
from tests.functional.visitor import Visitor
from tests.functional.wire import own_form
from tests.shop import Shop
from tests.stack import TestStack

START = 1_800_000_000.0
After = Callable[[float], None]


@pytest.fixture
def after(stack: TestStack, shop: Shop) -> Iterator[After]:
    """Makes the portal's time stand still, so many seconds after the start. Ada has bought here."""
    shop.v1.customers.create({"email": ADA})

    def stand(seconds: float) -> None:
        clock.use(lambda: START + seconds)

    stand(0)
    yield stand
    clock.use(stack.clock.now)


def ask_plainly(visitor: Visitor, address: str = ADA) -> object:
    """Ask, and give all that the answer tells."""
    return shown(visitor.raw("POST", "/sign-in", f"email={address}".encode(), own_form(visitor.origin)))


@pytest.mark.root_only
def test_one_mail_a_minute_and_five_an_hour_with_the_same_answer_each_time(
    stack: TestStack, visitor: Visitor, after: After
) -> None:
    answers, mails = [], {}
    for second in (0, 0.5, 59.999, 60, 119, 120, 180, 240, 300, 3599, 3600, 3660):
        after(second)
        answers.append(ask_plainly(visitor))
        mails[second] = len(stack.mailbox(ADA))

    assert len(set(answers)) == 1
    grown = [second for second, before in zip(mails, [0, *mails.values()], strict=False) if mails[second] > before]
    assert grown == [0, 60, 120, 180, 240, 3600, 3660]


def test_the_link_that_came_works_after_further_asks_that_brought_none(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    shop.v1.customers.create({"email": ADA})
    asked(visitor)
    token, _ = mailed(stack)
    for _ in range(3):
        asked(visitor)
    assert len(stack.mailbox(ADA)) == 1
    pressed(visitor, token)
    assert visitor.signed_in


@pytest.mark.root_only
def test_a_flood_locks_nobody_out(stack: TestStack, visitor: Visitor, another_visitor: People, after: After) -> None:
    visitor.sign_in(ADA)
    visitor.press("Sign out")
    for minute in range(10, 60, 2):
        after(minute * 60)
        ask_plainly(another_visitor())
        stack.settle()
    assert len(stack.mailbox(ADA)) == 5
    asked(visitor)
    pressed(visitor, mailed(stack)[0])
    assert visitor.signed_in
    assert len(stack.mailbox(ADA)) == 6


@pytest.mark.root_only
def test_one_network_may_ask_twenty_times_an_hour_whomever_it_names(
    stack: TestStack, shop: Shop, visitor: Visitor, another_visitor: People
) -> None:
    shop.v1.customers.create({"email": EVE})
    answers = {ask_plainly(another_visitor(), f"somebody-{number}@mail.example") for number in range(20)}
    answers.add(ask_plainly(visitor, EVE))
    assert stack.mailbox(EVE) == []
    stack.advance("PT1H")
    answers.add(ask_plainly(visitor, EVE))
    assert len(stack.mailbox(EVE)) == 1
    assert len(answers) == 1
