"""The way from a pressed button to the page that says what became of it, the same for every action."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import pay
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import Desk, owned
from chalicelib.billing.errors import OutcomeUnknown, StripeUnavailable
from chalicelib.billing.intents import Outcome
from chalicelib.billing.ports import PayResult
from chalicelib.web import asked, page
from chalicelib.wiring import portal

log = logging.getLogger(__name__)


class Action(Protocol):
    """One of the actions of the billing room, ready but for who, what and under which key."""

    def __call__(self, desk: Desk, account: Account, item_id: str, *, key: str) -> Outcome:
        """Carry it out once per key."""


@contextmanager
def unless_unknown(attempt: str) -> Iterator[None]:
    """An outcome nobody knows yet is no failure: the page that follows finds the attempt open and says so."""
    try:
        yield
    except OutcomeUnknown:
        log.warning("outcome unknown", extra={"attempt": attempt})


def carried_out(visit: Visit, form: Mapping[str, str], item: str, action: Action) -> Response:
    """Do it once per attempt, then show the item with the result, or the bank's question if there is one."""
    item, attempt = asked.object_id(item), asked.attempt(form)
    outcome = None
    with unless_unknown(attempt):
        outcome = action(portal().desk, portal().account(visit, fresh=True), item, key=attempt)
    asks = bank_asks(visit, item, attempt, outcome) if outcome and outcome.status == "action" else None
    return asks or told(item, attempt)


def told(item: str, attempt: str) -> Response:
    """To the item's page, which says what became of the attempt."""
    return page.redirect("item", {"attempt": attempt}, item=item)


def bank_asks(visit: Visit, item: str, attempt: str, outcome: Outcome) -> Response | None:
    """The page on which the customer confirms the payment with their bank; None when nothing is left to confirm.

    Nor when Stripe cannot say what the bank asks: the item's page then tells what was done, and offers to pay.
    """
    account = portal().account(visit, fresh=True)
    found = owned(account, item)
    try:
        state = pay.confirmation(portal().desk, account, item)
    except StripeUnavailable:
        return None
    if state is None or state.status != "action" or found.overdue is None:
        return None
    amount = found.overdue.bills[0].amount_remaining
    return confirm_page(visit, found, amount, attempt, state, "pay_return", card_changed=bool(outcome.card))


def confirm_page(
    visit: Visit, item: Subscription, amount: int, attempt: str, state: PayResult, back: str, card_changed: bool = False
) -> Response:
    """The bank's question about a payment of `amount` (minor units); `back` is the page that looks what came of it."""
    return page.render(
        "pay_confirm.html",
        visit=visit,
        item=item,
        amount=amount,
        attempt=attempt,
        back=back,
        card_changed=card_changed,
        client_secret=state.client_secret,
        hosted_url=state.hosted_url,
        publishable_key=portal().config.stripe_publishable_key,
        stripe_js=portal().config.stripe_js_url,
    )
