"""Cards watched for their expiry, in DynamoDB, written in the same transaction as the HOME that says so.

All of one expiry (see `Watched.expiry`) lies in one partition `EXPIRY#<day>#<hash>`, each copy of the card in a row
`CARD#<holder>#<card>`. The sparse index has a row under the day of its next notice, spread over 16 shards; its keys
alone tell the daily job all it needs. HOME remembers which rows it has, so that exactly those are deleted later, even
when a new version of the rules would have made others.
"""

from datetime import UTC, datetime, timedelta

from pynamodb.transactions import TransactWrite

from chalicelib import clock
from chalicelib.billing.facts import Home
from chalicelib.notices.expiry import day_at, moment
from chalicelib.notices.watching import Watched, changes
from chalicelib.storage.table import Row

KEPT = timedelta(days=120)
CARD, EXPIRY = "CARD#", "EXPIRY#"


class CardRow(Row):
    """One watched card of a holder. Only its day moves by itself."""


def watch(together: TransactWrite, before: str, home: Home) -> str:
    """Begin and end watching as HOME demands. `before` and the answer are what HOME remembers of it."""
    known = [each.rpartition("#") for each in before.split()]
    moved = changes((Watched(expiry, home.holder, card) for expiry, _, card in known), home, day_at(clock.now(), "UTC"))
    for card in moved.end:
        together.delete(CardRow(*card_key(card)))
    for card, day in moved.begin.items():
        kept = datetime.fromtimestamp(moment(card.expired_on), UTC) + KEPT
        shard = int(card.expiry.partition("#")[2][0], 16)
        together.save(CardRow(*card_key(card), due_kind=shard_name(shard), due=moment(day), ttl=kept))
    return " ".join(f"{card.expiry}#{card.card}" for card in sorted(moved.watched))


def shard_name(number: int) -> str:
    """The index partition of a shard."""
    return f"expiry-{number}"


def partition(expiry: str) -> str:
    """The partition of an expiry."""
    return EXPIRY + expiry


def expiry_of(pk: str) -> str:
    """The expiry of a partition."""
    return pk.removeprefix(EXPIRY)


def card_key(card: Watched) -> tuple[str, str]:
    """Where a watched card lies."""
    return partition(card.expiry), f"{CARD}{card.holder}#{card.card}"


def card_of(pk: str, sk: str) -> Watched:
    """The card of a key."""
    holder, _, card = sk.removeprefix(CARD).rpartition("#")
    return Watched(expiry_of(pk), holder, card)
