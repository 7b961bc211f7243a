"""Pages through real HTTP, without a browser."""

from collections.abc import Callable, Iterator

import pytest

from tests.functional.visitor import Visitor
from tests.functional.wire import Wire
from tests.shop import Shop
from tests.stack import TestStack


@pytest.fixture
def visitor(stack: TestStack) -> Visitor:
    """Somebody with an empty cookie jar."""
    return Visitor(stack)


@pytest.fixture
def another_visitor(stack: TestStack) -> Callable[[], Visitor]:
    """Makes further people with cookie jars of their own."""
    return lambda: Visitor(stack)


@pytest.fixture
def wire(stack: TestStack) -> Iterator[Wire]:
    """A way to send what no browser would."""
    connection = Wire(stack)
    yield connection
    connection.close()


@pytest.fixture
def shop(stack: TestStack) -> Shop:
    """The merchant's side of Stripe."""
    return Shop(stack)
