"""Changing a card, paying, cancelling and taking it back: what became true, at Stripe and here."""

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.billing import cancel, pay
from chalicelib.billing.errors import Declined, NotPossible, OutcomeUnknown, StripeUnavailable
from chalicelib.billing.facts import Item, Phase, ScheduleFacts
from chalicelib.billing.facts_bill import Payment
from chalicelib.billing.facts_price import Price
from chalicelib.billing.ports import SetupResult
from chalicelib.billing.reasons import Reason
from chalicelib.errors import NotAllowed, NotFound
from tests.builders import DAY, NOW, a_bill, a_card, a_customer, a_subscription
from tests.world import World

OPEN = a_bill(
    "in_open", status="open", amount_paid=0, amount_remaining=4900, auto_advance=True, payments=(), attempts=1
)
OLDER = replace(OPEN, id="in_older", created=OPEN.created - 30 * DAY)
NEW = a_card("pm_new", brand="mastercard", last4="4444")
FOREIGN = a_card("pm_foreign", customer="cus_other")
PLAN = a_subscription("sub_plan", mark="plan", instalments=6, schedule="sub_sched_1", default_card="pm_visa")
SCHEDULE = ScheduleFacts(
    "sub_sched_1",
    "cus_ada",
    "sub_plan",
    "active",
    "cancel",
    (Phase(NOW - 60 * DAY, NOW + 120 * DAY, (("price_49", 1),)),),
)


@pytest.fixture(autouse=True)
def _today() -> object:
    before = clock.use(lambda: float(NOW))
    yield
    clock.use(before)


def a_world(*more: object, **subscription: object) -> World:
    return World().having(a_customer(), a_card(), NEW, a_subscription(**subscription), *more)  # type: ignore[arg-type]


def test_cancelling_stops_renewal_and_keeps_the_paid_period() -> None:
    world = a_world()
    outcome = cancel.cancel(
        world.desk(), world.account(), "sub_studio", "key-1", "I don’t use it enough", "Too\nlittle time"
    )
    assert (outcome.status, outcome.ends) == ("done", NOW + 20 * DAY)
    item = world.account().item("sub_studio")
    assert item is not None
    assert (item.shown.word, item.ends) == ("Canceling", NOW + 20 * DAY)


def test_cancelling_turns_off_automatic_collection_of_open_invoices() -> None:
    world = a_world(OPEN, status="past_due")
    cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    assert ("set_autocharge", "in_open", "False") in world.effects()


def test_a_subscription_that_never_started_is_cancelled_at_once() -> None:
    world = a_world(status="incomplete")
    cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    assert world.effects() == [("cancel_now", "sub_studio")]


def test_a_scheduled_subscription_ends_with_its_current_phase_and_is_never_released() -> None:
    schedule = replace(SCHEDULE, subscription="sub_studio", end_behavior="release")
    world = a_world(schedule, schedule="sub_sched_1")
    cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    assert world.effects() == [("end_with_phase", "sub_sched_1", str(NOW + 20 * DAY))]


def test_beside_a_schedule_the_reason_is_a_step_of_its_own_and_its_refusal_stops_nothing() -> None:
    schedule = replace(SCHEDULE, subscription="sub_studio", end_behavior="release")
    world = a_world(schedule, schedule="sub_sched_1")
    cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1", "Too expensive", "sorry")
    assert world.gateway.reasons == {"sub_studio": Reason("too_expensive", "sorry")}

    world = a_world(schedule, schedule="sub_sched_1")
    world.gateway.give_reason = refuse  # type: ignore[method-assign]
    outcome = cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1", "Too expensive")
    assert outcome.status == "done"
    assert [effect[0] for effect in world.effects()] == ["end_with_phase"]


def refuse(*_: object, **__: object) -> None:
    """Stripe's answer to what is not possible."""
    raise NotPossible


def test_what_ends_between_our_look_and_our_call_is_no_error_and_publishes_nothing() -> None:
    world = a_world()

    def ended_first(*_: object, **__: object) -> None:
        world.gateway.put(a_subscription(status="canceled", ended_at=NOW))
        raise NotPossible

    world.gateway.cancel_at_period_end = ended_first  # type: ignore[method-assign]
    outcome = cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    assert (outcome.status, world.effects(), world.intents.events) == ("unchanged", [], {})
    item = world.account().item("sub_studio")
    assert item is not None
    assert item.shown.word == "Canceled"


def test_what_stripe_refuses_for_another_reason_is_said() -> None:
    world = a_world()
    world.gateway.cancel_at_period_end = refuse  # type: ignore[method-assign]
    with pytest.raises(NotPossible):
        cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")


def test_cancelling_twice_with_one_key_does_it_once_and_answers_the_same() -> None:
    world = a_world()
    first = cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    again = cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    assert again == first
    assert len(world.effects("cancel_at_period_end")) == 1
    assert len(world.intents.events) == 1


