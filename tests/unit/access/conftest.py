"""A world over memory, with a clock that moves only when told."""

from collections.abc import Iterator

import pytest

from tests.fakes.access import FakeClock, Memory, World, in_memory, time_standing_still


@pytest.fixture
def time() -> Iterator[FakeClock]:
    """The portal's clock."""
    with time_standing_still() as source:
        yield source


@pytest.fixture
def memory() -> Memory:
    """An empty table."""
    return Memory()


@pytest.fixture
def world(time: FakeClock, memory: Memory) -> World:
    """Everybody who takes part in signing in."""
    return World(in_memory(memory), time)
