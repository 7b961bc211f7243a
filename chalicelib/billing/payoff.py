"""Pay all the rest of a payment plan at once, or its next instalment early: one bill, one charge, and the plan ends,
or skips that instalment.

The order keeps it safe wherever it breaks off: a bill of its own that nothing collects by itself; its payment, which
Stripe takes once; only then the end of the plan (or the skip). Whoever finds a bill paid and that not done does it;
whoever finds one left unpaid takes it back. See `docs/decisions/0012-paying-off-a-plan.md`.
"""

from chalicelib import clock
from chalicelib.billing import policy, titles
from chalicelib.billing.account import Account, PaymentPlan, Subscription
from chalicelib.billing.desk import Desk, allowed_or_repeated, earlier_outcome, fresh_item, fresh_subscription, owned
from chalicelib.billing.errors import NotPossible, OutcomeUnknown, StillMoving
from chalicelib.billing.instalments import Rest
from chalicelib.billing.intents import BillingEvent, Intent, Outcome, PaidBill
from chalicelib.billing.payoff_end import KIND, KIND_NEXT, KINDS, PATIENCE, finish, take_back
from chalicelib.billing.policy import Decision
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
    rest = plan.rest if isinstance(plan, PaymentPlan) else None
    return _charge(desk, account, plan, rest, policy.pay_off(plan, desk.settings()), agreed, key)


def pay_next(desk: Desk, account: Account, item_id: str, agreed: int, due: int, key: str) -> Outcome:
    """Charge the instalment that is `due` (UTC epoch seconds) now, `agreed` minor units, and let Stripe skip it then.

    Raises as `pay_off`.
    """
    plan = owned(account, item_id)
    early = plan.early if isinstance(plan, PaymentPlan) else None
    decision = policy.pay_next(plan, desk.settings())
    if decision.allowed and early and early.due != due:
        decision = Decision(False, CHANGED)
    return _charge(desk, account, plan, early, decision, agreed, key)


def _charge(
    desk: Desk, account: Account, plan: Subscription, part: Rest | None, decision: Decision, agreed: int, key: str
) -> Outcome:
    earlier = allowed_or_repeated(desk, plan, key, decision)
    earlier = earlier or earlier_outcome(desk, plan, key)
    if earlier:
        return earlier
    if not isinstance(plan, PaymentPlan) or part is None or plan.card is None:
        raise NotAllowed
    if part.amount != agreed:
        raise NotAllowed(CHANGED)
    begun = _begun_before(desk, plan, part, key)
    if begun and begun.status == "paid":
        finish(desk, plan.id, begun.id, part.due)
        return SETTLED
    params = {"amount": str(agreed), "currency": plan.currency, "card": plan.card.id, "bill": begun.id if begun else ""}
    params |= {"due": str(part.due)} if part.due else {}
    kind = KIND_NEXT if part.due else KIND
    intent = Intent(key, kind, account.mailbox, plan.holder, plan.id, clock.now(), params=params)
    return desk.runner.run(intent, lambda attempt: _pay(desk, plan, part, attempt), paid_off_event)


def confirmation(desk: Desk, account: Account, item_id: str) -> PayResult | None:
    """What the browser needs to let the customer confirm paying the rest with their bank, or None."""
    plan = owned(account, item_id)
    bill = plan.paying_off if isinstance(plan, PaymentPlan) else None
    return desk.gateway.pay_state(bill.id) if bill else None


def look_again(desk: Desk, account: Account, item_id: str, key: str) -> None:
    """Find out what became of an attempt after the bank's question. What is still open there stays so."""
    plan = owned(account, item_id)
    intent = desk.runner.intents.get(plan.holder, key)
    if intent and intent.item == plan.id and intent.kind in KINDS and intent.outcome is None:
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
    finish(desk, intent.item, bill.id, bill.due, attempt)
    return _outcome(intent, bill.id, "paid", "done")


