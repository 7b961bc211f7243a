"""Pay all the rest of a payment plan at once: one bill, one charge, and the plan ends.

The order keeps it safe wherever it breaks off: a bill of its own that nothing collects by itself; its payment, which
Stripe takes once; only then the end of the plan. Whoever finds a bill paid and its plan running ends the plan; whoever
finds one left unpaid takes it back. See `docs/decisions/0012-paying-off-a-plan.md`.
"""

from chalicelib import clock
from chalicelib.billing import policy, titles
from chalicelib.billing.account import Account, PaymentPlan
from chalicelib.billing.desk import Desk, allowed_or_repeated, earlier_outcome, fresh_item, fresh_subscription, owned
from chalicelib.billing.errors import NotPossible, OutcomeUnknown, StillMoving
from chalicelib.billing.instalments import Rest
from chalicelib.billing.intents import BillingEvent, Intent, Outcome, PaidBill
from chalicelib.billing.payoff_end import KIND, PATIENCE, finish, take_back
from chalicelib.billing.ports import Payoff, PayResult
from chalicelib.billing.runner import Attempt, Case
from chalicelib.errors import NotAllowed

SETTLED = Outcome("unchanged")
NOT_DONE = Outcome("not_done")
ELSEWHERE = "You began to pay this off a moment ago. Please look again in a few minutes; nothing is charged twice."
CHANGED = "What is left of this plan has changed. Nothing was charged; please look at the new sum first."


class BankAsks(OutcomeUnknown):
    """The bank wants to hear from the customer; until then nothing is charged. The attempt stays open."""


def pay_off(desk: Desk, account: Account, item_id: str, agreed: int, key: str) -> Outcome:
    """Charge the rest of the plan to its card, `agreed` minor units and not one more, and end the plan.

    Raises NotFound, NotAllowed (also when the sum is not the agreed one), NotPossible, BankAsks, StripeUnavailable,
    OutcomeUnknown.
    """
    plan = owned(account, item_id)
    earlier = allowed_or_repeated(desk, plan, key, policy.pay_off(plan, desk.settings()))
    earlier = earlier or earlier_outcome(desk, plan, key)
    if earlier:
        return earlier
    if not isinstance(plan, PaymentPlan) or plan.rest is None or plan.card is None:
        raise NotAllowed
    if plan.rest.amount != agreed:
        raise NotAllowed(CHANGED)
    begun = _begun_before(desk, plan, plan.rest, key)
    if begun and begun.status == "paid":
        finish(desk, plan.id, begun.id)
        return SETTLED
    params = {"amount": str(agreed), "currency": plan.currency, "card": plan.card.id, "bill": begun.id if begun else ""}
    intent = Intent(key, KIND, account.mailbox, plan.holder, plan.id, clock.now(), params=params)
    return desk.runner.run(intent, lambda attempt: _pay(desk, plan, attempt), paid_off_event)


def confirmation(desk: Desk, account: Account, item_id: str) -> PayResult | None:
    """What the browser needs to let the customer confirm paying the rest with their bank, or None."""
    plan = owned(account, item_id)
    bill = plan.paying_off if isinstance(plan, PaymentPlan) else None
    return desk.gateway.pay_state(bill.id) if bill else None


def look_again(desk: Desk, account: Account, item_id: str, key: str) -> None:
    """Find out what became of an attempt after the bank's question. What is still open there stays so."""
    plan = owned(account, item_id)
    intent = desk.runner.intents.get(plan.holder, key)
    if intent and intent.item == plan.id and intent.kind == KIND and intent.outcome is None:
        desk.runner.find_out(intent, case(desk))


def case(desk: Desk) -> Case:
    """How the sweep closes an attempt."""
    return Case(lambda attempt: find_out(desk, attempt), paid_off_event)


def find_out(desk: Desk, attempt: Attempt) -> Outcome:
    """After a crash, silence or the bank's question: a paid bill ends the plan, any other is taken back.

    Raises StillMoving while the customer has time left to answer their bank.
    """
    intent = attempt.intent
    bill = next((b for b in desk.gateway.payoffs(intent.holder, intent.item) if _is_of(b, intent)), None)
    if bill is None or bill.status == "void":
        return NOT_DONE
    state = desk.gateway.pay_state(bill.id).status if bill.status == "open" else bill.status
    if state == "processing":
        desk.refresh("bill", bill.id, attempt)
        return _outcome(intent, bill.id, "processing")
    if state == "action" and clock.now() < intent.created + PATIENCE:
        raise StillMoving
    if state != "paid" and take_back(desk, bill.id, bill.status, attempt):
        return _outcome(intent, bill.id, "action", "declined") if bill.tried else NOT_DONE
    finish(desk, intent.item, bill.id, attempt)
    return _outcome(intent, bill.id, "paid", "done")


