"""The whole account of one mailbox."""

import pytest

from chalicelib.billing import view
from chalicelib.billing.account import PaymentPlan
from chalicelib.billing.facts import Home
from chalicelib.billing.facts_price import Discount
from tests.unit.billing.builders import (
    NOW,
    SETTINGS,
    START,
    VAT,
    a_bill,
    a_card,
    a_customer,
    a_failure,
    a_home,
    a_payment,
    a_phase,
    a_price,
    a_schedule,
    a_subscription,
    an_item,
    an_open_bill,
    bills,
    in_month,
    month,
)


def account(*homes):
    return view.account("ada@example.com", homes, NOW, SETTINGS)


def only(home):
    (item,) = account(home).items()
    return item


def test_a_happy_subscription():
    item = only(a_home(bills=bills(1)))
    assert (item.name, item.shown.word, item.amount, item.interval, item.interval_count) == (
        "Studio Pro",
        "Active",
        1000,
        "month",
        1,
    )
    assert item.card is not None
    assert item.card.label == "Visa •••• 4242"
    assert item.next_payment is not None
    assert (item.next_payment.due, item.next_payment.amount) == (month(1), 1000)
    assert item.overdue is None
    assert not item.is_plan


def test_an_item_with_several_prices_names_them_and_sums_them():
    items = (an_item(), an_item(id="si_2", price=a_price(id="price_seat", name="Seats", unit_amount=300), quantity=4))
    item = only(a_home(subscriptions=(a_subscription(items=items),)))
    assert (item.name, item.amount) == ("Studio Pro and Seats", 2200)


def test_discounts_and_taxes_of_the_items_are_shown_with_the_subscriptions():
    seat = Discount("Seat deal", percent_off=10)
    friend = Discount("Friend", percent_off=5)
    facts = a_subscription(items=(an_item(discounts=(seat,)),), discounts=(friend,), tax_rates=(VAT,))
    item = only(a_home(subscriptions=(facts,)))
    assert item.discounts == (friend, seat)
    assert item.tax_rates == (VAT,)


def test_an_inherited_card_is_marked_so():
    home = a_home(subscriptions=(a_subscription(default_card=""),), customer=a_customer(default_card="pm_own"))
    item = only(home)
    assert item.inherits_card
    assert item.card is not None
    assert item.card.id == "pm_own"


def test_without_any_card_there_is_none():
    item = only(a_home(subscriptions=(a_subscription(default_card=""),)))
    assert item.card is None


def test_a_charged_method_missing_from_the_list_is_still_a_card_on_file():
    item = only(a_home(cards=()))
    assert item.card is not None
    assert item.card.label == "Saved payment method"


def test_an_open_bills_own_card_is_the_next_to_be_charged():
    bill = an_open_bill(default_card="pm_bill")
    cards = (a_card(), a_card(id="pm_bill", last4="0341"))
    item = only(a_home(subscriptions=(a_subscription(status="past_due"),), bills=(bill,), cards=cards))
    assert item.card is not None
    assert item.card.last4 == "0341"


def test_an_invoiced_item_shows_a_pay_link_not_a_card():
    bill = an_open_bill(collection_method="send_invoice", attempts=0, payments=(), due=NOW + 60)
    item = only(a_home(subscriptions=(a_subscription(collection_method="send_invoice"),), bills=(bill,)))
    assert item.sends_invoice
    assert item.card is None
    assert item.overdue is not None
    assert (item.overdue.pay_link, item.overdue.reason) == (
        "https://invoice.example/in_1",
        "This invoice is waiting to be paid.",
    )


def test_an_invoice_past_its_date_says_so():
    bill = an_open_bill(collection_method="send_invoice", due=NOW - 60)
    item = only(a_home(subscriptions=(a_subscription(collection_method="send_invoice"),), bills=(bill,)))
    assert item.overdue is not None
    assert item.overdue.reason == "This invoice is past its due date."


def test_a_failed_payment_says_how_much_why_and_when_it_is_tried_again():
    older = an_open_bill(id="in_1", auto_advance=False, payments=(a_failure(decline_code="expired_card"),))
    newer = an_open_bill(
        id="in_2",
        created=START + 5,
        auto_advance=True,
        next_attempt=NOW + 500,
        payments=(a_failure(id="ch_2", created=START + 99),),
    )
    item = only(a_home(subscriptions=(a_subscription(status="past_due"),), bills=(newer, older)))
    assert item.overdue is not None
    assert [bill.id for bill in item.overdue.bills] == ["in_1", "in_2"]
    assert (item.overdue.amount, item.overdue.currency, item.overdue.next_try) == (2000, "gbp", NOW + 500)
    assert item.overdue.reason == "There wasn’t enough money available for this payment."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"payments": (a_payment(status="requires_action"),)}, "Your bank wants you to confirm this payment."),
        ({"payments": (a_failure(decline_code="stolen_card"),)}, "Your bank declined the payment and didn’t say why."),
        ({"payments": ()}, "The last payment didn’t go through."),
    ],
)
def test_the_reason_is_plain(changes, reason):
    item = only(a_home(subscriptions=(a_subscription(status="past_due"),), bills=(an_open_bill(**changes),)))
    assert item.overdue is not None
    assert item.overdue.reason == reason


