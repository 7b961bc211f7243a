"""Questions about one bill, and the ids its receipts are found under."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.bills import (
    collected,
    parse_receipt_ref,
    receipt_payment,
    receipt_ref,
    refunded,
    settled,
    standing,
)
from tests.unit.billing.builders import a_bill, a_failure, a_payment, a_refund, an_open_bill

TWICE = a_bill(
    payments=(a_failure(), a_payment(id="ch_1", amount=400), a_payment(id="ch_2", amount=600, status="out_of_band"))
)


def test_only_money_that_came_in_is_a_settled_payment():
    assert [p.id for p in settled(TWICE)] == ["ch_1", "ch_2"]


def test_the_first_payment_has_the_bills_id_and_later_ones_their_ordinal():
    failed, first, second = TWICE.payments
    assert receipt_ref(TWICE, first) == "in_1"
    assert receipt_ref(TWICE, second) == "in_1-2"
    assert receipt_ref(TWICE, failed) == ""


def test_a_bill_that_needed_no_money_has_one_receipt():
    assert receipt_ref(a_bill(total=0, payments=())) == "in_1"
    assert receipt_ref(an_open_bill(payments=())) == ""
    assert receipt_ref(TWICE) == ""


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        ("in_1", ("in_1", 1)),
        ("in_1-2", ("in_1", 2)),
        ("ch_3Pabc-12", ("ch_3Pabc", 12)),
        ("in_1-1", None),
        ("in_1-0", None),
        ("in_1-02", None),
        ("in_1-2000", None),
        ("in_1-2-3", None),
        ("in_1/..", None),
        ("in_1\n", None),
        ("", None),
        ("-2", None),
        ("in", None),
    ],
)
def test_a_receipts_id_is_read_back_or_refused(ref, found):
    assert parse_receipt_ref(ref) == found


@given(st.integers(1, 40))
def test_every_receipts_id_leads_back_to_its_payment(count):
    bill = a_bill(payments=tuple(a_payment(id=f"ch_{n}") for n in range(count)))
    for payment in bill.payments:
        found = parse_receipt_ref(receipt_ref(bill, payment))
        assert found is not None
        assert found[0] == bill.id
        assert receipt_payment(bill, found[1]) == payment


def test_an_ordinal_beyond_the_payments_means_none():
    assert receipt_payment(TWICE, 3) is None
    assert receipt_payment(a_bill(payments=()), 1) is None


def test_refunds_are_summed_over_all_payments():
    bill = a_bill(
        payments=(a_payment(refunds=(a_refund(100), a_refund(50))), a_payment(id="ch_2", refunds=(a_refund(5),)))
    )
    assert refunded(bill) == 155


def test_what_was_collected_includes_credit_once_the_bill_is_paid():
    assert collected(a_bill(amount_paid=0)) == 1000
    assert collected(an_open_bill(amount_paid=300)) == 300


@pytest.mark.parametrize(
    ("bill", "expected"),
    [
        (a_bill(), ("Paid", "ok")),
        (a_bill(payments=(a_payment(refunds=(a_refund(10),)),)), ("Partly refunded", "quiet")),
        (a_bill(payments=(a_payment(refunds=(a_refund(1000),)),)), ("Refunded", "quiet")),
        (an_open_bill(), ("Failed", "bad")),
        (an_open_bill(attempts=0), ("Failed", "bad")),
        (an_open_bill(attempts=0, payments=()), ("Due now", "warn")),
        (an_open_bill(collection_method="send_invoice"), ("Due now", "warn")),
        (an_open_bill(payments=(a_payment(status="processing"),)), ("Processing", "quiet")),
        (an_open_bill(payments=(a_payment(status="requires_action"),)), ("Confirmation needed", "bad")),
        (a_bill(status="void"), ("Waived", "quiet")),
        (a_bill(status="uncollectible"), ("Not paid", "bad")),
        (an_open_bill(status="quantum", attempts=0, payments=()), ("Due now", "warn")),
    ],
)
def test_a_bill_says_how_it_stands(bill, expected):
    assert standing(bill) == expected
