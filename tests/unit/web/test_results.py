"""What became of an attempt, said on the item's page."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import view
from chalicelib.billing.account import Subscription
from chalicelib.billing.facts import Home
from chalicelib.billing.intents import Intent, Outcome, PaidBill
from chalicelib.settings.merchant import Company, Settings
from chalicelib.web import results
from chalicelib.web.results import Message
from tests.builders import DAY, NOW, a_bill, a_card, a_customer, a_subscription

SETTINGS = Settings(Company("Northlight Studio", "help@northlight.example"), "http://127.0.0.1:8000", locale="en-GB")
ENDS = NOW + 20 * DAY
UNPAID = a_bill("in_due", status="open", amount_paid=0, amount_remaining=4900, attempts=1, payments=())


@pytest.fixture
def now() -> Iterator[None]:
    """A minute after the attempt."""
    before = clock.use(lambda: float(NOW + 60))
    yield
    clock.use(before)


def said(kind: str, outcome: Outcome | None, item: Subscription) -> Message:
    """The message for an attempt at the item; there must be one."""
    found = results.message(an_intent(kind, outcome), item, SETTINGS)
    assert found is not None
    return found


def an_intent(kind: str, outcome: Outcome | None, item: str = "sub_studio") -> Intent:
    """An attempt as it is stored."""
    return Intent("attempt-1", kind, "ada@example.com", "cus_ada", item, NOW, outcome=outcome)


def the_item(*unpaid: str, **changes: object) -> Subscription:
    """Studio Membership as the page shows it now, with these bills still open."""
    bills = tuple(replace(UNPAID, id=each) for each in unpaid)
    facts = a_subscription(**changes)
    home = Home("cus_ada", a_customer(), (facts,), cards=(a_card(),), bills=bills)
    found = view.account("ada@example.com", [home], NOW, SETTINGS).item("sub_studio")
    assert found is not None
    return found


def a_try(status: str, bill: str = "in_due", code: str = "") -> PaidBill:
    """One bill of a round of payments."""
    return PaidBill(bill, status, 4900, "usd", code)


def test_a_changed_card_is_named() -> None:
    message = said("change_card", Outcome("done", card="pm_visa"), the_item())
    assert (message.tone, message.title) == ("ok", "Card changed")
    assert message.text == "Studio Membership is charged to Visa •••• 4242 from now on."


def test_card_changed_and_paid_says_both() -> None:
    message = said("change_card", Outcome("done", "pm_visa", (a_try("paid"),)), the_item())
    assert (message.tone, message.title) == ("ok", "Card changed, and $49.00 is paid")


def test_card_changed_but_payment_declined_says_both_and_why() -> None:
    outcome = Outcome("declined", "pm_visa", (a_try("declined", code="insufficient_funds"),))
    message = said("change_card", outcome, the_item("in_due"))
    assert (message.tone, message.title) == ("bad", "Card changed, but $49.00 wasn’t paid")
    assert "from now on" in message.text
    assert "enough money" in message.text


def test_a_bank_debit_is_not_called_a_card() -> None:
    debit = a_card("pm_visa", kind="sepa_debit", brand="", last4="3000")
    home = Home("cus_ada", a_customer(), (a_subscription(),), cards=(debit,))
    item = view.account("ada@example.com", [home], NOW, SETTINGS).items()[0]
    assert said("change_card", Outcome("done", card="pm_visa"), item).title == "Payment method changed"


def test_what_was_paid_before_the_first_failure_is_told() -> None:
    outcome = Outcome("declined", "", (a_try("paid", "in_a"), a_try("declined", "in_due")))
    message = said("pay", outcome, the_item("in_due"))
    assert message.title == "$49.00 wasn’t paid"
    assert message.text.startswith("$49.00 was paid before that. ")


def test_several_bills_paid_at_once_are_one_sum() -> None:
    message = said("pay", Outcome("done", "", (a_try("paid", "in_a"), a_try("paid", "in_b"))), the_item())
    assert message.title == "$98.00 is paid"


def test_a_payment_the_bank_has_confirmed_since_is_paid() -> None:
    outcome = Outcome("action", "", (a_try("action"),))
    assert said("pay", outcome, the_item()).title == "$49.00 is paid"


def test_a_payment_the_bank_was_not_told_to_allow_is_unpaid() -> None:
    message = said("pay", Outcome("action", "", (a_try("action"),)), the_item("in_due"))
    assert (message.tone, message.title) == ("bad", "$49.00 wasn’t paid")
    assert "confirm" in message.text


def test_a_payment_under_way_is_not_called_paid() -> None:
    message = said("pay", Outcome("processing", "", (a_try("processing"),)), the_item())
    assert (message.tone, message.title) == ("ok", "$49.00 is on its way")


def test_a_cancellation_names_the_day_access_ends() -> None:
    item = the_item(cancel_at_period_end=True, cancel_at=ENDS, portal_cancel="attempt-1")
    message = said("cancel", Outcome("done", ends=ENDS), item)
    assert message.title == "Canceled"
    assert SETTINGS.day(ENDS) in message.text
    assert "e-mail" in message.text


def test_a_subscription_that_never_started_has_ended_at_once() -> None:
    item = the_item(status="incomplete_expired", ended_at=NOW)
    assert "has ended" in said("cancel", Outcome("done"), item).text


def test_an_old_address_does_not_call_a_running_subscription_canceled() -> None:
    intent = an_intent("cancel", Outcome("done", ends=ENDS))
    assert results.message(intent, the_item(), SETTINGS) is None


def test_taking_it_back_says_when_the_next_payment_comes() -> None:
    message = said("undo", Outcome("done"), the_item())
    assert message.title == "Studio Membership goes on"
    assert "next payment is on" in message.text


def test_an_old_address_does_not_call_a_canceled_subscription_running() -> None:
    item = the_item(cancel_at_period_end=True, cancel_at=ENDS, portal_cancel="attempt-2")
    assert results.message(an_intent("undo", Outcome("done")), item, SETTINGS) is None


LATE = [
    ("change_card", Outcome("done", "pm_new", late=True), "Payment method changed", "charged to the one you chose"),
    ("pay", Outcome("done", bills=(a_try("paid"),), late=True), "$49.00 is paid", "Thank you."),
    ("cancel", Outcome("done", ends=ENDS, late=True), "Canceled", SETTINGS.day(ENDS)),
    ("undo", Outcome("done", late=True), "Studio Membership goes on", "You took the cancellation back."),
]


@pytest.mark.parametrize(("kind", "outcome", "title", "text"), LATE)
def test_what_was_done_is_said_though_the_page_still_shows_the_state_before(
    now: None, kind: str, outcome: Outcome, title: str, text: str
) -> None:
    canceling = {"cancel_at_period_end": True, "cancel_at": ENDS, "portal_cancel": "attempt-0"}
    message = said(kind, outcome, the_item("in_due", **canceling if kind == "undo" else {}))
    assert (message.tone, message.title, message.waiting) == ("ok", title, True)
    assert text in message.text
    assert "within a few minutes" in message.text


@pytest.mark.parametrize(("kind", "outcome"), [(kind, outcome) for kind, outcome, *_ in LATE])
def test_once_the_page_shows_it_the_words_are_the_usual_ones(now: None, kind: str, outcome: Outcome) -> None:
    canceling = {"cancel_at_period_end": True, "cancel_at": ENDS, "portal_cancel": "attempt-1"}
    outcome = replace(outcome, card="pm_visa") if outcome.card else outcome
    message = said(kind, outcome, the_item(**canceling if kind == "cancel" else {}))
    assert (message.tone, message.waiting) == ("ok", False)


def test_an_old_address_is_not_believed_to_be_late(now: None) -> None:
    intent = replace(an_intent("cancel", Outcome("done", ends=ENDS, late=True)), created=NOW - 900)
    assert results.message(intent, the_item(), SETTINGS) is None


@pytest.mark.parametrize("kind", ["change_card", "pay", "cancel", "undo"])
def test_an_open_end_is_said_to_be_open_and_nothing_is_offered_anew(kind: str) -> None:
    message = said(kind, None, the_item("in_due"))
    assert message.waiting
    assert "Nothing will be done twice" in message.text


@pytest.mark.parametrize("kind", ["change_card", "pay", "cancel", "undo"])
def test_what_was_not_done_is_said_not_to_be_done(kind: str) -> None:
    message = said(kind, Outcome("not_done"), the_item())
    assert (message.tone, message.waiting) == ("bad", False)


def test_nobody_reads_the_result_of_another_item() -> None:
    other = an_intent("change_card", Outcome("done", card="pm_visa"), item="sub_other")
    assert results.message(other, the_item(), SETTINGS) is None
    assert results.message(None, the_item(), SETTINGS) is None


def test_no_vendor_code_reaches_the_page() -> None:
    outcome = Outcome("declined", "pm_visa", (a_try("declined", code="do_not_honor"),), decline_code="do_not_honor")
    message = said("change_card", outcome, the_item("in_due"))
    assert "do_not_honor" not in message.title + message.text
