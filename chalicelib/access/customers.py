"""How the sign-in worker sees Stripe: through billing's gateway and sync."""

from chalicelib import clock
from chalicelib.access.mailboxes import FoundHolder
from chalicelib.billing.inbox import Queue
from chalicelib.billing.ports import Gateway
from chalicelib.billing.sync import Sync

COMPARED_FOR = 24 * 3600


class StripeCustomers:
    """Customers (see `access/mailboxes.py`) by the gateway's look-up."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def find(self, address: str) -> tuple[FoundHolder, ...]:
        """In this spelling and in lower case."""
        found = self._gateway.find_customers(list(dict.fromkeys([address, address.lower()])))
        return tuple(FoundHolder(c.id, c.email, c.name, c.hidden) for c in found if not c.deleted)


class MirrorImporter:
    """Importer (see `access/mailboxes.py`) by filling the mirror, and comparing it daily when somebody comes."""

    def __init__(self, sync: Sync, queue: Queue) -> None:
        self._sync, self._queue = sync, queue

    def bring(self, holder: str) -> None:
        """Filled once, at once. Later compared, in the queue: events keep it fresh unless some were lost."""
        if clock.now() - self._sync.fill(holder) > COMPARED_FOR:
            self._queue.send({"kind": "repair", "holder": holder})
