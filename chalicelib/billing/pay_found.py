"""What became of changing a card or paying after a crash or silence: read again, never charged anew."""

from chalicelib.billing.desk import Desk, use_card_in_schedule
from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.billing.intents import Outcome, PaidBill
from chalicelib.billing.runner import Attempt
from chalicelib.billing.status import has_ended


def find_out_card(desk: Desk, attempt: Attempt) -> Outcome:
    """After a crash or silence: the card is in use, or it is not. Open bills are read again, never charged anew."""
    paid = _found_paid(desk, attempt)
    card = attempt.intent.params["card"]
    now = desk.gateway.subscription(attempt.intent.item)
    if now is None:
        return Outcome("not_done")
    if has_ended(now):
        return _find_out_ended(desk, now.id, card, paid, attempt)
    if now.default_card != card:
        return Outcome("not_done")
    use_card_in_schedule(desk, now.schedule, card, attempt)
    for bill in _naming_another(desk, now, card):
        attempt.step(f"bill-{bill}", desk.gateway.use_card_for_bill, bill, card)
        desk.refresh("bill", bill, attempt)
    desk.refresh("subscription", now.id, attempt)
    return Outcome("done", card=card, bills=paid)


def find_out_pay(desk: Desk, attempt: Attempt) -> Outcome:
    """After a crash or silence: paid bills are paid, the others stay open."""
    paid = _found_paid(desk, attempt)
    desk.refresh("subscription", attempt.intent.item, attempt)
    return Outcome("done" if paid else "not_done", bills=paid)


def _found_paid(desk: Desk, attempt: Attempt) -> tuple[PaidBill, ...]:
    """Those of the attempt's bills that are paid by now."""
    paid = []
    for bill_id in attempt.intent.params.get("bills", "").split():
        desk.refresh("bill", bill_id, attempt)
        bill = desk.gateway.bill(bill_id)
        if bill and bill.status == "paid":
            paid.append(PaidBill(bill.id, "paid", bill.total, bill.currency))
    return tuple(paid)


def _find_out_ended(desk: Desk, item: str, card: str, paid: tuple[PaidBill, ...], attempt: Attempt) -> Outcome:
    """What has ended takes no card any more, only its open bills do."""
    bills = [bill for bill in map(desk.gateway.bill, desk.gateway.unpaid_bills(item)) if bill and bill.status == "open"]
    if not paid and all(bill.default_card != card for bill in bills):
        return Outcome("not_done")
    for bill in bills:
        if bill.default_card != card:
            attempt.step(f"bill-{bill.id}", desk.gateway.use_card_for_bill, bill.id, card)
        desk.refresh("bill", bill.id, attempt)
    return Outcome("done", card=card, bills=paid)


def _naming_another(desk: Desk, item: SubscriptionFacts, card: str) -> tuple[str, ...]:
    """Open invoices of the item that name a card of their own which is not this one."""
    home = desk.mirror.home(item.customer, fresh=True)
    mine = [bill for bill in home.bills if bill.subscription == item.id] if home else []
    named = [bill for bill in mine if bill.kind == "invoice" and bill.default_card not in {"", card}]
    return tuple(bill.id for bill in named if bill.status == "open")
