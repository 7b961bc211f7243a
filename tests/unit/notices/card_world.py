"""A mirror with watched cards, a mailer, a queue and a clock: all that the notices work with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing.home import Fact
from chalicelib.mail.mailer import Message
from chalicelib.notices.card_expiring import CardExpiring, Notice
from tests.builders import a_card, a_customer, a_subscription
from tests.fakes.intents import FakeQueue
from tests.fakes.mirror import FakeMirror
from tests.fakes.notices import FakeNotices
from tests.world import SETTINGS, same


@dataclass
class Mails:
    """Every mail SES took. `trouble` is raised instead, once each."""

    sent: list[Message] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    def send(self, message: Message) -> str:
        if self.trouble:
            raise self.trouble.pop()
        self.sent.append(message)
        return f"mail-{len(self.sent)}"


def at(day: str, hour: int = 8) -> float:
    """A moment of a day, UTC epoch seconds."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC).timestamp()


@dataclass
class CardWorld:
    """Ada's Visa expires at the end of December 2026 and pays for a monthly subscription."""

    mirror: FakeMirror = field(default_factory=FakeMirror)
    mails: Mails = field(default_factory=Mails)
    queue: FakeQueue = field(default_factory=FakeQueue)
    now: float = at("2026-10-20")

    def __post_init__(self) -> None:
        self.notices = FakeNotices(self.mirror)
        self.settings = SETTINGS

    def having(self, *facts: Fact) -> "CardWorld":
        """The mirror learns these."""
        for fact in facts:
            assert self.mirror.write(fact, self.mirror.take_ticket(fact.id))
        return self

    def with_ada(self, number: int = 0, **card: Any) -> "CardWorld":
        """A customer with the card; each number has a mailbox and a fingerprint of its own."""
        holder, name = f"cus_ada{number}", f"ada{number}@example.com"
        visa = a_card(f"pm_{number}", customer=holder, exp_month=12, exp_year=2026, fingerprint=f"fp_{number}")
        item = a_subscription(f"sub_{number}", customer=holder, default_card=visa.id)
        return self.having(a_customer(holder, email=name), replace(visa, **card), item)

    def parts(self, watch: Callable[[Any], Any] = same) -> CardExpiring:
        """The notices, each part of which may be watched."""
        return CardExpiring(watch(self.notices), watch(self.mirror), watch(self.mails), watch(self.queue))

    def begin(self, day: str, watch: Callable[[Any], Any] = same) -> int:
        """The daily job of a day."""
        self.now = at(day)
        return self.parts(watch).begin(self.settings)

    def work(self, watch: Callable[[Any], Any] = same) -> None:
        """The worker, until the queue is empty."""
        parts = self.parts(watch)
        while self.queue.sent:
            message = self.queue.sent.pop(0)
            if message["kind"] == "card_notices":
                parts.begin(self.settings)
            else:
                notice = Notice(str(message["expiry"]), int(str(message["days"])))
                parts.deliver(notice, self.settings, lambda item: f"https://x.example/items/{item}")

    def sweep(self, later: float = 3600) -> int:
        """The sweep, so many seconds later."""
        self.now += later
        return self.parts().sweep(self.now)

    def day(self, day: str) -> list[str]:
        """One whole day; the subjects of the mails it sent."""
        before = len(self.mails.sent)
        self.begin(day)
        self.work()
        return [mail.subject for mail in self.mails.sent[before:]]

    def outcomes(self) -> dict[int, str]:
        """How each notice ended, by its offset."""
        return {notice.days: outcome or state for notice, (state, _, outcome) in self.notices.made.items()}


def a_card_world() -> Iterator[CardWorld]:
    """A world whose time is the portal's."""
    world = CardWorld()
    before = clock.use(lambda: world.now)
    yield world
    clock.use(before)