def test_a_payment_plan_is_never_cancelled() -> None:
    world = World().having(a_customer(), a_card(), PLAN, SCHEDULE)
    with pytest.raises(NotAllowed, match="payment plan"):
        cancel.cancel(world.desk(), world.account(), "sub_plan", "key-1")
    assert world.effects() == []
    assert world.intents.kept == {}


def test_nothing_is_cancelled_when_the_merchant_switched_it_off() -> None:
    world = a_world()
    world.settings = replace(world.settings, self_cancel=False)
    with pytest.raises(NotAllowed, match=r"help@northlight\.example"):
        cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    assert world.effects() == []


def test_undo_takes_back_exactly_what_cancelling_changed() -> None:
    world = a_world(OPEN, status="past_due")
    cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    cancel.undo(world.desk(), world.account(), "sub_studio", "key-2")
    now = world.gateway.subscription("sub_studio")
    assert now is not None
    assert (now.cancel_at_period_end, now.cancel_at, now.portal_cancel) == (False, None, "")
    assert world.effects("set_autocharge")[-1] == ("set_autocharge", "in_open", "True")


def test_a_cancellation_made_elsewhere_cannot_be_taken_back_here() -> None:
    world = a_world(cancel_at_period_end=True, cancel_at=NOW + DAY)
    with pytest.raises(NotAllowed):
        cancel.undo(world.desk(), world.account(), "sub_studio", "key-2")
    assert world.effects() == []


def test_a_cancellation_of_which_no_record_is_left_is_not_taken_back_by_guessing() -> None:
    world = a_world(cancel_at_period_end=True, cancel_at=NOW + DAY, portal_cancel="lost-key")
    with pytest.raises(NotAllowed, match="wasn’t made here"):
        cancel.undo(world.desk(), world.account(), "sub_studio", "key-2")
    assert world.effects() == []


@pytest.mark.parametrize("item", ["sub_other", "sub_", "x", ""])
def test_foreign_and_unknown_items_are_not_found_and_nothing_is_written(item: str) -> None:
    world = a_world()
    other = a_subscription("sub_other", customer="cus_other")
    world.having(a_customer("cus_other"), other, holder="cus_other")
    desk, account = world.desk(), world.account()
    for act in (
        lambda: cancel.cancel(desk, account, item, "key-1"),
        lambda: cancel.undo(desk, account, item, "key-1"),
        lambda: pay.pay(desk, account, item, "key-1"),
        lambda: pay.change_card(desk, account, item, "pm_new", "key-1"),
        lambda: pay.start_new_card(desk, account, item, "key-1"),
        lambda: pay.finish_new_card(desk, account, item, "seti_1", "key-1"),
    ):
        with pytest.raises(NotFound):
            act()
    assert world.effects() == []
    assert world.intents.kept == {}


def test_changing_the_card_changes_this_item_only() -> None:
    world = a_world(a_subscription("sub_second"))
    outcome = pay.change_card(world.desk(), world.account(), "sub_studio", "pm_new", "key-1")
    assert (outcome.status, outcome.card) == ("done", "pm_new")
    assert world.effects() == [("use_card", "sub_studio", "pm_new")]
    first, second = world.account().item("sub_studio"), world.account().item("sub_second")
    assert first is not None
    assert second is not None
    assert first.card is not None
    assert second.card is not None
    assert (first.card.id, second.card.id) == ("pm_new", "pm_visa")


def test_changing_a_plans_card_reaches_its_schedule() -> None:
    world = World().having(a_customer(), a_card(), NEW, PLAN, SCHEDULE)
    pay.change_card(world.desk(), world.account(), "sub_plan", "pm_new", "key-1")
    assert world.effects() == [("use_card", "sub_plan", "pm_new"), ("use_card_in_schedule", "sub_sched_1", "pm_new")]


def test_somebody_elses_card_is_not_found_and_nothing_is_written() -> None:
    world = a_world()
    world.gateway.put(FOREIGN)
    with pytest.raises(NotFound):
        pay.change_card(world.desk(), world.account(), "sub_studio", "pm_foreign", "key-1")
    assert world.effects() == []


def test_open_invoices_are_charged_to_the_new_card_oldest_first() -> None:
    world = a_world(OPEN, OLDER, status="past_due")
    outcome = pay.change_card(world.desk(), world.account(), "sub_studio", "pm_new", "key-1")
    assert [(b.bill, b.status) for b in outcome.bills] == [("in_older", "paid"), ("in_open", "paid")]


