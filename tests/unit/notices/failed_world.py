"""A mirror with bills, a mailer, a queue and a clock: all that the mails about failed bills work with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing.facts_bill import Bill, Payment
from chalicelib.billing.home import Fact
from chalicelib.notices.payment_failed import PaymentFailed
from tests.builders import a_bill, a_card, a_customer, a_subscription
from tests.fakes.failed_bills import FakeFailedBills
from tests.fakes.intents import FakeQueue
from tests.fakes.mirror import FakeMirror
from tests.unit.notices.card_world import Mails, at
from tests.world import SETTINGS, same

FAILED_AT = at("2026-11-02", 14)
DAY = 86400


def a_failed_bill(id: str = "in_1", when: float = FAILED_AT, **changes: Any) -> Bill:
    """A renewal whose charge was declined."""
    declined = Payment(f"ch_{id}", 4900, "failed", int(when), kind="card", brand="visa", last4="4242")
    base = a_bill(id, status="open", amount_paid=0, amount_remaining=4900, attempts=1, auto_advance=True)
    made = replace(base, payments=(replace(declined, decline_code="insufficient_funds"),), created=int(when) - 3600)
    return replace(made, **{"issued": int(when), "next_attempt": int(when) + 3 * DAY, **changes})


@dataclass
class FailedWorld:
    """Ada's membership is renewed on 2 November 2026 at two in the afternoon, and her Visa is declined."""

    mirror: FakeMirror = field(default_factory=FakeMirror)
    mails: Mails = field(default_factory=Mails)
    queue: FakeQueue = field(default_factory=FakeQueue)
    now: float = FAILED_AT

    def __post_init__(self) -> None:
        self.bills = FakeFailedBills(self.mirror)
        self.settings = SETTINGS

    def having(self, *facts: Fact) -> "FailedWorld":
        """The mirror learns these."""
        for fact in facts:
            assert self.mirror.write(fact, self.mirror.take_ticket(fact.id))
        return self

    def with_ada(self, **bill: Any) -> "FailedWorld":
        """A customer, her card and membership, and the bill that failed."""
        return self.having(a_customer(), a_card(), a_subscription(status="past_due"), a_failed_bill(**bill))

    def parts(self, watch: Callable[[Any], Any] = same) -> PaymentFailed:
        """The mails, each part of which may be watched."""
        return PaymentFailed(watch(self.bills), watch(self.mirror), watch(self.mails), watch(self.queue))

    def sweep(self, watch: Callable[[Any], Any] = same) -> int:
        """One round."""
        return self.parts(watch).sweep(lambda: self.settings, self.now)

    def work(self, watch: Callable[[Any], Any] = same) -> None:
        """The worker, until the queue is empty."""
        while self.queue.sent:
            self.deliver(self.queue.sent.pop(0), watch)

    def deliver(self, message: Any, watch: Callable[[Any], Any] = same) -> None:
        """The worker, one message."""
        asked = (message["holder"], message["bill"], message["day"])
        self.parts(watch).deliver(*asked, self.settings, lambda item: f"https://x.example/items/{item}")

    def later(self, seconds: float) -> list[str]:
        """Rounds every twelve hours until so many seconds later; the subjects of the mails sent."""
        before, end = len(self.mails.sent), self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + DAY / 2)
            self.sweep()
            self.work()
        return [mail.subject for mail in self.mails.sent[before:]]

    def outcomes(self) -> dict[int, str]:
        """How each day ended."""
        return {day: outcome for (_, day), outcome in self.bills.outcomes.items()}


def a_failed_world() -> Iterator[FailedWorld]:
    """A world whose time is the portal's."""
    world = FailedWorld()
    before = clock.use(lambda: world.now)
    yield world
    clock.use(before)
