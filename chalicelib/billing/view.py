"""From the mirror to what one mailbox sees: all its holders with subscriptions, plans, orders, payments and cards."""

from collections import Counter
from collections.abc import Mapping, Sequence

from chalicelib.billing import guests
from chalicelib.billing.account import Account, Holder, PaymentPlan
from chalicelib.billing.facts import Home
from chalicelib.billing.view_cards import card
from chalicelib.billing.view_holders import labels
from chalicelib.billing.view_item import item, page_order
from chalicelib.billing.view_payments import is_order, order, payment_lines
from chalicelib.settings.merchant import Settings

__all__ = ["account", "owed", "payment_lines"]

RECENT_PAYMENTS = 10


def account(mailbox: str, homes: Sequence[Home], now: float, settings: Settings) -> Account:
    """Everything `mailbox` may see of its holders, hidden ones left out. `now` in UTC epoch seconds."""
    visible = [home for home in homes if not home.customer.hidden and _has_something(home)]
    visible.sort(key=lambda home: (-home.customer.created, home.holder))
    names = labels([home.customer for home in visible])
    holders = [_holder(home, label, now, settings) for home, label in zip(visible, names, strict=True)]
    holders.sort(key=_page_order)
    name = next((home.customer.name.strip() for home in visible if home.customer.name.strip()), "")
    return Account(mailbox=mailbox, name=name, holders=tuple(holders))


def owed(shown: Account) -> Mapping[str, int]:
    """What is overdue in all, currency → minor units; currencies are never added up."""
    sums: Counter[str] = Counter()
    for entry in shown.overdue():
        if entry.overdue:
            sums[entry.overdue.currency] += entry.overdue.amount
    return dict(sums)


def _holder(home: Home, label: str, now: float, settings: Settings) -> Holder:
    resumed = {earlier for facts in home.subscriptions for earlier in facts.continues}
    own = (facts for facts in home.subscriptions if facts.id not in resumed)
    items = sorted((item(facts, home, now, settings) for facts in own), key=page_order)
    newest = sorted(home.bills, key=lambda bill: (bill.created, bill.id), reverse=True)
    lines = sorted((line for bill in newest for line in payment_lines(bill)), key=lambda line: -line.when)
    return Holder(
        id=home.holder,
        name=home.customer.name.strip(),
        label=label,
        subscriptions=tuple(entry for entry in items if not entry.is_plan),
        plans=tuple(entry for entry in items if isinstance(entry, PaymentPlan)),
        orders=tuple(order(bill) for bill in newest if is_order(bill)),
        payments=tuple(lines[:RECENT_PAYMENTS]),
        cards=tuple(card(facts, now) for facts in sorted(home.cards, key=lambda c: (-c.created, c.id))),
        more_payments=home.more_bills or len(lines) > RECENT_PAYMENTS,
    )


def _has_something(home: Home) -> bool:
    """A customer is there before they buy anything; a guest is only what they bought."""
    return not guests.is_guest(home.holder) or guests.has_bought(home)


def _page_order(holder: Holder) -> bool:
    """Holders with nothing running come last; otherwise the newest customer stays first."""
    return not any(entry.ended is None for entry in holder.items())
