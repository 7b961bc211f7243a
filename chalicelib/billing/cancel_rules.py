"""The merchant's rules about when a subscription may be canceled here, applied to one subscription. Pure."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from msgspec import Struct

from chalicelib.billing.account import Status, Subscription
from chalicelib.billing.facts import Item
from chalicelib.billing.plan_dates import billing_dates
from chalicelib.settings.cancelling import CancelRule
from chalicelib.settings.merchant import Settings

NOT_BEGUN = {Status.PAYMENT_NEEDED, Status.PAUSED, Status.PAST_DUE, Status.UNPAID}
NEVER = float("inf")


class Hold(Struct, frozen=True):
    """Why it cannot be canceled here yet.

    `until`: from then on it can (UTC epoch seconds), None when no date can be named. `payments`: how many are still
    to be made; `open_ones` says that these are billed already. Without date and payments: on request only.
    """

    until: int | None = None
    payments: int = 0
    open_ones: bool = False


def hold(item: Subscription, settings: Settings, now: float) -> Hold | None:
    """The strictest hold of all lines, or None when the rules (else the merchant's switch) let it be canceled `now`.

    A price's rule wins over its product's. A commitment binds from the first payment on: a trial, and what was never
    paid for, can be left.
    """
    found = [_hold(line, item, settings, now) for line in item.items]
    if not found:
        return None if settings.self_cancel else Hold()
    return max((held for held in found if held), key=_strictness, default=None)


def _hold(line: Item, item: Subscription, settings: Settings, now: float) -> Hold | None:
    rule = _rule(line, settings)
    if rule is None:
        return None if settings.self_cancel else Hold()
    if rule.on_request:
        return Hold()
    if _uncommitted(item):
        return None
    if rule.not_before:
        first = _midnight(rule.not_before, settings.time_zone)
        return None if now >= first else Hold(until=first)
    return _unpaid(rule.after_periods - item.paid_periods, line, item)


def _rule(line: Item, settings: Settings) -> CancelRule | None:
    by_id = {rule.of: rule for rule in settings.cancel_rules}
    return by_id.get(line.price.id) or by_id.get(line.price.product)


def _uncommitted(item: Subscription) -> bool:
    """Nothing was ever paid: it is being tried, or the first payment never came (but for what is sold on account)."""
    never_came = item.shown.status in NOT_BEGUN and not item.sends_invoice
    return item.paid_periods == 0 and (item.trial_end is not None or never_came)


def _unpaid(payments: int, line: Item, item: Subscription) -> Hold | None:
    """Held until the last of so many payments, which is made on its billing date."""
    if payments <= 0:
        return None
    to_come = payments - item.waiting_periods
    if to_come <= 0:
        return Hold(payments=payments, open_ones=True)
    if item.next_payment is None:
        return Hold(payments=payments)
    return Hold(next(islice(_dates(line, item), to_come - 1, None), None), payments)


def _dates(line: Item, item: Subscription) -> Iterator[int]:
    price = line.price
    anchor = item.anchor or line.period_end
    return billing_dates(line.period_end, anchor, price.interval or "month", price.interval_count)


def _midnight(day: str, time_zone: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(time_zone)).timestamp())


def _strictness(held: Hold) -> tuple[float, int]:
    """On request only, then what has no date, then the latest date."""
    if held.until is not None:
        return held.until, held.payments
    return NEVER, held.payments or 10**9
