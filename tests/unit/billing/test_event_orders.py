"""Whatever the order of Stripe's events, the mirror ends where Stripe ends."""

import itertools
import random

import pytest
from msgspec.structs import replace

from chalicelib.billing.home import Fact
from tests.event_orders import LIFE, live_through
from tests.fakes.mirror import FakeMirror, Guard

END = replace(LIFE[-1], first_seen_as="subscription")
ORDERS = list(itertools.permutations(range(len(LIFE))))


def with_duplicate(order: tuple[int, ...], seed: int) -> list[int]:
    doubled = [*order]
    rng = random.Random(seed)
    doubled.insert(rng.randrange(len(doubled) + 1), rng.randrange(len(order)))
    return doubled


class UnguardedMirror(FakeMirror):
    """The planted bug: whoever writes last wins."""

    def _wins(self, object_id: str, ticket: int, holder: str) -> bool:
        self.guards[object_id] = Guard(self.guards.get(object_id, Guard()).ticket, stored=0, holder=holder)
        return True


def test_all_720_orders_of_a_life_with_a_duplicate_end_in_the_same_state() -> None:
    for seed, order in enumerate(ORDERS):
        assert live_through(with_duplicate(order, seed), seed, FakeMirror()) == END, (order, seed)


def test_the_test_notices_when_the_guard_is_missing() -> None:
    ends = [live_through(with_duplicate(order, seed), seed, UnguardedMirror()) for seed, order in enumerate(ORDERS)]
    assert any(end != END for end in ends)


@pytest.mark.parametrize("fact", [LIFE[0], LIFE[-1]])
def test_an_old_reading_that_arrives_late_is_refused(fact: Fact) -> None:
    mirror = FakeMirror()
    old, new = mirror.take_ticket(fact.id), mirror.take_ticket(fact.id)
    assert mirror.write(LIFE[-1], new)
    assert not mirror.write(fact, old)