def paid_off_event(intent: Intent, outcome: Outcome) -> BillingEvent | None:
    """The plan is complete. An attempt that paid another one's bill leaves it to that one to tell."""
    if outcome.status != "done" or intent.params.get("bill"):
        return None
    data = {name: intent.params[name] for name in ("amount", "currency")}
    return BillingEvent(
        f"{intent.id}-paid-off", "plan.paid_off", intent.mailbox, intent.holder, intent.item, intent.created, data
    )


def _begun_before(desk: Desk, plan: PaymentPlan, rest: Rest, key: str) -> Payoff | None:
    """A bill that another attempt left: paid, or still open over the same sum and so to be paid now.

    Raises NotAllowed while another attempt is at work.
    """
    others = [b for b in _live(desk, plan) if b.attempt != key]
    paid = next((b for b in others if b.status == "paid" and b.filled), None)
    if paid or not others:
        return paid
    if others[0].status == "open" and others[0].amount == rest.amount:
        return others[0]
    raise NotAllowed(ELSEWHERE)


def _live(desk: Desk, plan: PaymentPlan) -> list[Payoff]:
    return [bill for bill in desk.gateway.payoffs(plan.holder, plan.id) if bill.status != "void"]


def _pay(desk: Desk, plan: PaymentPlan, attempt: Attempt) -> Outcome:
    intent = attempt.intent
    _same_as_shown(desk, plan)
    bill, status = (intent.params["bill"], "open") if intent.params["bill"] else _made(desk, plan, attempt)
    if not bill:
        return NOT_DONE
    result = PayResult(bill, "paid")
    if status != "paid":
        result = attempt.step("pay", desk.gateway.pay, bill, intent.params["card"])
    if result.status == "action":
        desk.refresh("bill", bill, attempt)
        raise BankAsks
    if result.status == "processing":
        desk.refresh("bill", bill, attempt)
        return _outcome(intent, bill, "processing")
    if result.status != "paid" and take_back(desk, bill, "open", attempt):
        return _outcome(intent, bill, "declined", code=result.decline_code)
    finish(desk, plan.id, bill, attempt)
    return _outcome(intent, bill, "paid", "done")


def _same_as_shown(desk: Desk, plan: PaymentPlan) -> None:
    """The plan stands at Stripe as the customer saw it: raises NotPossible when an instalment was billed since."""
    now = fresh_item(desk, fresh_subscription(desk, plan))
    same = isinstance(now, PaymentPlan) and (now.rest, now.period_end) == (plan.rest, plan.period_end)
    if not same or desk.gateway.unpaid_bills(plan.id):
        desk.refresh("subscription", plan.id)
        raise NotPossible


def _made(desk: Desk, plan: PaymentPlan, attempt: Attempt) -> tuple[str, str]:
    """The bill over the rest, payable, and its status; ("", "") when it must not be paid and so is gone again.

    Another attempt's bill that is there beside ours: both step back if they see each other, and one of them does.
    """
    rest = plan.rest
    if rest is None:
        raise NotPossible
    lines = [
        (titles.rest_line(plan.name, line.first, line.last, plan.done + rest.instalments, rest.percent), line.net)
        for line in rest.lines
    ]
    gateway = desk.gateway
    bill = attempt.step("draft", gateway.start_payoff, plan.holder, plan.id, plan.currency, attempt.intent.id)
    alone = all(other.id == bill for other in _live(desk, plan))
    if not alone or attempt.step("lines", gateway.fill_payoff, bill, plan.id, lines) > rest.amount:
        take_back(desk, bill, "draft", attempt)
        return "", ""
    return bill, attempt.step("final", gateway.finalize, bill)


def _is_of(bill: Payoff, intent: Intent) -> bool:
    return bill.id == intent.params["bill"] if intent.params["bill"] else bill.attempt == intent.id


def _outcome(intent: Intent, bill: str, bill_status: str, status: str = "", code: str = "") -> Outcome:
    amount, currency = int(intent.params["amount"]), intent.params["currency"]
    paid = PaidBill(bill, bill_status, amount, currency, code)
    return Outcome(status or bill_status, bills=(paid,), decline_code=code)
