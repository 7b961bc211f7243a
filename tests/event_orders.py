"""A subscription's life in six events, delivered in any order, some twice, to two workers and one action at once."""

import random
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from chalicelib.billing.errors import StillMoving
from chalicelib.billing.facts import CustomerFacts, SubscriptionFacts
from chalicelib.billing.home import Fact
from chalicelib.billing.ports import EventHint, Gateway, Mirror
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


class SteppedGateway:
    """Stripe as read by the portal. Reads take time: what is returned may be old by the time it arrives."""

    def __init__(self, gateway: Gateway, step: Callable[[str], None]) -> None:
        self._gateway, self._step = gateway, step

    def subscription(self, subscription: str) -> SubscriptionFacts | None:
        self._step("read begins")
        found = self._gateway.subscription(subscription)
        self._step("read returns")
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self._gateway, name)


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
    gateway = FakeGateway()

    def change(number: int) -> None:
        gateway.put(replace(LIFE[number], id=id))

    return interleave(order, seed, mirror, gateway, change, id)


def interleave(
    order: Sequence[int], seed: int, mirror: Mirror, gateway: Gateway, change: Callable[[int], None], id: str
) -> SubscriptionFacts:
    """As many changes at Stripe as LIFE has, by calls of `change`, among the steps of two workers and one action."""
    scheduler = Scheduler(seed)
    stepped = SteppedMirror(mirror, scheduler.step)
    reads = SteppedGateway(gateway, scheduler.step)
    sync = Sync(reads, stepped, NoRights(), lambda facts, schedule: "subscription")  # type: ignore[arg-type]
    happened: list[int] = []
    pauses = random.Random(seed)

    def life() -> None:
        for number in range(len(LIFE)):
            for _ in range(pauses.choice((0, 4, 12))):
                scheduler.step("time passes")
            scheduler.step("change at Stripe")
            change(number)
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
    facts = gateway.subscription(id)
    home = mirror.home(facts.customer if facts else "", fresh=True)
    assert home is not None
    return next(s for s in home.subscriptions if s.id == id)
