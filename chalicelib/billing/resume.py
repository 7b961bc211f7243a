"""Go on with a payment plan that Stripe ended after the last failed try: a subscription over what was never billed.

Stripe brings no canceled one back (https://docs.stripe.com/billing/subscriptions/cancel), so another is made that names
it, and pages show the two as one plan. See `docs/decisions/0018-resuming-a-plan.md`.
"""

import logging
from itertools import count

from chalicelib import clock
from chalicelib.billing import pay, policy
from chalicelib.billing.account import Account, PaymentPlan
from chalicelib.billing.desk import Desk, earlier_outcome, fresh_item, fresh_subscription, owned
from chalicelib.billing.errors import NotPossible
from chalicelib.billing.instalments import Resumption
from chalicelib.billing.intents import BillingEvent, Intent, Outcome
from chalicelib.billing.resumption import as_agreed
from chalicelib.billing.runner import Attempt, Case
from chalicelib.errors import NotAllowed, PortalError

log = logging.getLogger(__name__)
KIND = "resume"
DONE, NOT_DONE = Outcome("done"), Outcome("not_done")
CHANGED = "The dates have changed. Nothing was charged; please look at the new ones first."


def pay_and_resume(desk: Desk, account: Account, item_id: str, due: int, first: int, key: str) -> Outcome:
    """Pay the `due` minor units that are open, then go on from `first` (UTC epoch seconds). Gives how paying ended.

    Raises as `pay`. When only going on fails, what was paid stays paid, and the plan's page offers to go on.
    """
    plan = owned(account, item_id)
    outcome = pay.pay(desk, account, item_id, key, due)
    if outcome.status == "done":
        try:
            resume(desk, account, item_id, first, attempt_of(desk, plan.holder, plan.id))
        except PortalError as error:
            log.warning("paid, but not resumed", extra={"item": plan.id, "trouble": type(error).__name__})
    return outcome


def resume(desk: Desk, account: Account, item_id: str, first: int, key: str) -> Outcome:
    """Charge the instalments never billed to the card in use, from `first` on, the dates the customer was shown.

    `key` comes from `attempt_of`. Raises NotFound, NotAllowed (also when the dates are others now), NotPossible,
    StripeUnavailable, OutcomeUnknown.
    """
    known = owned(account, item_id)
    earlier = earlier_outcome(desk, known, key)
    if earlier:
        return earlier
    plan = fresh_item(desk, fresh_subscription(desk, known))
    decision = policy.resume(plan, desk.settings())
    if not decision.allowed or not isinstance(plan, PaymentPlan):
        raise NotAllowed(decision.why)
    agreed = as_agreed(plan, first)
    if agreed is None:
        raise NotAllowed(CHANGED)
    intent = Intent(key, KIND, account.mailbox, plan.holder, plan.id, clock.now(), params=_params(plan, agreed))
    return desk.runner.run(intent, lambda attempt: _go_on(desk, plan, agreed, attempt), resumed_event)


def attempt_of(desk: Desk, holder: str, plan: str) -> str:
    """The one key under which this plan is resumed, whoever presses: a plan must not go on twice.

    The next one once an attempt is known to have done nothing, for Stripe keeps a failure under its key.
    """
    keys = (f"{KIND}-{plan}-{number}" for number in count())
    return next(key for key in keys if _open(desk.runner.intents.get(holder, key)))


def find_out(desk: Desk, attempt: Attempt) -> Outcome:
    """After a crash or silence: the plan goes on, or it does not."""
    intent = attempt.intent
    made = desk.gateway.continuation(intent.holder, intent.item)
    if not made:
        return NOT_DONE
    desk.refresh("subscription", made, attempt)
    return DONE


def case(desk: Desk) -> Case:
    """How the sweep closes an attempt."""
    return Case(lambda attempt: find_out(desk, attempt), resumed_event)


def resumed_event(intent: Intent, outcome: Outcome) -> BillingEvent:
    """What the mail and other systems are told: how many instalments, of how much, from when."""
    data = {name: intent.params[name] for name in ("first", "instalments", "amount", "currency")}
    return BillingEvent(
        f"{intent.id}-resumed", "plan.resumed", intent.mailbox, intent.holder, intent.item, intent.created, data
    )


def _go_on(desk: Desk, plan: PaymentPlan, agreed: Resumption, attempt: Attempt) -> Outcome:
    card = attempt.intent.params["card"]
    made = desk.gateway.continuation(plan.holder, plan.id)
    if not made:
        if any(desk.gateway.unpaid_bills(each) for each in (plan.id, *plan.continues)):
            raise NotPossible
        earlier = (*plan.continues, plan.id)
        made = attempt.step("begin", desk.gateway.continue_plan, plan.id, earlier, agreed.first, agreed.ends, card)
    desk.refresh("subscription", made, attempt)
    return DONE


def _params(plan: PaymentPlan, agreed: Resumption) -> dict[str, str]:
    return {
        "first": str(agreed.first),
        "instalments": str(len(agreed.instalments)),
        "amount": str(agreed.instalments[0].amount),
        "currency": plan.currency,
        "card": plan.card.id if plan.card else "",
    }


def _open(intent: Intent | None) -> bool:
    """Never begun, under way, or done."""
    return intent is None or intent.outcome is None or intent.outcome.status != NOT_DONE.status
