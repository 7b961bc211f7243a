"""Payment intents that stand alone: confirming, declines, 3D Secure, saving the card."""

from __future__ import annotations

import pytest
import stripe

from tests.contracts.stripe.billing import bill, customer, refused

NO_REDIRECTS = {"enabled": True, "allow_redirects": "never"}


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def ada(v1):
    """A customer with a good card."""
    return customer(v1)


def pay(v1, card, **given):
    """Make an intent over 10 pounds and confirm it at once."""
    params = {"amount": 1000, "currency": "gbp", "payment_method": card, "automatic_payment_methods": NO_REDIRECTS}
    return v1.payment_intents.create({**params, "confirm": True, **given})


def test_a_confirmed_intent_charges_the_card(v1, ada, local_stripe):
    card = ada.invoice_settings.default_payment_method
    before = len(local_stripe.event_types())
    intent = pay(v1, card, customer=ada.id, description="Poster", metadata={"order": "7"})
    assert (intent.status, intent.amount_received, intent.payment_method) == ("succeeded", 1000, card)
    charge = v1.charges.retrieve(intent.latest_charge)
    assert (charge.description, charge.metadata.to_dict(), charge.customer) == ("Poster", {"order": "7"}, ada.id)
    assert local_stripe.event_types()[before:] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_an_intent_waits_for_a_card_then_for_confirmation(v1):
    intent = v1.payment_intents.create({"amount": 1000, "currency": "gbp", "payment_method_types": ["card"]})
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert refused(v1.payment_intents.confirm, intent.id).code == "payment_intent_unexpected_state"
    waiting = v1.payment_intents.update(intent.id, {"payment_method": "pm_card_visa", "amount": 1200})
    assert (waiting.status, waiting.amount) == ("requires_confirmation", 1200)
    assert v1.payment_intents.confirm(intent.id).amount_received == 1200
    error = refused(v1.payment_intents.confirm, intent.id)
    assert (error.code, error.error.payment_intent.id) == ("payment_intent_unexpected_state", intent.id)


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_declined_card_leaves_the_intent_waiting_and_says_why(v1, card, code, decline_code):
    with pytest.raises(stripe.CardError) as caught:
        pay(v1, card)
    error = caught.value.error
    assert (caught.value.http_status, error.code, error.decline_code) == (402, code, decline_code)
    intent = v1.payment_intents.retrieve(error.payment_intent.id)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.decline_code == decline_code
    assert v1.charges.retrieve(intent.latest_charge).failure_code == code
    again = v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (again.status, again.last_payment_error) == ("succeeded", None)


def test_a_card_that_asks_sends_the_customer_to_the_bank_and_back(v1, local_stripe):
    intent = pay(v1, "pm_card_authenticationRequired", return_url="https://shop.example/back")
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == "https://shop.example/back"
    local_stripe.fake("POST", f"challenges/{intent.id}", outcome="complete")
    assert v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_challenge_that_is_failed_charges_nothing(v1, local_stripe):
    intent = pay(v1, "pm_card_threeDSecure2Required", use_stripe_sdk=True)
    assert intent.next_action.type == "use_stripe_sdk"
    local_stripe.fake("POST", f"challenges/{intent.id}", outcome="fail")
    after = v1.payment_intents.retrieve(intent.id)
    assert (after.status, after.next_action, after.latest_charge) == ("requires_payment_method", None, None)
    assert local_stripe.event_types()[-1] == "payment_intent.payment_failed"


def test_a_card_can_be_declined_after_the_challenge_was_passed(v1, local_stripe):
    intent = pay(v1, "pm_card_threeDSecureRequiredChargeDeclined")
    local_stripe.fake("POST", f"challenges/{intent.id}", outcome="complete")
    after = v1.payment_intents.retrieve(intent.id)
    assert (after.status, after.last_payment_error.decline_code) == ("requires_payment_method", "generic_decline")
    assert v1.charges.retrieve(after.latest_charge).status == "failed"


def test_off_session_nobody_can_answer_so_a_card_that_asks_is_declined(v1):
    ada = customer(v1, "pm_card_authenticationRequired")
    card = ada.invoice_settings.default_payment_method
    with pytest.raises(stripe.CardError) as caught:
        pay(v1, card, customer=ada.id, off_session=True)
    assert caught.value.code == "authentication_required"
    assert caught.value.error.payment_intent.status == "requires_payment_method"