def test_no_card_is_the_reason_when_there_was_none():
    facts = a_subscription(status="past_due", default_card="")
    item = only(a_home(subscriptions=(facts,), bills=(an_open_bill(payments=()),)))
    assert item.overdue is not None
    assert item.overdue.reason == "There was no card to charge."


@pytest.mark.parametrize(
    "bill",
    [
        an_open_bill(attempts=0, payments=(), auto_advance=True),
        an_open_bill(payments=(a_failure(), a_payment(status="processing"))),
        an_open_bill(status="draft"),
        an_open_bill(status="void"),
        an_open_bill(amount_remaining=0),
        an_open_bill(subscription="sub_2"),
        an_open_bill(currency="eur"),
    ],
)
def test_what_is_about_to_be_paid_or_never_will_be_is_not_overdue(bill):
    assert only(a_home(bills=(bill,))).overdue is None


def test_a_retry_in_the_past_or_switched_off_is_not_announced():
    for changes in ({"auto_advance": True, "next_attempt": NOW - 1}, {"auto_advance": False, "next_attempt": NOW + 9}):
        item = only(a_home(bills=(an_open_bill(**changes),)))
        assert item.overdue is not None
        assert item.overdue.next_try is None


def test_a_canceled_subscription_still_tells_what_is_owed_on_it():
    facts = a_subscription(status="canceled", ended_at=NOW - 5, canceled_at=NOW - 9)
    item = only(a_home(subscriptions=(facts,), bills=(an_open_bill(attempts=0, payments=()),)))
    assert (item.shown.word, item.ended, item.ends, item.next_payment) == ("Canceled", NOW - 5, None, None)
    assert item.overdue is not None
    assert item.overdue.amount == 1000


def test_an_incomplete_first_payment_is_owed():
    bill = an_open_bill(reason="subscription_create", payments=(a_payment(status="requires_action"),))
    item = only(a_home(subscriptions=(a_subscription(status="incomplete"),), bills=(bill,)))
    assert (item.shown.word, item.next_payment) == ("Payment needed", None)
    assert item.overdue is not None


def test_a_trial_says_when_it_ends_and_what_comes_then():
    item = only(a_home(subscriptions=(a_subscription(status="trialing", trial_end=month(1)),)))
    assert (item.shown.word, item.trial_end) == ("Trialing", month(1))
    assert item.next_payment is not None
    assert item.next_payment.due == month(1)
    assert only(a_home(subscriptions=(a_subscription(trial_end=START),))).trial_end is None


def test_a_canceling_subscription_shows_its_end_and_no_next_payment():
    item = only(a_home(subscriptions=(a_subscription(cancel_at_period_end=True, portal_cancel="att_1"),)))
    assert (item.shown.word, item.ends, item.next_payment, item.canceled_here) == ("Canceling", month(1), None, True)


def test_a_fixed_term_is_active_with_an_end_date():
    home = a_home(subscriptions=(in_month(0),), schedules=(a_schedule(a_phase(0, 12)),))
    item = only(home)
    assert (item.shown.word, item.ends, item.schedule, item.is_plan) == ("Active", month(12), "sub_sched_1", False)
    assert item.next_payment is not None


def test_a_payment_plan_at_three_of_six():
    home = a_home(subscriptions=(in_month(2, mark="plan", instalments=6),), schedules=(a_schedule(),), bills=bills(3))
    item = only(home)
    assert isinstance(item, PaymentPlan)
    assert (item.done, item.of, item.paid, item.left, item.total) == (3, 6, 3000, 3000, 6000)
    assert (item.shown.word, item.ends) == ("Active", month(6))
    assert item.next_payment is not None
    assert item.next_payment.due == month(3)


def test_a_completed_plan_expects_no_more_payments():
    home = a_home(subscriptions=(in_month(5, mark="plan", instalments=6),), schedules=(a_schedule(),), bills=bills(6))
    item = only(home)
    assert (item.shown.word, item.next_payment) == ("Completed", None)


def test_a_plan_that_goes_on_charging_says_so():
    item = only(a_home(subscriptions=(in_month(5, mark="plan", instalments=6),), bills=bills(6)))
    assert isinstance(item, PaymentPlan)
    assert item.never_ends
    assert item.shown.word == "Active"
    assert item.next_payment is not None


