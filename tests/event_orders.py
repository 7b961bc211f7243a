"""A subscription's life in six events, delivered in any order, some twice, to two workers and one action at once."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.billing.errors import StillMoving
from chalicelib.billing.facts import CustomerFacts, SubscriptionFacts
from chalicelib.billing.home import Fact
from chalicelib.billing.ports import EventHint, Mirror
from chalicelib.billing.sync import Sync
from tests.builders import NOW, a_subscription
from tests.fakes.gateway import FakeGateway
from tests.interleaving import Scheduler

LIFE = (
    a_subscription(status="incomplete"),
    a_subscription(status="active"),
    a_subscription(status="past_due"),
    a_subscription(status="active", default_card="pm_new"),
    a_subscription(status="active", default_card="pm_new", cancel_at_period_end=True, cancel_at=NOW),
    a_subscription(status="canceled", default_card="pm_new", ended_at=NOW),
)


class NoRights:
    """Nobody’s rights change in these stories."""

    def customer_changed(self, before: CustomerFacts | None, after: CustomerFacts | None) -> None:
        return None


class SteppedGateway(FakeGateway):
    """Reads take time: what is returned may be old by the time it arrives."""

    step: Callable[[str], None] = staticmethod(lambda label: None)

    def subscription(self, subscription: str) -> SubscriptionFacts | None:
        self.step("read begins")
        found = super().subscription(subscription)
        self.step("read returns")
        return found


class SteppedMirror:
    """The mirror under test, with a stop before each of its steps."""

    def __init__(self, mirror: Mirror, step: Callable[[str], None]) -> None:
        self._mirror, self._step = mirror, step

    def take_ticket(self, object_id: str) -> int:
        self._step("ticket")
        return self._mirror.take_ticket(object_id)

    def write(self, fact: Fact, ticket: int) -> bool:
        self._step("write")
        return self._mirror.write(fact, ticket)

    def __getattr__(self, name: str) -> object:
        return getattr(self._mirror, name)


def _follow(sync: Sync, hint: EventHint) -> None:
    """As the queue does: what could not be written yet comes again."""
    while True:
        try:
            return sync.follow(hint)
        except StillMoving:
            continue


def live_through(order: Sequence[int], seed: int, mirror: Mirror, id: str = "sub_studio") -> SubscriptionFacts:
    """Let the life happen while its events arrive in `order`; give what the mirror shows at the end."""
    scheduler = Scheduler(seed)
    gateway = SteppedGateway()
    gateway.step = scheduler.step  # type: ignore[method-assign]
    stepped = SteppedMirror(mirror, scheduler.step)
    sync = Sync(gateway, stepped, NoRights(), lambda facts, schedule: "subscription")  # type: ignore[arg-type]
    happened: list[int] = []
    pauses = random.Random(seed)

    def life() -> None:
        for number, facts in enumerate(LIFE):
            for _ in range(pauses.choice((0, 4, 12))):
                scheduler.step("time passes")
            scheduler.step("change at Stripe")
            gateway.put(replace(facts, id=id))
            happened.append(number)

    def worker(mine: Sequence[int]) -> Callable[[], None]:
        def work() -> None:
            for number in mine:
                while number not in happened:
                    scheduler.step("not yet delivered")
                _follow(sync, EventHint(f"evt_{number}", "customer.subscription.updated", "subscription", id, "", NOW))

        return work

    def action() -> None:
        while len(happened) < seed % len(LIFE):
            scheduler.step("the customer thinks")
        _follow(sync, EventHint("", "", "subscription", id, "", NOW))

    half = len(order) // 2
    scheduler.run([life, worker(order[:half]), worker(order[half:]), action])
    home = mirror.home("cus_ada", fresh=True)
    assert home is not None
    return next(s for s in home.subscriptions if s.id == id)
