"""What a customer set out to do, kept from before the first call to Stripe until its outcome is known."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field

LEASE = 45
FIND_OUT_AFTER = 120


class PaidBill(Struct, frozen=True):
    """How paying one bill ended: paid, declined, action, processing, open."""

    bill: str
    status: str
    amount: int
    currency: str
    decline_code: str = ""


class Outcome(Struct, frozen=True):
    """How an attempt ended. `status`: done, declined, action, processing, not_done.

    `late`: Stripe could not be read again right after, so for a few minutes pages show the state before.
    """

    status: str
    card: str = ""
    bills: tuple[PaidBill, ...] = ()
    ends: int | None = None
    decline_code: str = ""
    late: bool = False


class Intent(Struct, frozen=True):
    """One attempt of one customer at one action. `id` is the attempt key made with the confirm page.

    `before` records what undo must restore. `outcome` is None until the end is known.
    """

    id: str
    kind: str
    mailbox: str
    holder: str
    item: str
    created: float
    params: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None

    def step(self, name: str) -> str:
        """Idempotency key of one call of this attempt; repeating the attempt repeats the key."""
        return f"tillkey-{self.kind}-{self.item}-{self.id}-{name}"


class BillingEvent(Struct, frozen=True):
    """Something that became true, for mails and other systems. `id` is stable, so it is published once."""

    id: str
    type: str
    mailbox: str
    holder: str
    item: str
    created: float
    data: Mapping[str, str] = field(default_factory=dict)


class Intents(Protocol):
    """The store of intents and of the outbox rows written with their outcome."""

    def start(self, intent: Intent, now: float) -> Intent | None:
        """Claim the attempt. None: it is ours to run now. Otherwise the attempt as it stands: over, or under way."""

    def get(self, holder: str, intent: str) -> Intent | None:
        """One attempt of this holder, over or under way, read strongly; None for one that was released."""

    def finish(self, intent: Intent, outcome: Outcome, event: BillingEvent | None) -> None:
        """Record the outcome and the billing event in one transaction."""

    def release(self, intent: Intent) -> None:
        """Known not to have happened: the same attempt may be claimed again."""

    def overdue(self, now: float, limit: int) -> tuple[Intent, ...]:
        """Attempts without an outcome whose time to find out has come."""