def test_a_past_due_plan_is_past_due_not_canceling():
    facts = in_month(3, mark="plan", status="past_due", cancel_at=month(6))
    item = only(a_home(subscriptions=(facts,), bills=(an_open_bill(id="in_3", created=month(3)), *bills(3))))
    assert item.shown.word == "Past due"
    assert item.overdue is not None


def test_a_yen_and_a_dinar_item_keep_their_minor_units():
    for currency, unit in (("jpy", 4900), ("kwd", 12345)):
        facts = a_subscription(currency=currency, items=(an_item(price=a_price(currency=currency, unit_amount=unit)),))
        item = only(a_home(subscriptions=(facts,)))
        assert item.next_payment is not None
        assert (item.amount, item.next_payment.amount, item.next_payment.currency) == (unit, unit, currency)


def test_an_unknown_status_and_price_are_shown_not_crashed_on():
    facts = a_subscription(status="brand_new", items=())
    item = only(a_home(subscriptions=(facts,)))
    assert (item.name, item.shown.word, item.amount, item.next_payment) == ("Subscription", "Brand new", None, None)


def test_failed_payments_come_first_then_what_runs_then_what_ended():
    subscriptions = (
        a_subscription(id="sub_canceled", status="canceled", started=START + 9),
        a_subscription(id="sub_old", started=START),
        a_subscription(id="sub_new", started=START + 5),
        a_subscription(id="sub_past_due", status="past_due", started=START - 5),
    )
    home = a_home(subscriptions=subscriptions, bills=(an_open_bill(subscription="sub_past_due"),))
    assert [s.id for s in account(home).items()] == ["sub_past_due", "sub_new", "sub_old", "sub_canceled"]


def test_orders_and_payments_are_newest_first():
    one_off = a_bill(id="in_x", created=month(5), subscription="", reason="manual", title="Poster")
    home = a_home(bills=(one_off, *bills(3)))
    (holder,) = account(home).holders
    assert [(o.id, o.title, o.item) for o in holder.orders] == [("in_x", "Poster", ""), ("in_0", "Studio Pro", "sub_1")]
    assert len(holder.payments) == 4
    assert not holder.more_payments


def test_only_the_latest_payments_are_shown_and_more_are_promised():
    (holder,) = account(a_home(bills=bills(12))).holders
    assert [line.bill for line in holder.payments][:2] == ["in_11", "in_10"]
    assert len(holder.payments) == 10
    assert holder.more_payments
    (kept_short,) = account(a_home(bills=bills(2), more_bills=True)).holders
    assert kept_short.more_payments


def test_several_holders_are_merged_and_told_apart():
    one = a_home()
    other = Home(
        "cus_2",
        a_customer(id="cus_2", name="Byron Ltd", created=START + 9),
        (a_subscription(id="sub_2", customer="cus_2"),),
    )
    found = account(one, other)
    assert found.several
    assert [(h.id, h.label) for h in found.holders] == [("cus_2", "Byron Ltd"), ("cus_1", "Ada Byron")]
    assert {item.id: item.holder for item in found.items()} == {"sub_1": "cus_1", "sub_2": "cus_2"}
    assert found.name == "Byron Ltd"


def test_holders_with_nothing_running_come_last():
    idle = Home("cus_2", a_customer(id="cus_2", created=START + 9), bills=(a_bill(subscription="", reason="manual"),))
    assert [h.id for h in account(idle, a_home()).holders] == ["cus_1", "cus_2"]


def test_a_hidden_customer_is_left_out_altogether():
    hidden = a_home(customer=a_customer(hidden=True), bills=bills(2))
    assert account(hidden).holders == ()
    assert account(hidden).empty()
    assert account(hidden).item("sub_1") is None


def test_a_mailbox_with_nothing_is_empty():
    assert account().empty()
    assert account(Home("cus_1", a_customer())).empty()


def test_what_is_owed_is_never_added_up_across_currencies():
    yen = a_subscription(id="sub_jpy", currency="jpy", status="past_due")
    home = a_home(
        subscriptions=(a_subscription(status="past_due"), yen, a_subscription(id="sub_3", status="past_due")),
        bills=(
            an_open_bill(),
            an_open_bill(id="in_2", subscription="sub_jpy", currency="jpy", amount_remaining=4900),
            an_open_bill(id="in_3", subscription="sub_3", amount_remaining=50),
        ),
    )
    assert view.owed(account(home)) == {"gbp": 1050, "jpy": 4900}


def test_saved_cards_are_newest_first_with_their_expiry():
    cards = (a_card(id="pm_old"), a_card(id="pm_new", created=START + 5, exp_month=1, exp_year=2026))
    (holder,) = account(a_home(cards=cards)).holders
    assert [(c.id, c.expiring) for c in holder.cards] == [("pm_new", True), ("pm_old", False)]
