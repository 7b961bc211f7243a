"""A world over memory, with a clock that moves only when told."""

from collections.abc import Iterator

import pytest

from chalicelib import clock
from tests.fakes.access import FakeClock, Memory, World, in_memory


@pytest.fixture
def time() -> Iterator[FakeClock]:
    """The portal's clock."""
    source, before = FakeClock(), clock._source
    clock.use(source)
    yield source
    clock.use(before)


@pytest.fixture
def memory() -> Memory:
    """An empty table."""
    return Memory()


@pytest.fixture
def world(time: FakeClock, memory: Memory) -> World:
    """Everybody who takes part in signing in."""
    return World(in_memory(memory), time)
