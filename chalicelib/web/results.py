"""What became of an attempt, in words: shown on the item's page after every action."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock, money
from chalicelib.billing import declines
from chalicelib.billing.account import PaymentPlan, Status, Subscription
from chalicelib.billing.intents import Intent, Outcome, PaidBill
from chalicelib.billing.status import OWING
from chalicelib.settings.merchant import Settings

SETTLED = {"paid", "processing"}
MAILED = "We’ve sent you an e-mail that confirms it."
PROCESSING = "Your bank is processing the payment, which can take a few days. There’s nothing for you to do."


class Message(Struct, frozen=True):
    """`tone` is "ok", "warn" or "bad". `waiting`: the end isn’t known or shown yet, so nothing should be tried anew."""

    tone: str
    title: str
    text: str
    waiting: bool = False


WAITING = Message(
    "warn",
    "Still being confirmed",
    "We asked our payment provider, but haven’t heard back yet. Nothing will be done twice. "
    "Open this page again in a few minutes to see the result.",
    waiting=True,
)
SHOWN_WITHIN = 600
LATER = "This page shows it within a few minutes; there’s nothing more for you to do."
NOT_DONE = Message("bad", "That didn’t go through", "Nothing was changed. Please try again.")


def message(intent: Intent | None, item: Subscription, settings: Settings) -> Message | None:
    """The words for an attempt at this item, seen together with how the item stands now; None when there are none."""
    if intent is None or not item.is_called(intent.item):
        return None
    if intent.outcome is None:
        return WAITING
    if intent.outcome.status == "not_done":
        return None if isinstance(item, PaymentPlan) and item.paid_off else NOT_DONE
    words = BY_KIND.get(intent.kind)
    late = intent.outcome.late and clock.now() - intent.created < SHOWN_WITHIN
    return words(replace(intent.outcome, late=late), item, settings) if words else None


def removed(intent: Intent) -> Message:
    """A saved payment method was removed, or not."""
    if intent.outcome is None:
        return WAITING
    if intent.outcome.status == "not_done":
        return NOT_DONE
    gone = f"{intent.params.get('label', 'It')} is no longer saved and can’t be charged any more."
    return _late("Removed", gone) if intent.outcome.late else Message("ok", "Removed", gone)


def card_changed(outcome: Outcome, item: Subscription, settings: Settings) -> Message:
    """The card counts even when the payment failed, and both are said."""
    stale = outcome.late and (item.card is None or item.card.id != outcome.card)
    thing = "Card" if not stale and (item.card is None or item.card.is_card) else "Payment method"
    label = "the one you chose" if stale or item.card is None else item.card.label
    changed = f"{item.name} is charged to {label} from now on."
    if item.ended:
        chosen = Message("ok", f"{thing} chosen", f"You can now pay with {label}.")
        return _round(outcome, item, settings) if outcome.bills else chosen
    if not outcome.bills:
        return _late(f"{thing} changed", changed) if stale else Message("ok", f"{thing} changed", changed)
    round_ = _round(outcome, item, settings)
    link = "but" if round_.tone == "bad" else "and"
    title, text = f"{thing} changed, {link} {round_.title}", f"{changed} {round_.text}"
    return Message(round_.tone, title, text, round_.waiting)


def paid(outcome: Outcome, item: Subscription, settings: Settings) -> Message:
    """How paying what was open ended."""
    return _round(outcome, item, settings)


def paid_off(outcome: Outcome, item: Subscription, settings: Settings) -> Message:
    """How paying the rest of a plan at once ended, seen with how the plan stands now."""
    total = _sum(list(outcome.bills), settings)
    if outcome.status == "declined" and not (isinstance(item, PaymentPlan) and item.paid_off):
        return _as_before(outcome, settings)
    if outcome.status == "processing" and item.shown.status is not Status.COMPLETED:
        return Message("ok", f"{total} is on its way", f"{PROCESSING} Your plan is complete once it has arrived.")
    if outcome.late and item.shown.status is not Status.COMPLETED:
        return _late(f"{total} is paid", "Thank you, that was all.")
    return Message("ok", f"{total} is paid", "Thank you. Your plan is complete, and nothing more will be charged.")


def paid_early(outcome: Outcome, item: Subscription, settings: Settings) -> Message:
    """How paying the next instalment before its date ended."""
    total = _sum(list(outcome.bills), settings)
    if outcome.status == "declined":
        return _as_before(outcome, settings)
    if outcome.late:
        return _late(f"{total} is paid", "Thank you.")
    return Message("ok", f"{total} is paid", f"Thank you, the receipt is below.{_goes_on(item, settings)}")


def resumed(outcome: Outcome, item: Subscription, settings: Settings) -> Message:
    """A plan that had ended goes on."""
    if not isinstance(item, PaymentPlan) or not item.to_come:
        return _late("Your plan goes on", "Nothing was charged today.")
    return Message("ok", "Your plan goes on", f"Nothing was charged today. The {_next(item, settings)}")


def canceled(outcome: Outcome, item: Subscription, settings: Settings) -> Message | None:
    """Confirmed on the spot, until the cancellation is taken back."""
    if outcome.ends is None or item.ended:
        return Message("ok", "Canceled", f"{item.name} has ended and won’t be charged again. {MAILED}")
    if item.ends is None and not outcome.late:
        return None
    text = f"{item.name} won’t be charged again. You keep access until {settings.day(outcome.ends)}. {MAILED}"
    return Message("ok", "Canceled", text) if item.ends else _late("Canceled", text)


def kept(outcome: Outcome, item: Subscription, settings: Settings) -> Message | None:
    """The cancellation was taken back, and still is."""
    if item.canceled_here and outcome.late:
        return _late(f"{item.name} goes on", "You took the cancellation back.")
    if item.canceled_here or item.ended:
        return None
    text = "Everything is as it was before you canceled."
    if item.next_payment:
        text += f" Your next payment is on {settings.day(item.next_payment.due)}."
    return Message("ok", f"{item.name} goes on", text)


BY_KIND: dict[str, Callable[[Outcome, Subscription, Settings], Message | None]] = {
    "change_card": card_changed,
    "pay": paid,
    "pay_off": paid_off,
    "pay_next": paid_early,
    "resume": resumed,
    "cancel": canceled,
    "undo": kept,
}


def _round(outcome: Outcome, item: Subscription, settings: Settings) -> Message:
    """One round of payments. A bill that is no longer open was settled since, be it by the bank's confirmation."""
    open_now = {bill.id for bill in item.overdue.bills} if item.overdue else set()
    failed = [bill for bill in outcome.bills if bill.status not in SETTLED and bill.bill in open_now]
    went_through = [bill for bill in outcome.bills if bill not in failed]
    if failed:
        return _failed(failed[0], went_through, settings)
    total = _sum(went_through, settings)
    if outcome.status == "processing":
        return Message("ok", f"{total} is on its way", PROCESSING)
    if outcome.late and (item.shown.status in OWING or any(bill.bill in open_now for bill in went_through)):
        return _late(f"{total} is paid", "Thank you.")
    return Message("ok", f"{total} is paid", f"Thank you, the receipt is below.{_goes_on(item, settings)}")


