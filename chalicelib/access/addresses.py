"""Addresses as keys: one canonical form, so that spellings of one mailbox meet and look-alikes never do."""

import hashlib

from chalicelib.mail.addresses import BadAddress, canonical

__all__ = ["canonical", "matches", "ref"]


def matches(stored: str, mailbox: str) -> bool:
    """True when an address stored at Stripe names exactly this canonical mailbox."""
    try:
        return canonical(stored) == mailbox
    except BadAddress:
        return False


def ref(mailbox: str) -> str:
    """What stands for a canonical mailbox in keys, cookies and logs: its SHA-256 in hex."""
    return hashlib.sha256(mailbox.encode()).hexdigest()
