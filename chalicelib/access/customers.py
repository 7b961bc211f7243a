"""How the sign-in worker sees Stripe: through billing's gateway and sync."""

from chalicelib.access.mailboxes import FoundHolder
from chalicelib.billing.ports import Gateway
from chalicelib.billing.sync import Sync


class StripeCustomers:
    """Customers (see `access/mailboxes.py`) by the gateway's look-up."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def find(self, address: str) -> tuple[FoundHolder, ...]:
        """In this spelling and in lower case."""
        found = self._gateway.find_customers(list(dict.fromkeys([address, address.lower()])))
        return tuple(FoundHolder(c.id, c.email, c.name, c.hidden) for c in found if not c.deleted)


class MirrorImporter:
    """Importer (see `access/mailboxes.py`) by filling the mirror."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync

    def bring(self, holder: str) -> None:
        """Once; what is filled already stays."""
        self._sync.fill(holder)