def test_the_card_is_saved_when_the_intent_says_so_and_used_up_otherwise(v1, ada):
    kept = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    pay(v1, kept.id, customer=ada.id, setup_future_usage="off_session")
    assert v1.payment_methods.retrieve(kept.id).customer == ada.id
    once = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    pay(v1, once.id, customer=ada.id)
    assert v1.payment_methods.retrieve(once.id).customer is None
    assert "may not be used again" in refused(pay, v1, once.id).user_message


def test_a_card_saved_by_paying_with_3d_secure_is_not_asked_again_off_session(v1, ada, local_stripe):
    card = v1.payment_methods.create({"type": "card", "card": {"number": "4000002500003155", "exp_month": 12,
                                                               "exp_year": 2034}})  # fmt: skip
    intent = pay(v1, card.id, customer=ada.id, setup_future_usage="off_session")
    local_stripe.fake("POST", f"challenges/{intent.id}", outcome="complete")
    assert pay(v1, card.id, customer=ada.id, off_session=True).status == "succeeded"


def test_anothers_card_is_refused(v1, ada):
    bobs = customer(v1).invoice_settings.default_payment_method
    assert refused(lambda: pay(v1, bobs, customer=ada.id)).code == "resource_missing"
    assert "must provide the customer" in refused(pay, v1, bobs).user_message
    assert v1.payment_intents.list({"customer": ada.id}).data == []


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"amount": 29}, "amount_too_small", "amount"),
        ({"amount": 49, "currency": "jpy"}, "amount_too_small", "amount"),
        ({"amount": 1005, "currency": "kwd"}, "parameter_invalid_integer", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"customer": "cus_x"}, "resource_missing", "customer"),
        ({"off_session": True}, None, "off_session"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
    ],
)
def test_what_cannot_be_charged_is_refused(v1, given, code, param):
    error = refused(v1.payment_intents.create, {"amount": 1000, "currency": "gbp", **given})
    assert (error.http_status, error.code, error.param) == (400, code, param)


def test_an_intent_that_may_redirect_needs_a_way_back(v1):
    error = refused(lambda: pay(v1, "pm_card_visa", automatic_payment_methods={"enabled": True}))
    assert (error.http_status, error.param) == (400, "return_url")


def test_the_browser_reads_and_confirms_with_the_secret_and_not_without(v1, local_stripe):
    intent = v1.payment_intents.create({"amount": 1000, "currency": "gbp", "metadata": {"inner": "1"}})
    browser = local_stripe.browser.v1.payment_intents
    assert refused(browser.retrieve, intent.id).http_status == 400
    assert refused(browser.retrieve, intent.id, {"client_secret": "wrong"}).http_status == 400
    seen = browser.retrieve(intent.id, {"client_secret": intent.client_secret})
    assert "metadata" not in seen
    data = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    done = browser.confirm(intent.id, {"client_secret": intent.client_secret, "payment_method_data": data})
    assert done.status == "succeeded"
    assert refused(browser.list).http_status == 403


def test_an_open_intent_can_be_cancelled_and_is_then_over(v1, local_stripe):
    intent = v1.payment_intents.create({"amount": 1000, "currency": "gbp"})
    gone = v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert gone.canceled_at
    assert local_stripe.event_types()[-1] == "payment_intent.canceled"
    for call in (v1.payment_intents.cancel, v1.payment_intents.confirm):
        assert refused(call, intent.id).code == "payment_intent_unexpected_state"
    assert refused(v1.payment_intents.update, intent.id, {"amount": 2000}).code == "payment_intent_unexpected_state"


def test_an_invoices_intent_cannot_be_cancelled_or_changed_on_its_own(v1, ada):
    intent = bill(v1, ada, 1000).payments.data[0].payment.payment_intent
    assert refused(v1.payment_intents.cancel, intent).http_status == 400
    assert refused(v1.payment_intents.update, intent, {"amount": 2000}).http_status == 400
    after = v1.payment_intents.retrieve(intent)
    assert (after.status, after.amount) == ("requires_payment_method", 1000)


def test_a_customers_intents_are_listed_newest_first(v1, ada):
    bare = pay(v1, ada.invoice_settings.default_payment_method, customer=ada.id)
    of_invoice = bill(v1, ada, 1000).payments.data[0].payment.payment_intent
    pay(v1, "pm_card_visa")
    assert [one.id for one in v1.payment_intents.list({"customer": ada.id}).data] == [of_invoice, bare.id]
