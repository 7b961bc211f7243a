"""How the sign-in worker sees Stripe: through billing's gateway and sync."""

from collections.abc import Sequence

from chalicelib import clock
from chalicelib.access.mailboxes import FoundHolder
from chalicelib.billing import guests
from chalicelib.billing.facts import CustomerFacts
from chalicelib.billing.inbox import Queue
from chalicelib.billing.ports import Gateway, Mirror
from chalicelib.billing.sync import Sync

COMPARED_FOR = 24 * 3600


class StripeCustomers:
    """Customers (see `access/mailboxes.py`) by the gateway's look-up, guests by the mirror's and the gateway's."""

    def __init__(self, gateway: Gateway, mirror: Mirror) -> None:
        self._gateway, self._mirror = gateway, mirror

    def find(self, address: str) -> tuple[FoundHolder, ...]:
        """In this spelling and in lower case."""
        spellings = list(dict.fromkeys([address, address.lower()]))
        found = [c for c in self._gateway.find_customers(spellings) if not c.deleted]
        guest = self._guest(spellings)
        return tuple(FoundHolder(c.id, c.email, c.name, c.hidden) for c in (*found, *guest))

    def _guest(self, spellings: Sequence[str]) -> tuple[CustomerFacts, ...]:
        """Who bought without a customer: as events told, or found at Stripe now under a spelling new to us."""
        holder = guests.holder_of(spellings[0])
        if not holder:
            return ()
        home = self._mirror.home(holder, fresh=True)
        known = (home.customer,) if home and guests.has_bought(home) else ()
        heard = {guests.mailbox_of(holder), known[0].email} if known else set()
        new = [spelling for spelling in spellings if spelling not in heard]
        bought = filter(guests.is_shown, self._gateway.bills_of_guest(new) if new else ())
        return tuple(map(guests.as_customer, bought))[:1] or known


class MirrorImporter:
    """Importer (see `access/mailboxes.py`) by filling the mirror, and comparing it daily when somebody comes."""

    def __init__(self, sync: Sync, queue: Queue) -> None:
        self._sync, self._queue = sync, queue

    def bring(self, holder: str, address: str) -> None:
        """Filled once, at once. Later compared, in the queue: events keep it fresh unless some were lost."""
        if clock.now() - self._sync.fill(holder, address) > COMPARED_FOR:
            self._queue.send({"kind": "repair", "holder": holder})
