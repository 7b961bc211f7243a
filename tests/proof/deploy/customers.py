"""Ten thousand customers in the table, written through the storage layer; of 300 the card falls due on one day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing.home import Fact
from chalicelib.storage.mirror import DynamoMirror
from tests.builders import a_card, a_customer, a_subscription

MANY, DUE = 10_000, 300
BEFORE = datetime(2026, 10, 15, tzinfo=UTC).timestamp()
# thirty days before the cards of December 2026 are no longer good
THE_DAY = datetime(2026, 12, 2, 8, tzinfo=UTC).timestamp()
MONTH = 30 * 86400


def address(number: int) -> str:
    """Each customer's own."""
    return f"reader-{number}@mail.example"


def facts(number: int) -> Iterator[Fact]:
    """One customer: the first 300 pay with a card that expires in December, the others are of six other kinds."""
    holder, card = f"cus_{number:05}", f"pm_{number:05}"
    yield a_customer(holder, email=address(number))
    kind = -1 if number < DUE else number % 6
    visa = a_card(card, customer=holder, fingerprint=f"fp_{number}", exp_month=12, exp_year=2026)
    if kind == 0:
        visa = replace(visa, exp_month=1 + number % 12, exp_year=2027 + number % 5)
    if kind == 1:
        visa = replace(visa, kind="sepa_debit", exp_month=0, exp_year=0)
    yield visa
    if kind == 2:
        return
    item = a_subscription(f"sub_{number:05}", customer=holder, default_card=card if kind != 3 else "pm_another")
    line = replace(item.items[0], period_start=int(BEFORE - MONTH // 2), period_end=int(BEFORE + MONTH // 2))
    yield replace(item, items=(line,), status="canceled" if kind == 4 else "active", cancel_at_period_end=kind == 5)


def write_all() -> None:
    """As they are six weeks before."""
    mirror, before = DynamoMirror(), clock.use(lambda: BEFORE)
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda number: mirror.fill(f"cus_{number:05}", list(facts(number))), range(MANY)):
            pass
    clock.use(before)
