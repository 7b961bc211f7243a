"""The one place that decides who may do what with an item of their own account.

Ownership is settled before: an item comes out of the account it belongs to. `why` is text for the customer.
"""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib import clock
from chalicelib.billing import payoff_rules
from chalicelib.billing.account import PaymentPlan, Status, Subscription
from chalicelib.billing.cancel_rules import Hold, hold
from chalicelib.settings.merchant import Settings


class Decision(Struct, frozen=True):
    """Whether it may be done, and if not, why: a sentence or two for the customer."""

    allowed: bool
    why: str = ""


YES = Decision(True)
IN_USE = "Something is still charged to it. Choose what shall be charged instead, then it can be removed."
OVER = {Status.CANCELED, Status.COMPLETED}


def view(item: Subscription, settings: Settings) -> Decision:
    """Whoever has the item may see it, in every state."""
    return YES


def receipt(item: Subscription, settings: Settings) -> Decision:
    """Receipts of one's own payments are never withheld."""
    return YES


def change_card(item: Subscription, settings: Settings) -> Decision:
    """Choose another saved card or add one, while something may still be charged to it: what is open, too."""
    if _over(item) and item.overdue is None:
        return Decision(False, "This has ended, so there is no card to change.")
    if item.sends_invoice:
        return Decision(False, "This is paid by invoice, not by a saved card. Each invoice has its own payment link.")
    return YES


def remove_card(pays: Sequence[Subscription], replaced: bool) -> Decision:
    """Remove a saved payment method that nothing is charged to, or for which another one steps in."""
    return YES if replaced or not pays else Decision(False, IN_USE)


def pay(item: Subscription, settings: Settings) -> Decision:
    """Pay what is open, with the card the item is charged to. Stays possible after the end."""
    if item.overdue is None and item.on_its_way:
        return Decision(False, "Your payment is on its way, so there is nothing to pay right now.")
    if item.overdue is None:
        return Decision(False, "There is nothing to pay right now.")
    if item.sends_invoice:
        return Decision(False, "This is paid by invoice. Use the payment link of the invoice.")
    return YES


def resume(item: Subscription, settings: Settings) -> Decision:
    """Go on with a plan that Stripe ended over an unpaid instalment, once nothing is open on it."""
    ask = f"Please write to {settings.company.support_email}."
    if not isinstance(item, PaymentPlan) or item.resumption is None or item.sends_invoice:
        return Decision(False, f"There is nothing to resume here. {ask}")
    if item.on_its_way:
        return Decision(False, "Your payment is on its way. Once it has arrived, your plan can go on here.")
    if item.overdue:
        return Decision(False, "Please pay what is unpaid first. Then your plan can go on.")
    if item.card is None or item.card.expired:
        return Decision(False, f"There is no card to charge the instalments to. {ask}")
    return YES


def pay_off(item: Subscription, settings: Settings) -> Decision:
    """Pay all the rest of a payment plan at once, if the merchant lets customers and the sum is certain."""
    why = payoff_rules.why_not(item, settings, clock.now())
    return Decision(False, why) if why else YES


def pay_next(item: Subscription, settings: Settings) -> Decision:
    """Pay the next instalment of a plan before it is due, in place of its charge then."""
    why = payoff_rules.why_not_next(item, settings, clock.now())
    return Decision(False, why) if why else YES


def cancel(item: Subscription, settings: Settings) -> Decision:
    """Stop a subscription, when the merchant's rules allow it. Never a payment plan; a fixed term may be stopped early.

    When it is not possible yet, `why` says from when, and whom to write to until then.
    """
    if item.is_plan:
        ask = f"Please write to {settings.company.support_email}."
        return Decision(
            False, f"This is a payment plan for something you already bought, so it can’t be canceled here. {ask}"
        )
    if _over(item):
        return Decision(False, "This subscription has already ended.")
    if stopped(item):
        return Decision(False, "This subscription is already canceled and won’t be charged again.")
    held = hold(item, settings, clock.now())
    return Decision(False, _until(held, item, settings)) if held else YES


def stopped(item: Subscription) -> bool:
    """A subscription that ended, or was canceled and won't be charged again: cancelling would change nothing."""
    if item.is_plan:
        return False
    canceling = item.shown.status is Status.CANCELING and (item.canceled_here or item.next_payment is None)
    return canceling or _over(item)


def undo(item: Subscription, settings: Settings) -> Decision:
    """Take back a cancellation that was made in this portal, until the end has come."""
    if _over(item):
        return Decision(False, "This has ended and can’t be brought back here.")
    if item.is_plan or item.ends is None:
        return Decision(False, "This isn’t canceled, so there is nothing to take back.")
    if not item.canceled_here:
        ask = f"Please write to {settings.company.support_email}."
        return Decision(False, f"This cancellation wasn’t made here, so it can’t be taken back here. {ask}")
    return YES


def _over(item: Subscription) -> bool:
    return item.shown.status in OVER or item.ended is not None


def _until(held: Hold, item: Subscription, settings: Settings) -> str:
    """From when it can be canceled, as far as that can be said."""
    ask = f"please write to {settings.company.support_email}."
    here = "This subscription can be canceled here"
    if held.until is not None and (item.ends is None or held.until < item.ends):
        return f"{here} from {settings.day(held.until)}. Until then, {ask}"
    if item.ends is not None:
        return f"This subscription ends by itself on {settings.day(item.ends)}. To cancel it before, {ask}"
    if held.open_ones:
        return f"{here} once what is open is paid. Until then, {ask}"
    if held.payments:
        many = "one more payment" if held.payments == 1 else f"{held.payments} more payments"
        return f"{here} after {many}. Until then, {ask}"
    return f"This subscription can’t be canceled here. P{ask[1:]}"
