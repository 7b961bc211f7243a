"""Names for the holders of one mailbox, so that people can tell them apart."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.billing import guests
from chalicelib.billing.facts import CustomerFacts

BY_GUEST = "Bought as a guest"


def labels(customers: Sequence[CustomerFacts]) -> tuple[str, ...]:
    """One label per customer, all different: the name or address, as much of the date as it takes, else a number."""
    plain = [_name(customer) for customer in customers]
    for form in ("%Y", "%B %Y", "%-d %B %Y"):
        if len(set(plain)) == len(plain):
            return tuple(plain)
        plain = _told_apart(customers, form)
    return tuple(_numbered(plain))


def _name(customer: CustomerFacts) -> str:
    return BY_GUEST if guests.is_guest(customer.id) else customer.name.strip() or customer.email or "Customer"


def _told_apart(customers: Sequence[CustomerFacts], form: str) -> list[str]:
    """Only those who share a name get a date."""
    names = [_name(customer) for customer in customers]
    shared = Counter(names)
    return [
        f"{name} · since {datetime.fromtimestamp(customer.created, UTC).strftime(form)}" if shared[name] > 1 else name
        for name, customer in zip(names, customers, strict=True)
    ]


def _numbered(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    shared = Counter(names)
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} ({seen[name]})" if shared[name] > 1 else name)
    return numbered
