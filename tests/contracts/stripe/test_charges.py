"""Charges: what they tell of the card and the outcome, how they are found."""

from __future__ import annotations

import pytest

from tests.contracts.stripe.billing import bill, customer, refused


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


def charge_of(v1, who, amount=1000):
    """The charge that paid a new invoice."""
    invoice = bill(v1, who, amount)
    v1.invoices.pay(invoice.id)
    return v1.charges.list({"payment_intent": invoice.payments.data[0].payment.payment_intent}).data[0]


def test_a_charge_tells_of_card_outcome_and_receipt(v1, local_stripe):
    ada = customer(v1)
    card = ada.invoice_settings.default_payment_method
    v1.payment_methods.update(card, {"billing_details": {"name": "Ada King", "address": {"postal_code": "BS1"}}})
    charge = charge_of(v1, ada)
    details = charge.payment_method_details
    assert (details.type, details.card.brand, details.card.last4) == ("card", "visa", "4242")
    assert (charge.payment_method, charge.customer) == (card, ada.id)
    assert (charge.billing_details.name, charge.billing_details.address.postal_code) == ("Ada King", "BS1")
    assert (charge.outcome.type, charge.outcome.network_status) == ("authorized", "approved_by_network")
    assert charge.receipt_url == f"{local_stripe.url}/receipt/{charge.id}"
    assert (charge.amount_captured, charge.captured, charge.refunded, charge.refunds) == (1000, True, False, None)


def test_a_charge_is_entered_in_the_accounts_books(v1):
    charge = charge_of(v1, customer(v1))
    booked = v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]}).balance_transaction
    assert (booked.amount, booked.net + booked.fee, booked.source) == (1000, 1000, charge.id)


def test_charges_are_found_by_customer_intent_and_time(v1, local_stripe):
    ada = customer(v1)
    old = charge_of(v1, ada)
    local_stripe.fake("POST", "clock", advance="P1D")
    new = charge_of(v1, ada)
    charge_of(v1, customer(v1))
    charges = v1.charges
    assert [one.id for one in charges.list({"customer": ada.id}).data] == [new.id, old.id]
    assert [one.id for one in charges.list({"payment_intent": old.payment_intent}).data] == [old.id]
    assert [one.id for one in charges.list({"customer": ada.id, "created": {"gte": new.created}}).data] == [new.id]
    paged = charges.list({"customer": ada.id, "limit": 1})
    assert [one.id for one in paged.auto_paging_iter()] == [new.id, old.id]


def test_refunds_come_with_a_charge_only_when_asked_for(v1):
    charge = charge_of(v1, customer(v1))
    assert v1.charges.list({"customer": charge.customer, "expand": ["data.refunds"]}).data[0].refunds.data == []
    refund = v1.refunds.create({"charge": charge.id, "amount": 100})
    listed = v1.charges.list({"customer": charge.customer, "expand": ["data.refunds"]}).data[0]
    assert [one.id for one in listed.refunds.data] == [refund.id]
    assert v1.charges.retrieve(charge.id).refunds is None


def test_what_is_written_on_a_charge_may_change(v1, local_stripe):
    charge = charge_of(v1, customer(v1))
    after = v1.charges.update(charge.id, {"description": "Poster", "metadata": {"a": "1"}})
    assert (after.description, after.metadata.to_dict()) == ("Poster", {"a": "1"})
    assert local_stripe.event_types()[-1] == "charge.updated"
    assert refused(v1.charges.update, charge.id, {"amount": 1}).code == "parameter_unknown"


def test_a_charge_of_nobody_may_be_given_to_a_customer_once(v1):
    ada, eve = customer(v1), customer(v1)
    paid = v1.payment_intents.create(
        {
            "amount": 1000,
            "currency": "gbp",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    assert v1.charges.update(paid.latest_charge, {"customer": ada.id}).customer == ada.id
    assert refused(v1.charges.update, paid.latest_charge, {"customer": eve.id}).param == "customer"
    assert refused(v1.charges.update, paid.latest_charge, {"customer": "cus_x"}).http_status == 400


def test_an_unknown_charge_is_a_404(v1):
    assert refused(v1.charges.retrieve, "ch_x").http_status == 404
