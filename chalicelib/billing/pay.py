"""Change the card of one subscription or plan, and pay what is open on it."""

from collections.abc import Sequence

from chalicelib import clock
from chalicelib.billing import policy
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import (
    Desk,
    allowed_or_repeated,
    fresh_subscription,
    made_before,
    owned,
    use_card_in_schedule,
)
from chalicelib.billing.errors import Declined, NotPossible
from chalicelib.billing.facts import CardFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.intents import BillingEvent, Intent, Outcome, PaidBill
from chalicelib.billing.ports import CardSetup, PayResult
from chalicelib.billing.runner import Attempt
from chalicelib.billing.status import has_ended
from chalicelib.errors import NotAllowed, NotFound

CHANGED = "What is unpaid has changed. Nothing was charged; please look at the new sum first."


def start_new_card(desk: Desk, account: Account, item_id: str, key: str) -> CardSetup:
    """A card form for the customer that owns the item. Raises NotFound, NotAllowed, StripeUnavailable."""
    item = owned(account, item_id)
    decision = policy.change_card(item, desk.settings())
    if not decision.allowed:
        raise NotAllowed(decision.why)
    return desk.gateway.start_card(item.holder, item.id, f"tillkey-setup-{item.id}-{key}")


def finish_new_card(desk: Desk, account: Account, item_id: str, setup_id: str, key: str) -> Outcome:
    """Use the card a finished form saved: only a form of this very item and customer counts.

    Raises NotFound for any other form, Declined when the bank refused the card.
    """
    item = owned(account, item_id)
    setup = desk.gateway.card_setup(setup_id)
    if setup is None or setup.customer != item.holder or setup.purpose != item.id:
        raise NotFound
    if setup.status != "succeeded" or not setup.card:
        raise Declined(setup.decline_code)
    return change_card(desk, account, item_id, setup.card, key)


def change_card(desk: Desk, account: Account, item_id: str, card_id: str, key: str) -> Outcome:
    """Charge this item, and only this one, to `card_id`; open bills are charged to it at once if the merchant wants.

    Raises NotFound for an item or card that is not this customer's, NotAllowed, StripeUnavailable, OutcomeUnknown.
    """
    item = owned(account, item_id)
    earlier = allowed_or_repeated(desk, item, key, policy.change_card(item, desk.settings()))
    if earlier:
        return earlier
    card = desk.gateway.card(card_id)
    if card is None or card.customer != item.holder:
        raise NotFound
    bills = item.overdue.bills if item.overdue and desk.settings().charge_overdue_on_card_change else ()
    params = {"card": card.id, "bills": _ids(bills), **({"ended": "yes"} if item.ended else {})}
    intent = _intent(account, item, "change_card", key, params)
    return desk.runner.run(intent, lambda attempt: _use_and_pay(desk, item, card, bills, attempt), card_event)


def pay(desk: Desk, account: Account, item_id: str, key: str, agreed: int | None = None) -> Outcome:
    """Pay all open bills of the item with the card it is charged to; exactly `agreed` minor units, where a sum was.

    Raises as `change_card`.
    """
    item = owned(account, item_id)
    earlier = allowed_or_repeated(desk, item, key, policy.pay(item, desk.settings()))
    if earlier:
        return earlier
    if item.card is None or item.overdue is None:
        raise NotAllowed("There is nothing to pay, or no card to pay it with.")
    if agreed is not None and item.overdue.amount != agreed and made_before(desk, item, key) is None:
        raise NotAllowed(CHANGED)
    bills, card = item.overdue.bills, item.card.id
    intent = _intent(account, item, "pay", key, {"card": card, "bills": _ids(bills)})
    return desk.runner.run(intent, lambda attempt: _pay_and_look(desk, item.id, card, bills, attempt), paid_event)


def confirmation(desk: Desk, account: Account, item_id: str) -> PayResult | None:
    """What the browser needs to let the customer confirm the oldest open bill with their bank, or None."""
    item = owned(account, item_id)
    bills = item.overdue.bills if item.overdue else ()
    return desk.gateway.pay_state(bills[0].id) if bills else None


def look_again(desk: Desk, account: Account, item_id: str) -> None:
    """Read the item and its open bills again, after the bank's confirmation step."""
    item = owned(account, item_id)
    for bill in item.overdue.bills if item.overdue else ():
        desk.refresh("bill", bill.id)
    desk.refresh("subscription", item.id)


