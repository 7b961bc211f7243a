"""Refunds: whole, in part, and what is refused."""

from __future__ import annotations

import pytest

from tests.contracts.stripe.billing import bill, customer, refused


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def invoice(v1):
    """A paid invoice over 10 pounds."""
    made = bill(v1, customer(v1), 1000)
    return v1.invoices.pay(made.id, {"expand": ["payments"]})


@pytest.fixture
def charge(v1, invoice):
    """The charge that paid it."""
    return v1.charges.list({"payment_intent": invoice.payments.data[0].payment.payment_intent}).data[0]


def test_a_whole_refund_is_announced_and_leaves_the_invoice_paid(v1, invoice, charge, local_stripe):
    before = len(local_stripe.event_types())
    refund = v1.refunds.create({"payment_intent": charge.payment_intent, "reason": "requested_by_customer"})
    assert (refund.amount, refund.charge, refund.status) == (1000, charge.id, "succeeded")
    assert (refund.reason, refund.payment_intent) == ("requested_by_customer", charge.payment_intent)
    after = v1.charges.retrieve(charge.id)
    assert (after.refunded, after.amount_refunded, after.status) == (True, 1000, "succeeded")
    assert local_stripe.event_types()[before:] == ["refund.created", "charge.refunded"]
    kept = v1.invoices.retrieve(invoice.id)
    assert (kept.status, kept.amount_paid, kept.post_payment_credit_notes_amount) == ("paid", 1000, 0)


def test_parts_add_up_until_nothing_is_left(v1, charge):
    v1.refunds.create({"charge": charge.id, "amount": 300})
    half = v1.charges.retrieve(charge.id)
    assert (half.refunded, half.amount_refunded) == (False, 300)
    error = refused(v1.refunds.create, {"charge": charge.id, "amount": 701})
    assert (error.http_status, error.param) == (400, "amount")
    assert error.user_message == "Refund amount (£7.01) is greater than unrefunded amount on charge (£7.00)"
    v1.refunds.create({"charge": charge.id})
    assert v1.charges.retrieve(charge.id).refunded
    assert refused(v1.refunds.create, {"charge": charge.id}).code == "charge_already_refunded"


def test_refunds_are_listed_newest_first(v1, charge):
    made = [v1.refunds.create({"charge": charge.id, "amount": 100}).id for _ in range(3)]
    assert [one.id for one in v1.refunds.list({"charge": charge.id}).data] == made[::-1]
    assert [one.id for one in v1.refunds.list({"payment_intent": charge.payment_intent, "limit": 1}).data] == made[-1:]
    assert v1.refunds.retrieve(made[0]).amount == 100


def test_money_given_back_leaves_the_accounts_books(v1, charge):
    refund = v1.refunds.create({"charge": charge.id, "amount": 400})
    booked = v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]}).balance_transaction
    assert (booked.amount, booked.type, booked.source) == (-400, "refund", refund.id)


def test_a_declined_charge_an_unpaid_intent_and_nothing_named_are_refused(v1):
    invoice = bill(v1, customer(v1, "pm_card_chargeCustomerFail"), 1000)
    intent = invoice.payments.data[0].payment.payment_intent
    assert "successful charge" in refused(v1.refunds.create, {"payment_intent": intent}).user_message
    refused(v1.invoices.pay, invoice.id)
    declined = v1.charges.list({"payment_intent": intent}).data[0]
    assert "successful charge" in refused(v1.refunds.create, {"payment_intent": intent}).user_message
    assert "failed" in refused(v1.refunds.create, {"charge": declined.id}).user_message
    for given in ({"charge": "ch_x"}, {"payment_intent": "pi_x"}, {}):
        assert refused(v1.refunds.create, given).http_status == 400
    assert v1.refunds.list({"charge": declined.id}).data == []
