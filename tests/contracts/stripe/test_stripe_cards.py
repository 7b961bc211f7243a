"""Saved cards and how test cards behave when saved."""

from __future__ import annotations

import pytest
import stripe


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def customer(v1):
    """Somebody to own cards."""
    return v1.customers.create({"email": "ada@example.com"})


def card(v1, number, **more):
    """A card by its number, attached to nobody."""
    details = {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    return v1.payment_methods.create({"type": "card", "card": {**details, **more}})


@pytest.mark.parametrize(
    ("number", "brand"),
    [("4242424242424242", "visa"), ("5555555555554444", "mastercard"), ("378282246310005", "amex")],
)
def test_a_good_card_shows_its_brand_and_attaches(v1, customer, number, brand, local_stripe):
    method = card(v1, number)
    assert (method.card.brand, method.card.last4, method.customer) == (brand, number[-4:], None)
    attached = v1.payment_methods.attach(method.id, {"customer": customer.id})
    assert attached.customer == customer.id
    assert attached.card.checks.cvc_check == "pass"
    assert local_stripe.event_types()[-1] == "payment_method.attached"


def test_the_same_number_has_the_same_fingerprint(v1):
    assert card(v1, "4242424242424242").card.fingerprint == v1.payment_methods.retrieve("pm_card_visa").card.fingerprint


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000009987", "card_declined", "lost_card"),
        ("4000000000009979", "card_declined", "stolen_card"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", "processing_error", "processing_error"),
    ],
)
def test_a_card_that_is_declined_does_not_attach(v1, customer, number, code, decline_code):
    method = card(v1, number)
    with pytest.raises(stripe.CardError) as caught:
        v1.payment_methods.attach(method.id, {"customer": customer.id})
    error = caught.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline_code)
    assert error.error.doc_url.endswith(code.replace("_", "-"))
    assert v1.payment_methods.retrieve(method.id).customer is None


def test_the_card_that_fails_only_when_charged_attaches(v1, customer):
    assert v1.payment_methods.attach(card(v1, "4000000000000341").id, {"customer": customer.id}).customer == customer.id


@pytest.mark.parametrize(
    ("number", "more", "code"),
    [
        ("4242424242424241", {}, "incorrect_number"),
        ("4242424242424242", {"exp_month": 13}, "invalid_expiry_month"),
        ("4242424242424242", {"exp_year": 2020}, "invalid_expiry_year"),
        ("4111111111111111", {}, "card_declined"),
    ],
)
def test_a_number_that_is_no_card_is_refused(v1, number, more, code):
    with pytest.raises(stripe.CardError) as caught:
        card(v1, number, **more)
    assert caught.value.code == code


def test_a_card_belongs_to_one_customer(v1, customer):
    other = v1.customers.create()
    method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert v1.payment_methods.attach(method.id, {"customer": customer.id}).customer == customer.id
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        v1.payment_methods.attach(method.id, {"customer": other.id})


def test_a_detached_card_is_nobodys_default_and_never_comes_back(v1, customer, local_stripe):
    method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    assert v1.payment_methods.detach(method.id).customer is None
    assert v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
    event = local_stripe.client.v1.events.list({"type": "payment_method.detached"}).data[0]
    assert event.data.previous_attributes["customer"] == customer.id
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        v1.payment_methods.attach(method.id, {"customer": customer.id})
    with pytest.raises(stripe.InvalidRequestError, match="detachment is impossible"):
        v1.payment_methods.detach(method.id)


def test_cards_are_listed_for_one_customer_only(v1, customer):
    other = v1.customers.create()
    mine = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.payment_methods.attach("pm_card_mastercard", {"customer": other.id})
    assert [one.id for one in v1.payment_methods.list({"customer": customer.id}).data] == [mine.id]
    assert [one.id for one in v1.customers.payment_methods.list(customer.id, {"type": "card"}).data] == [mine.id]
    assert v1.payment_methods.list().data == []
    assert v1.customers.payment_methods.retrieve(customer.id, mine.id).id == mine.id
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.payment_methods.retrieve(other.id, mine.id)
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_methods.list({"customer": "cus_none"})


def test_a_new_expiry_keeps_the_rest_of_the_card(v1, customer):
    method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    after = v1.payment_methods.update(
        method.id, {"card": {"exp_month": 1, "exp_year": 2040}, "billing_details": {"name": "Ada"}}
    )
    assert (after.card.exp_month, after.card.exp_year, after.card.last4) == (1, 2040, "4242")
    assert (after.billing_details.name, after.billing_details.email) == ("Ada", None)
    with pytest.raises(stripe.InvalidRequestError, match="save this PaymentMethod to a customer"):
        v1.payment_methods.update(card(v1, "4242424242424242").id, {"metadata": {"a": "1"}})


def test_a_deleted_customers_cards_are_gone(v1, customer):
    method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.customers.delete(customer.id)
    assert v1.payment_methods.retrieve(method.id).customer is None
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_methods.attach(method.id, {"customer": v1.customers.create().id})


def test_a_new_customer_can_come_with_a_card(v1):
    customer = v1.customers.create({"payment_method": "pm_card_visa"})
    assert len(v1.payment_methods.list({"customer": customer.id}).data) == 1
    with pytest.raises(stripe.CardError):
        v1.customers.create({"payment_method": "pm_card_chargeDeclined", "email": "no@example.com"})
    assert v1.customers.list({"email": "no@example.com"}).data == []


def test_the_request_log_masks_card_numbers(v1, local_stripe):
    card(v1, "4242424242424242")
    logged = local_stripe.fake("GET", "requests.json")[-1]["params"]["card"]
    assert (logged["number"], logged["cvc"]) == ("…4242", "…")