def pay_bills(desk: Desk, bills: Sequence[Bill], card: str, attempt: Attempt) -> tuple[PaidBill, ...]:
    """Oldest first; the first that does not go through ends the round."""
    results: list[PaidBill] = []
    for bill in bills:
        known = _settled_already(desk, bill, attempt)
        result = known or attempt.step(f"pay-{bill.id}", desk.gateway.pay, bill.id, card)
        desk.refresh("bill", bill.id, attempt)
        results.append(PaidBill(bill.id, result.status, bill.amount_remaining, bill.currency, result.decline_code))
        if result.status != "paid":
            break
    return tuple(results)


def card_event(intent: Intent, outcome: Outcome) -> BillingEvent | None:
    """A card was changed; the mail says which item. What has ended is charged to no card any more, its bills were."""
    if intent.params.get("ended"):
        return None
    data = {"card": outcome.card, "status": outcome.status}
    return BillingEvent(
        f"{intent.id}-card", "card.changed", intent.mailbox, intent.holder, intent.item, intent.created, data
    )


def paid_event(intent: Intent, outcome: Outcome) -> BillingEvent | None:
    """A failed payment was made good; nothing is published for another failure."""
    if outcome.status != "done":
        return None
    bill = intent.params["bills"].split()[0]
    return recovered(bill, intent.mailbox, intent.holder, intent.item, intent.created)


def recovered(bill: str, mailbox: str, holder: str, item: str, created: float) -> BillingEvent:
    """A bill that had failed is paid: one event for it, however often and by whom it is told of."""
    return BillingEvent(f"{bill}-recovered", "payment.recovered", mailbox, holder, item, created)


def _settled_already(desk: Desk, bill: Bill, attempt: Attempt) -> PayResult | None:
    """Paid or under way since the page was made, by another tab, by Stripe's retry or by an attempt not yet closed.

    A draft that nobody collects is made final first; None says that the bill can be paid now.
    """
    now = desk.gateway.bill(bill.id)
    if now and now.status == "draft" and bill.status == "draft":
        _made_final(desk, bill.id, attempt)
        now = desk.gateway.bill(bill.id)
    if now is None or now.status != "open":
        return PayResult(bill.id, "paid" if now and now.status == "paid" else "open")
    under_way = any(payment.status == "processing" for payment in now.payments)
    return PayResult(bill.id, "processing") if under_way else None


def _made_final(desk: Desk, bill: str, attempt: Attempt) -> None:
    """Payable, and collected by nobody else. Another tab may have been quicker."""
    try:
        attempt.step(f"final-{bill}", desk.gateway.finalize, bill)
    except NotPossible:
        now = desk.gateway.bill(bill)
        if now is None or now.status == "draft":
            raise


def _use_and_pay(desk: Desk, item: Subscription, card: CardFacts, bills: Sequence[Bill], attempt: Attempt) -> Outcome:
    now = fresh_subscription(desk, item)
    ended = has_ended(now)
    if not ended:
        attempt.step("card", desk.gateway.use_card, now.id, card.id)
        use_card_in_schedule(desk, now.schedule, card.id, attempt)
    for bill in item.overdue.bills if item.overdue else ():
        if (bill.default_card or ended) and bill.kind == "invoice":
            attempt.step(f"bill-{bill.id}", desk.gateway.use_card_for_bill, bill.id, card.id)
    desk.refresh("card", card.id, attempt)
    results = pay_bills(desk, bills, card.id, attempt)
    desk.refresh("subscription", now.id, attempt)
    return _ended(results, card.id)


def _pay_and_look(desk: Desk, item: str, card: str, bills: Sequence[Bill], attempt: Attempt) -> Outcome:
    results = pay_bills(desk, bills, card, attempt)
    desk.refresh("subscription", item, attempt)
    return _ended(results)


def _ids(bills: Sequence[Bill]) -> str:
    return " ".join(bill.id for bill in bills)


def _ended(results: tuple[PaidBill, ...], card: str = "") -> Outcome:
    last = results[-1] if results else None
    status = "done" if last is None or last.status == "paid" else last.status
    return Outcome(status, card=card, bills=results, decline_code=last.decline_code if last else "")


def _intent(account: Account, item: Subscription, kind: str, key: str, params: dict[str, str]) -> Intent:
    return Intent(key, kind, account.mailbox, item.holder, item.id, clock.now(), params=params)
