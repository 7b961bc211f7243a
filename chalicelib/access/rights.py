"""Keeps mailboxes true while people are signed in: a customer whose address changes moves from one to the other."""

from msgspec.structs import replace

from chalicelib.access import addresses
from chalicelib.access.mailboxes import TRIES, FoundHolder, MailboxStore, visible
from chalicelib.billing.facts import CustomerFacts
from chalicelib.errors import Busy
from chalicelib.mail.addresses import BadAddress


class MailboxRights:
    """Rights (see `billing/sync.py`) over the stored mailboxes."""

    def __init__(self, store: MailboxStore) -> None:
        self._store = store

    def customer_changed(self, before: CustomerFacts | None, after: CustomerFacts | None) -> None:
        """Give the customer to the mailbox it has now and take it from the one it had; hidden or deleted: from both.

        A mailbox that never signed in is left alone: signing in looks it up, and one that won a holder is looked up
        again at the next sign-in, which brings the holder's items. Raises Busy.
        """
        known = [facts for facts in (before, after) if facts]
        for mailbox in {m for m in (_mailbox(facts) for facts in known) if m}:
            self._rewrite(mailbox, known[0].id, after)

    def _rewrite(self, mailbox: str, holder: str, after: CustomerFacts | None) -> None:
        now = FoundHolder(after.id, after.email, after.name, after.hidden) if after and not after.deleted else None
        for _ in range(TRIES):
            stored = self._store.open(addresses.ref(mailbox))
            if stored is None:
                return
            others = tuple(h for h in stored.holders if h.id != holder)
            holders = others + visible([now] if now else [], mailbox)
            gained = len(holders) > len(stored.holders)
            changed = replace(stored, holders=holders, checked_at=0 if gained else stored.checked_at)
            if set(holders) == set(stored.holders) or self._store.save(changed):
                return
        raise Busy


def _mailbox(facts: CustomerFacts) -> str:
    try:
        return addresses.canonical(facts.email)
    except BadAddress:
        return ""
