"""Which holders one mailbox may see: looked up at Stripe at sign-in, kept, and changed when a customer changes."""

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.access import addresses
from chalicelib.access.throttle import Pace
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.errors import Busy

KNOWN_FOR = 15 * 60
UNKNOWN_FOR = 10 * 60
TRIES = 3


class FoundHolder(Struct, frozen=True):
    """A customer or guest as Stripe has it now. `hidden` is the merchant's mark `tillkey=hide`."""

    id: str
    address: str
    name: str = ""
    hidden: bool = False


class Holder(Struct, frozen=True):
    """A holder of a mailbox, with the address exactly as it stands at Stripe."""

    id: str
    address: str


class Session(Struct, frozen=True):
    """One signed-in browser: when it began, was last seen and ends at the latest (UTC epoch seconds)."""

    id: str
    created: float
    seen: float
    ends: float
    epoch: int


class Mailbox(Struct, frozen=True):
    """All that is stored of one mailbox. `version` counts writes of its holders, `epoch` its sign-outs everywhere."""

    address: str
    holders: tuple[Holder, ...] = ()
    checked_at: float = 0
    epoch: int = 0
    version: int = 0
    sessions: tuple[Session, ...] = ()

    @property
    def ref(self) -> str:
        """What stands for the address in keys, cookies and logs."""
        return addresses.ref(self.address)

    def is_fresh(self, now: float) -> bool:
        """True when Stripe need not be asked again yet."""
        return now - self.checked_at < (KNOWN_FOR if self.holders else UNKNOWN_FOR)


class MailboxReader(Protocol):
    """What a page needs of mailboxes."""

    def open(self, ref: str) -> Mailbox | None:
        """Holders and sessions in one strongly consistent read, or None when nothing was ever stored."""


class MailboxStore(MailboxReader, Protocol):
    """Where mailboxes are kept."""

    def save(self, mailbox: Mailbox) -> bool:
        """Write holders and check time if `version` is still the stored one; the new version is one higher."""


class Customers(Protocol):
    """Stripe's customers and guests, as the sign-in worker needs them."""

    def find(self, address: str) -> tuple[FoundHolder, ...]:
        """All with this address: as spelled, lower case and, where search allows, any. Raises StripeUnavailable."""


class Importer(Protocol):
    """Fills the mirror, so that the first page has something to show."""

    def bring(self, holder: str, address: str) -> None:
        """Everything of one holder, found under this address, if it is not there yet. Raises StripeUnavailable."""


class Directory:
    """Knows the holders of every mailbox."""

    def __init__(self, store: MailboxStore, customers: Customers, importer: Importer, pace: Pace) -> None:
        self._store, self._customers, self._importer, self._pace = store, customers, importer, pace

    def checked(self, typed: str) -> Mailbox:
        """The mailbox `typed` names, asked for at Stripe when the last time is too long ago.

        Raises BadAddress, StripeUnavailable (for a mailbox not known yet; a known one keeps what is stored), Busy.
        """
        address = addresses.canonical(typed)
        for _ in range(TRIES):
            stored = self._store.open(addresses.ref(address)) or Mailbox(address)
            if stored.is_fresh(clock.now()):
                return stored
            try:
                found = self._look_up(typed, stored)
            except StripeUnavailable:
                if stored.holders:
                    return stored
                raise
            if self._store.save(replace(stored, holders=found, checked_at=clock.now())):
                return replace(stored, holders=found)
        raise Busy

    def _look_up(self, typed: str, stored: Mailbox) -> tuple[Holder, ...]:
        found: dict[str, FoundHolder] = {}
        for spelling in _spellings(typed.strip(), stored.address, *(holder.address for holder in stored.holders)):
            self._pace.wait(known=bool(stored.holders))
            found |= {holder.id: holder for holder in self._customers.find(spelling)}
        holders = visible(found.values(), stored.address)
        for holder in holders:
            self._importer.bring(holder.id, holder.address)
        return holders


def visible(found: Iterable[FoundHolder], mailbox: str) -> tuple[Holder, ...]:
    """Those this mailbox may see: exactly its address, and not hidden by the merchant."""
    return tuple(Holder(h.id, h.address) for h in found if not h.hidden and addresses.matches(h.address, mailbox))


def _spellings(*known: str) -> list[str]:
    """Every spelling worth asking for: Stripe's list compares letter by letter, and its search may be refused."""
    spellings: list[str] = []
    for spelling in known:
        if not any(spelling in {other, other.lower()} for other in spellings):
            spellings.append(spelling)
    return spellings