def test_the_first_decline_ends_the_round_and_the_card_change_stays() -> None:
    world = a_world(OPEN, OLDER, status="past_due")
    world.gateway.pays["pm_new"] = "declined"
    outcome = pay.change_card(world.desk(), world.account(), "sub_studio", "pm_new", "key-1")
    assert (outcome.status, outcome.card, outcome.decline_code) == ("declined", "pm_new", "insufficient_funds")
    assert [b.bill for b in outcome.bills] == ["in_older"]
    now = world.gateway.subscription("sub_studio")
    assert now is not None
    assert now.default_card == "pm_new"


def test_the_merchant_may_leave_overdue_invoices_alone() -> None:
    world = a_world(OPEN, status="past_due")
    world.settings = replace(world.settings, charge_overdue_on_card_change=False)
    pay.change_card(world.desk(), world.account(), "sub_studio", "pm_new", "key-1")
    assert world.effects("pay") == []


def test_paying_twice_with_one_key_charges_once() -> None:
    world = a_world(OPEN, status="past_due")
    first = pay.pay(world.desk(), world.account(), "sub_studio", "key-1")
    again = pay.pay(world.desk(), world.account(), "sub_studio", "key-1")
    assert (first.status, again) == ("done", first)
    assert len(world.effects("pay")) == 1


def test_what_was_paid_since_the_page_was_made_is_not_charged_again() -> None:
    world = a_world(OPEN, status="past_due")
    account, desk = world.account(), world.desk()
    world.gateway.put(replace(OPEN, status="paid", amount_remaining=0))
    outcome = pay.pay(desk, account, "sub_studio", "key-2")
    assert (outcome.status, world.effects("pay")) == ("done", [])


def test_a_payment_the_bank_is_still_processing_is_not_tried_again() -> None:
    waiting = Payment(id="inpay_1", amount=4900, status="processing", created=NOW)
    world = a_world(OPEN, status="past_due")
    account, desk = world.account(), world.desk()
    world.gateway.put(replace(OPEN, payments=(waiting,)))
    outcome = pay.pay(desk, account, "sub_studio", "key-2")
    assert (outcome.status, world.effects("pay")) == ("processing", [])


def test_a_new_card_counts_only_from_a_form_made_for_this_item_and_customer() -> None:
    world = a_world(a_subscription("sub_second"))
    good = SetupResult("seti_1", "cus_ada", "succeeded", "pm_new", "sub_studio")
    world.gateway.setups = {
        "seti_1": good,
        "seti_other_item": replace(good, id="seti_other_item", purpose="sub_second"),
        "seti_other_customer": replace(good, id="seti_other_customer", customer="cus_other"),
    }
    for setup in ("seti_other_item", "seti_other_customer", "seti_none"):
        with pytest.raises(NotFound):
            pay.finish_new_card(world.desk(), world.account(), "sub_studio", setup, "key-1")
    assert world.effects() == []
    assert pay.finish_new_card(world.desk(), world.account(), "sub_studio", "seti_1", "key-1").status == "done"


def test_an_unfinished_form_says_why_and_changes_nothing() -> None:
    world = a_world()
    world.gateway.setups["seti_1"] = SetupResult(
        "seti_1", "cus_ada", "requires_payment_method", "", "sub_studio", "insufficient_funds"
    )
    with pytest.raises(Declined) as declined:
        pay.finish_new_card(world.desk(), world.account(), "sub_studio", "seti_1", "key-1")
    assert declined.value.decline_code == "insufficient_funds"
    assert world.effects() == []


def test_stripe_down_before_anything_happened_may_be_tried_again_with_the_same_key() -> None:
    world = a_world()
    account, desk = world.account(), world.desk()
    world.gateway.down = True
    with pytest.raises(StripeUnavailable):
        cancel.cancel(desk, account, "sub_studio", "key-1")
    world.gateway.down = False
    assert cancel.cancel(desk, account, "sub_studio", "key-1").status == "done"


def test_stripe_down_after_the_first_step_is_not_called_undone() -> None:
    world = a_world(OPEN, status="past_due")
    real = world.gateway.set_autocharge
    world.gateway.set_autocharge = lambda *a, **k: (_ for _ in ()).throw(StripeUnavailable())  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        cancel.cancel(world.desk(), world.account(), "sub_studio", "key-1")
    world.gateway.set_autocharge = real  # type: ignore[method-assign]
    assert [state for state, _, _ in world.intents.kept.values()] == ["pending"]


def test_a_price_in_yen_is_paid_as_it_is() -> None:
    price = Price("price_jpy", "Print Archive", "jpy", 4900, "month")
    yen = replace(OPEN, currency="jpy", amount_remaining=4900)
    world = a_world(yen, status="past_due", currency="jpy", items=(Item("si_1", price, 1, NOW - 1, NOW + DAY),))
    outcome = pay.pay(world.desk(), world.account(), "sub_studio", "key-1")
    assert [(b.amount, b.currency) for b in outcome.bills] == [(4900, "jpy")]
