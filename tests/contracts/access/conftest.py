"""The stores of sign-in: the fake ones in memory and the real ones on the emulated DynamoDB, under the same tests."""

from collections.abc import Iterator

import pytest

from chalicelib.storage.links import DynamoLinks
from chalicelib.storage.mailboxes import DynamoMailboxes
from chalicelib.storage.sessions import DynamoSessions
from chalicelib.storage.throttle import DynamoCounters
from tests.fakes.access import FakeClock, Memory, Stores, World, in_memory, time_standing_still


@pytest.fixture
def dynamodb(request: pytest.FixtureRequest) -> Stores:
    """The real stores over an empty table."""
    request.getfixturevalue("table")
    return Stores(DynamoMailboxes(), DynamoSessions(), DynamoLinks(), DynamoCounters())


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest, time: FakeClock) -> Stores:
    """Fake or real."""
    return in_memory(Memory()) if request.param == "memory" else request.getfixturevalue("dynamodb")


@pytest.fixture
def time() -> Iterator[FakeClock]:
    """The portal's clock, moved only by the test."""
    with time_standing_still() as source:
        yield source


@pytest.fixture
def world(stores: Stores, time: FakeClock) -> World:
    """Everybody who takes part in signing in."""
    return World(stores, time)
