"""A desk over fakes with memory: what the customer has at Stripe, and what the portal knows of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib import clock
from chalicelib.billing.account import Account
from chalicelib.billing.desk import Desk
from chalicelib.billing.facts import CustomerFacts
from chalicelib.billing.home import Fact
from chalicelib.billing.reading import read_account
from chalicelib.billing.runner import Case, Runner
from chalicelib.billing.sync import Sync
from chalicelib.errors import PortalError
from chalicelib.settings.merchant import Company, Settings
from tests.builders import NOW
from tests.fakes.gateway import FakeGateway
from tests.fakes.intents import FakeIntents, FakeQueue
from tests.fakes.mirror import FakeMirror

SETTINGS = Settings(
    company=Company(name="Northlight Studio", support_email="help@northlight.example"),
    public_url="http://127.0.0.1:8000",
)


class NoRights:
    """Nobody’s rights change here."""

    def customer_changed(self, before: CustomerFacts | None, after: CustomerFacts | None) -> None:
        return None


def or_refusal(press: Callable[[], str]) -> str:
    """How a press ended, or the name of what refused it."""
    try:
        return press()
    except PortalError as error:
        return type(error).__name__


def same(part: Any) -> Any:
    return part


@dataclass
class World:
    """Stripe, mirror, intents and queue of one story. `watch` may wrap each part a desk works with."""

    gateway: FakeGateway = field(default_factory=FakeGateway)
    mirror: FakeMirror = field(default_factory=FakeMirror)
    intents: FakeIntents = field(default_factory=FakeIntents)
    queue: FakeQueue = field(default_factory=FakeQueue)
    settings: Settings = SETTINGS

    def having(self, *facts: Fact, holder: str = "cus_ada") -> "World":
        """All of these exist at Stripe and are known here."""
        self.gateway.put(*facts)
        self.mirror.fill(holder, facts)
        return self

    def desk(self, watch: Callable[[Any], Any] = same) -> Desk:
        gateway, mirror = watch(self.gateway), watch(self.mirror)
        runner = Runner(watch(self.intents), watch(self.queue))
        sync = Sync(gateway, mirror, NoRights(), lambda facts, schedule: "subscription")
        return Desk(gateway, mirror, sync, runner, lambda: self.settings)

    def account(self, *holders: str) -> Account:
        return read_account(self.mirror, "ada@example.com", holders or ("cus_ada",), NOW, self.settings)

    def sweep(self, cases: Callable[[Desk], Mapping[str, Case]], after: float = 300.0) -> None:
        """What the timer does later, twice over."""
        clock.use(lambda: NOW + after)
        desk = self.desk()
        for _ in range(2):
            desk.runner.sweep(cases(desk))

    def effects(self, *names: str) -> list[tuple[str, ...]]:
        """What was really done at Stripe, in order."""
        return [effect for effect in self.gateway.effects.values() if not names or effect[0] in names]
