"""Fix it once: what else the card that an item was just given could pay for."""

from msgspec import Struct

from chalicelib.billing import policy
from chalicelib.billing.account import Account, Subscription
from chalicelib.settings.merchant import Settings


class Line(Struct, frozen=True):
    """Another item, and what would be charged to the card today if it were used for it (minor units, 0 for nothing)."""

    item: Subscription
    today: int


def could_use(account: Account, item: Subscription, settings: Settings) -> tuple[Line, ...]:
    """Items of the same Stripe customer that are charged to something else, or owe what the card could pay.

    Only these: a payment method belongs to one customer (https://docs.stripe.com/api/payment_methods/attach).
    """
    holder, card = account.holder(item.holder), item.card
    if holder is None or card is None or card.expired:
        return ()
    others = [other for other in holder.items() if other.id != item.id]
    return tuple(Line(other, _today(other, settings)) for other in others if _may(other, card.id, settings))


def apart(account: Account, item: Subscription, settings: Settings) -> tuple[Subscription, ...]:
    """Items of the mailbox's other Stripe customers, where the same card has to be entered once more."""
    return tuple(
        other
        for other in account.items()
        if other.holder != item.holder and policy.change_card(other, settings).allowed
    )


def _may(other: Subscription, card: str, settings: Settings) -> bool:
    elsewhere = other.card is None or other.card.id != card
    return policy.change_card(other, settings).allowed and (elsewhere or _today(other, settings) > 0)


def _today(other: Subscription, settings: Settings) -> int:
    return other.overdue.amount if other.overdue and settings.charge_overdue_on_card_change else 0
