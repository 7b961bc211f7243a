"""Histories and orders."""

import pytest

from chalicelib.billing.view_payments import is_order, order, payment_lines
from tests.unit.billing.builders import START, a_bill, a_failure, a_payment, a_refund, an_open_bill


def test_a_paid_bill_is_one_line_with_its_receipt():
    (line,) = payment_lines(a_bill())
    assert (line.when, line.amount, line.currency, line.title, line.item) == (
        START + 60,
        1000,
        "gbp",
        "Studio Pro",
        "sub_1",
    )
    assert (line.word, line.tone, line.method, line.receipt) == ("Paid", "ok", "Visa •••• 4242", "in_1")


def test_a_try_that_failed_before_it_worked_is_not_told():
    assert [line.word for line in payment_lines(a_bill(payments=(a_failure(), a_payment())))] == ["Paid"]


def test_each_of_several_payments_has_its_own_line_and_receipt_newest_first():
    bill = a_bill(
        status="open",
        amount_remaining=500,
        payments=(
            a_payment(amount=300, refunds=(a_refund(300),)),
            a_payment(id="ch_2", amount=200, created=START + 90),
            a_failure(id="ch_3"),
        ),
    )
    lines = payment_lines(bill)
    assert [(line.amount, line.word, line.receipt) for line in lines] == [
        (500, "Failed", ""),
        (200, "Paid", "in_1-2"),
        (300, "Refunded", "in_1"),
    ]


@pytest.mark.parametrize(("balance", "method"), [(1000, "Account credit"), (0, "")])
def test_a_bill_that_took_no_money_is_a_line_of_nothing_with_a_receipt(balance, method):
    bill = a_bill(amount_due=0, amount_paid=0, balance_applied=balance, payments=(), paid_at=START + 5)
    (line,) = payment_lines(bill)
    assert (line.amount, line.word, line.receipt, line.method, line.when) == (0, "Paid", "in_1", method, START + 5)


def test_money_taken_outside_says_so():
    (line,) = payment_lines(a_bill(payments=(a_payment(status="out_of_band", kind="", brand="", last4=""),)))
    assert (line.method, line.receipt) == ("Paid outside this portal", "in_1")


@pytest.mark.parametrize(
    ("bill", "word", "method"),
    [
        (an_open_bill(), "Failed", "Visa •••• 4242"),
        (an_open_bill(payments=(a_payment(status="processing"),)), "Processing", "Visa •••• 4242"),
        (an_open_bill(attempts=0, payments=()), "Due now", ""),
        (an_open_bill(status="uncollectible"), "Not paid", "Visa •••• 4242"),
    ],
)
def test_what_is_still_open_is_a_line_without_receipt(bill, word, method):
    (line,) = payment_lines(bill)
    assert (line.word, line.amount, line.receipt, line.method) == (word, 1000, "", method)


@pytest.mark.parametrize("status", ["void", "draft"])
def test_voids_and_drafts_are_no_payments(status):
    assert payment_lines(a_bill(status=status, payments=(), amount_remaining=1000)) == ()


def test_a_bare_charge_that_failed_leaves_nothing_to_pay():
    failed = an_open_bill(id="ch_9", kind="charge", subscription="")
    assert payment_lines(failed) == ()
    assert not is_order(failed)
    (line,) = payment_lines(an_open_bill(kind="charge", payments=(a_payment(status="processing"),)))
    assert line.word == "Processing"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reason": "subscription_create"}, True),
        ({"reason": "subscription_cycle"}, False),
        ({"reason": "subscription_update"}, False),
        ({"reason": "manual", "subscription": ""}, True),
        ({"reason": "manual"}, False),
        ({"reason": "manual", "subscription": "", "status": "draft"}, False),
        ({"reason": "manual", "subscription": "", "status": "void"}, False),
        ({"reason": "manual", "subscription": "", "status": "open"}, True),
        ({"kind": "charge", "subscription": "", "reason": ""}, True),
    ],
)
def test_first_invoices_one_off_invoices_and_bare_payments_are_orders(changes, expected):
    assert is_order(a_bill(**changes)) is expected


def test_an_order_says_how_it_stands_and_where_to_pay():
    paid = order(a_bill(reason="subscription_create"))
    assert (paid.word, paid.item, paid.payments, paid.receipt, paid.pay_link) == ("Paid", "sub_1", 1, "in_1", "")
    unpaid = order(an_open_bill(subscription="", collection_method="send_invoice", payments=()))
    assert (unpaid.word, unpaid.receipt, unpaid.pay_link) == ("Due now", "", "https://invoice.example/in_1")
    free = order(a_bill(total=0, payments=()))
    assert (free.amount, free.receipt) == (0, "in_1")
