"""Names people read: of products, and of things that have several."""

import re
from collections.abc import Iterable

# How Stripe words the lines it writes itself, and we ours (`rest_line`); the product's name is inside.
# https://docs.stripe.com/billing/subscriptions/prorations and invoices of the API version in use.
LINE_WORDINGS = (
    re.compile(r"^[\d,.]+ [×x] (?P<name>.+) \((?:at|Tier) .*\)$"),
    re.compile(r"^[\d,.]+ [×x] (?P<name>.+)$"),
    re.compile(r"^(?P<name>.+) \(instalments? [\d to]+ of \d+(?:, less [\d.]+%)?\)$"),
    re.compile(r"^Trial period for (?P<name>.+)$"),
    re.compile(r"^(?:Remaining|Unused) time on (?:[\d,.]+ [×x] )?(?P<name>.+?) after .+$"),
)


def joined(names: Iterable[str]) -> str:
    """One title for several names, each said once: "A", "A and B", "A and 2 more"."""
    distinct = list(dict.fromkeys(name for name in names if name))
    if len(distinct) > 2:
        return f"{distinct[0]} and {len(distinct) - 1} more"
    return " and ".join(distinct)


def rest_line(name: str, first: int, last: int, of: int, percent: str) -> str:
    """What the bill over the rest of a plan calls the instalments `first` to `last`."""
    which = f"instalment {first}" if first == last else f"instalments {first} to {last}"
    return f"{name} ({which} of {of}{f', less {percent}%' if percent else ''})"


def product_in(description: str) -> str:
    """The product's name in a line Stripe described, or the whole description of a hand-written line."""
    for wording in LINE_WORDINGS:
        if found := wording.match(description):
            return found["name"]
    return description


def words(value: str) -> str:
    """A Stripe identifier as words: "incomplete_expired" → "Incomplete expired"."""
    return value.replace("_", " ").strip().capitalize()
