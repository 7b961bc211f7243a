"""Saving a card through a SetupIntent: from the server, from the browser, with 3D Secure."""

from __future__ import annotations

import pytest
import requests
import stripe

GOOD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2034", "cvc": "123"}

CARDS = {"payment_method_types": ["card"]}


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def customer(v1):
    """Somebody to save cards for."""
    return v1.customers.create()


@pytest.fixture
def intent(v1, customer):
    """An intent that waits for a card."""
    return v1.setup_intents.create({"customer": customer.id, "payment_method_types": ["card"]})


def test_confirming_attaches_the_card(v1, customer, intent, local_stripe):
    assert intent.status == "requires_payment_method"
    assert intent.client_secret.startswith(intent.id + "_secret_")
    done = v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert done.status == "succeeded"
    assert v1.payment_methods.retrieve(done.payment_method).customer == customer.id
    assert local_stripe.event_types()[1:] == [
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]
    assert [one.id for one in v1.setup_intents.list({"customer": customer.id}).data] == [intent.id]


def test_a_declined_card_leaves_the_intent_waiting_and_says_why(v1, customer, intent):
    with pytest.raises(stripe.CardError) as caught:
        v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"})
    assert caught.value.error.decline_code == "insufficient_funds"
    assert caught.value.error.setup_intent.id == intent.id
    after = v1.setup_intents.retrieve(intent.id)
    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert after.last_setup_error.decline_code == "insufficient_funds"
    assert v1.payment_methods.list({"customer": customer.id}).data == []
    assert v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).last_setup_error is None


def test_the_browser_confirms_with_the_publishable_key_and_the_client_secret(local_stripe, v1, customer, intent):
    form = {f"payment_method_data[card][{name}]": value for name, value in GOOD.items()}
    form |= {"payment_method_data[type]": "card", "client_secret": intent.client_secret, "key": "pk_test_x"}
    url = f"{local_stripe.url}/v1/setup_intents/{intent.id}"
    done = requests.post(f"{url}/confirm", data=form, timeout=10)
    assert done.headers["Access-Control-Allow-Origin"] == "*"
    assert done.json()["status"] == "succeeded"
    assert "customer" not in done.json()
    assert len(v1.payment_methods.list({"customer": customer.id}).data) == 1
    shown = requests.get(url, params={"client_secret": intent.client_secret, "key": "pk_test_x"}, timeout=10)
    assert shown.json()["payment_method"] == done.json()["payment_method"]


@pytest.mark.parametrize("secret", [{}, {"client_secret": "seti_x_secret_y"}])
def test_the_browser_without_the_right_client_secret_is_refused(local_stripe, intent, secret):
    answer = requests.get(
        f"{local_stripe.url}/v1/setup_intents/{intent.id}", params={"key": "pk_test_x", **secret}, timeout=10
    )
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "client_secret")


@pytest.mark.parametrize("token", ["authenticationRequiredOnSetup", "authenticationRequired", "threeDSecure2Required"])
def test_3d_secure_waits_for_the_customer_and_then_saves_the_card(v1, customer, intent, local_stripe, token):
    asked = v1.setup_intents.confirm(intent.id, {"payment_method": f"pm_card_{token}"})
    assert (asked.status, asked.next_action.type) == ("requires_action", "use_stripe_sdk")
    assert v1.payment_methods.list({"customer": customer.id}).data == []
    local_stripe.fake("POST", f"challenges/{intent.id}", outcome="complete")
    done = v1.setup_intents.retrieve(intent.id)
    assert (done.status, done.next_action) == ("succeeded", None)
    assert [one.id for one in v1.payment_methods.list({"customer": customer.id}).data] == [done.payment_method]
    assert "setup_intent.requires_action" in local_stripe.event_types()


def test_3d_secure_with_an_address_to_return_to_sends_the_customer_away(v1, intent):
    given = {"payment_method": "pm_card_authenticationRequired", "return_url": "http://127.0.0.1/back"}
    asked = v1.setup_intents.confirm(intent.id, given)
    assert asked.next_action.type == "redirect_to_url"
    assert asked.next_action.redirect_to_url.return_url == "http://127.0.0.1/back"
    again = v1.setup_intents.confirm(intent.id, {**given, "use_stripe_sdk": True})
    assert again.next_action.type == "use_stripe_sdk"


def test_failed_3d_secure_leaves_the_intent_waiting(v1, customer, intent, local_stripe):
    v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_authenticationRequired"})
    local_stripe.fake("POST", f"challenges/{intent.id}", outcome="fail")
    after = v1.setup_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"
    assert after.last_setup_error.code == "setup_intent_authentication_failure"
    assert v1.payment_methods.list({"customer": customer.id}).data == []
    assert local_stripe.event_types()[-1] == "setup_intent.setup_failed"


def test_an_intent_without_a_card_cannot_be_confirmed_nor_one_that_is_done(v1, intent):
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as caught:
        v1.setup_intents.confirm(intent.id)
    assert caught.value.code == "setup_intent_unexpected_state"
    v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        v1.setup_intents.confirm(intent.id)
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        v1.setup_intents.cancel(intent.id)


def test_a_canceled_intent_stays_canceled(v1, intent, local_stripe):
    assert v1.setup_intents.cancel(intent.id, {"cancellation_reason": "abandoned"}).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="has been canceled"):
        v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert local_stripe.event_types()[-1] == "setup_intent.canceled"


def test_another_customers_card_is_refused(v1, intent):
    other = v1.customers.create()
    method = v1.payment_methods.attach("pm_card_visa", {"customer": other.id})
    with pytest.raises(stripe.InvalidRequestError, match="does not belong to the Customer"):
        v1.setup_intents.confirm(intent.id, {"payment_method": method.id})
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        v1.setup_intents.create({"payment_method": method.id})


def test_a_card_set_up_for_nobody_is_used_up(v1, customer):
    done = v1.setup_intents.create({**CARDS, "payment_method": "pm_card_visa", "confirm": True})
    assert done.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        v1.payment_methods.attach(done.payment_method, {"customer": customer.id})


def test_creating_and_confirming_a_declined_card_keeps_the_intent(v1, customer):
    given = {"customer": customer.id, "payment_method": "pm_card_chargeDeclined", "confirm": True}
    with pytest.raises(stripe.CardError) as caught:
        v1.setup_intents.create({**CARDS, **given})
    kept = v1.setup_intents.retrieve(caught.value.error.setup_intent.id)
    assert kept.status == "requires_payment_method"


def test_an_intent_that_may_redirect_needs_a_way_back_unless_the_browser_confirms(v1, customer, local_stripe):
    intent = v1.setup_intents.create({"customer": customer.id})
    assert intent.automatic_payment_methods.allow_redirects == "always"
    with pytest.raises(stripe.InvalidRequestError, match="`return_url` must be specified"):
        v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    form = {"payment_method": "pm_card_visa", "client_secret": intent.client_secret, "key": "pk_test_x"}
    url = f"{local_stripe.url}/v1/setup_intents/{intent.id}/confirm"
    assert requests.post(url, data=form, timeout=10).json()["status"] == "succeeded"
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    other = v1.setup_intents.create({"customer": customer.id, **never})
    assert v1.setup_intents.confirm(other.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        v1.setup_intents.create({**never, **CARDS})