def paid_off_event(intent: Intent, outcome: Outcome) -> BillingEvent | None:
    """The plan is complete, or further on. An attempt that paid another one's bill leaves it to that one to tell."""
    if outcome.status != "done" or intent.params.get("bill"):
        return None
    data = {name: intent.params[name] for name in ("amount", "currency", "due") if name in intent.params}
    kind = "plan.paid_ahead" if intent.kind == KIND_NEXT else "plan.paid_off"
    return BillingEvent(f"{intent.id}-paid-off", kind, intent.mailbox, intent.holder, intent.item, intent.created, data)


def _begun_before(desk: Desk, plan: PaymentPlan, part: Rest, key: str) -> Payoff | None:
    """A bill that another attempt left: paid, or still open over the same sum and so to be paid now.

    Raises NotAllowed while another attempt is at work.
    """
    others = [b for b in _live(desk, plan) if b.attempt != key]
    paid = next((b for b in others if b.status == "paid" and b.filled and b.due == part.due), None)
    if paid or not others:
        return paid
    if others[0].status == "open" and (others[0].amount, others[0].due) == (part.amount, part.due):
        return others[0]
    raise NotAllowed(ELSEWHERE)


def _live(desk: Desk, plan: PaymentPlan) -> list[Payoff]:
    """Bills that may still be paid, and those that paid the rest or an instalment this plan was shown with."""
    bills = [bill for bill in desk.gateway.payoffs(plan.holder, plan.id) if bill.status != "void"]
    return [bill for bill in bills if bill.status != "paid" or not bill.due or bill.due >= plan.to_come[0].due]


def _pay(desk: Desk, plan: PaymentPlan, part: Rest, attempt: Attempt) -> Outcome:
    intent = attempt.intent
    _same_as_shown(desk, plan)
    bill, status = (intent.params["bill"], "open") if intent.params["bill"] else _made(desk, plan, part, attempt)
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
    finish(desk, plan.id, bill, part.due, attempt)
    return _outcome(intent, bill, "paid", "done")


def _same_as_shown(desk: Desk, plan: PaymentPlan) -> None:
    """The plan stands at Stripe as the customer saw it: raises NotPossible when an instalment was billed since."""
    now = fresh_item(desk, fresh_subscription(desk, plan))
    same = isinstance(now, PaymentPlan) and (now.rest, now.period_end) == (plan.rest, plan.period_end)
    if not same or desk.gateway.unpaid_bills(plan.id):
        desk.refresh("subscription", plan.id)
        raise NotPossible


def _made(desk: Desk, plan: PaymentPlan, part: Rest, attempt: Attempt) -> tuple[str, str]:
    """The bill over this part, payable, and its status; ("", "") when it must not be paid and so is gone again.

    Another attempt's bill that is there beside ours: both step back if they see each other, and one of them does.
    """
    of = plan.done + len(plan.to_come)
    lines = [(titles.rest_line(plan.name, line.first, line.last, of, part.percent), line.net) for line in part.lines]
    gateway = desk.gateway
    bill = attempt.step("draft", gateway.start_payoff, plan.holder, plan.id, plan.currency, attempt.intent.id, part.due)
    alone = all(other.id == bill for other in _live(desk, plan))
    if not alone or attempt.step("lines", gateway.fill_payoff, bill, plan.id, lines) > part.amount:
        take_back(desk, bill, "draft", attempt)
        return "", ""
    return bill, attempt.step("final", gateway.finalize, bill)


def _is_of(bill: Payoff, intent: Intent) -> bool:
    return bill.id == intent.params["bill"] if intent.params["bill"] else bill.attempt == intent.id


def _outcome(intent: Intent, bill: str, bill_status: str, status: str = "", code: str = "") -> Outcome:
    amount, currency = int(intent.params["amount"]), intent.params["currency"]
    paid = PaidBill(bill, bill_status, amount, currency, code)
    return Outcome(status or bill_status, bills=(paid,), decline_code=code)