def _goes_on(item: Subscription, settings: Settings) -> str:
    """What comes next on a plan that nothing is open on any more."""
    if isinstance(item, PaymentPlan) and item.resumption and not item.overdue:
        return " Your plan has ended, but you can go on with it below."
    if not isinstance(item, PaymentPlan) or item.overdue or not item.to_come:
        return ""
    return f" Your plan goes on: the {_next(item, settings)}"


def _next(plan: PaymentPlan, settings: Settings) -> str:
    """The next charge of a plan on which one is to come."""
    amount = money.format_amount(plan.to_come[0].amount, plan.currency, settings.locale)
    return f"next instalment of {amount} is charged on {settings.day(plan.to_come[0].due)}."


def _late(title: str, text: str) -> Message:
    """Done at Stripe, but what the page shows is older."""
    return Message("ok", title, f"{text} {LATER}", waiting=True)


def _failed(bill: PaidBill, went_through: list[PaidBill], settings: Settings) -> Message:
    why = declines.NOT_CONFIRMED if bill.status == "action" else declines.explain(bill.decline_code)
    before = f"{_sum(went_through, settings)} was paid before that. " if went_through else ""
    return Message("bad", f"{_sum([bill], settings)} wasn’t paid", f"{before}{why.what} {why.do}")


def _as_before(outcome: Outcome, settings: Settings) -> Message:
    """The one bill of a plan that was to be paid early was declined and is taken back."""
    message = _failed(outcome.bills[0], [], settings)
    return replace(message, text=f"{message.text} Your plan goes on as before.")


def _sum(bills: list[PaidBill], settings: Settings) -> str:
    total = sum(bill.amount for bill in bills)
    return money.format_amount(total, bills[0].currency, settings.locale) if bills else "Nothing"
