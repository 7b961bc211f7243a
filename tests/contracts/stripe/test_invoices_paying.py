"""Paying invoices: which card, what happens when it works, fails or needs the customer, and what ends them."""

from __future__ import annotations

import pytest
import stripe

from tests.contracts.stripe.billing import bill, customer, draft, refused

CHARGE_FAILS = "pm_card_chargeCustomerFail"
ASKS_ALWAYS = "pm_card_authenticationRequired"


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def ada(v1):
    """A customer with a good card."""
    return customer(v1)


def intent_of(v1, invoice):
    """The payment intent behind an invoice."""
    expand = {"expand": ["payments.data.payment.payment_intent"]}
    return v1.invoices.retrieve(invoice.id, expand).payments.data[0].payment.payment_intent


def events_since(local_stripe, before):
    """Types of the events after the first so many."""
    return local_stripe.event_types()[before:]


def test_a_paid_invoice_tells_of_its_payment_in_order(v1, ada, local_stripe):
    invoice = bill(v1, ada, 1000)
    before = len(local_stripe.event_types())
    paid = v1.invoices.pay(invoice.id, {"expand": ["payments"]})
    assert (paid.status, paid.amount_paid, paid.amount_remaining, paid.attempt_count) == ("paid", 1000, 0, 1)
    assert (paid.attempted, paid.auto_advance, paid.next_payment_attempt) == (True, False, None)
    assert paid.status_transitions.paid_at
    payment = paid.payments.data[0]
    assert (payment.status, payment.amount_paid) == ("paid", 1000)
    assert payment.status_transitions.paid_at
    assert events_since(local_stripe, before) == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    intent = intent_of(v1, invoice)
    charge = v1.charges.retrieve(intent.latest_charge)
    assert (intent.status, intent.amount_received, charge.amount, charge.paid) == ("succeeded", 1000, 1000, True)


def test_an_invoice_is_paid_once(v1, ada):
    invoice = bill(v1, ada, 1000)
    v1.invoices.pay(invoice.id)
    error = refused(v1.invoices.pay, invoice.id)
    assert (error.http_status, error.user_message) == (400, "Invoice is already paid")
    assert len(v1.charges.list({"customer": ada.id}).data) == 1


def test_paying_a_draft_makes_it_final_first(v1, ada):
    paid = v1.invoices.pay(draft(v1, ada, 1000).id)
    assert (paid.status, paid.number) == ("paid", f"{ada.invoice_prefix}-0001")


def test_a_declined_card_is_a_402_with_the_intent_inside_and_the_invoice_stays_open(v1, local_stripe):
    ada = customer(v1, CHARGE_FAILS)
    invoice = bill(v1, ada, 1000)
    before = len(local_stripe.event_types())
    with pytest.raises(stripe.CardError) as caught:
        v1.invoices.pay(invoice.id)
    error = caught.value.error
    assert (caught.value.http_status, error.code, error.decline_code) == (402, "card_declined", "generic_decline")
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_method.id == ada.invoice_settings.default_payment_method
    after = v1.invoices.retrieve(invoice.id)
    assert (after.status, after.attempted, after.attempt_count) == ("open", True, 1)
    assert (after.amount_paid, after.amount_remaining) == (0, 1000)
    assert events_since(local_stripe, before) == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.payment_failed",
    ]
    charge = v1.charges.list({"payment_intent": error.payment_intent.id}).data[0]
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, "card_declined")
    assert (charge.outcome.type, charge.outcome.reason) == ("issuer_declined", "generic_decline")
    assert error.charge == charge.id


def test_the_same_intent_is_tried_again_with_another_card(v1, local_stripe):
    ada = customer(v1, CHARGE_FAILS)
    invoice = bill(v1, ada, 1000)
    refused(v1.invoices.pay, invoice.id)
    other = v1.payment_methods.attach("pm_card_mastercard", {"customer": ada.id})
    assert v1.invoices.pay(invoice.id, {"payment_method": other.id}).status == "paid"
    tries = v1.charges.list({"payment_intent": intent_of(v1, invoice).id}).data
    assert [(one.status, one.payment_method_details.card.brand) for one in tries] == [
        ("succeeded", "mastercard"),
        ("failed", "visa"),
    ]


def test_tries_somebody_makes_count_only_once(v1):
    invoice = bill(v1, customer(v1, CHARGE_FAILS), 1000)
    for _ in range(3):
        refused(v1.invoices.pay, invoice.id)
    assert v1.invoices.retrieve(invoice.id).attempt_count == 1


def test_a_declined_try_is_replayed_under_its_key(v1):
    invoice = bill(v1, customer(v1, CHARGE_FAILS), 1000)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            v1.invoices.pay(invoice.id, options={"idempotency_key": "once"})
    assert len(v1.charges.list({"payment_intent": intent_of(v1, invoice).id}).data) == 1


def test_a_card_that_asks_for_the_customer_is_a_402_and_the_browser_goes_on(v1, local_stripe):
    invoice = bill(v1, customer(v1, ASKS_ALWAYS), 1000)
    before = len(local_stripe.event_types())
    with pytest.raises(stripe.CardError) as caught:
        v1.invoices.pay(invoice.id, {"off_session": False})
    assert (caught.value.http_status, caught.value.code) == (402, "invoice_payment_intent_requires_action")
    assert events_since(local_stripe, before) == [
        "payment_intent.requires_action",
        "invoice.updated",
        "invoice.payment_failed",
        "invoice.payment_action_required",
    ]
    after = v1.invoices.retrieve(invoice.id, {"expand": ["confirmation_secret"]})
    assert after.status == "open"
    intent = local_stripe.browser.v1.payment_intents.retrieve(
        intent_of(v1, invoice).id, {"client_secret": after.confirmation_secret.client_secret}
    )
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")


def test_passing_the_banks_page_pays_the_invoice(v1, local_stripe):
    invoice = bill(v1, customer(v1, ASKS_ALWAYS), 1000)
    refused(v1.invoices.pay, invoice.id)
    before = len(local_stripe.event_types())
    local_stripe.fake("POST", f"challenges/{intent_of(v1, invoice).id}", outcome="complete")
    assert v1.invoices.retrieve(invoice.id).status == "paid"
    assert events_since(local_stripe, before)[:2] == ["charge.succeeded", "payment_intent.succeeded"]
    assert events_since(local_stripe, before)[-2:] == ["invoice.paid", "invoice.payment_succeeded"]
    charge = v1.charges.retrieve(intent_of(v1, invoice).latest_charge)
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_failing_at_the_banks_page_leaves_the_invoice_open_for_another_card(v1, local_stripe):
    invoice = bill(v1, customer(v1, ASKS_ALWAYS), 1000)
    refused(v1.invoices.pay, invoice.id)
    local_stripe.fake("POST", f"challenges/{intent_of(v1, invoice).id}", outcome="fail")
    intent = intent_of(v1, invoice)
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert v1.invoices.retrieve(invoice.id).status == "open"
    assert local_stripe.event_types()[-1] == "invoice.payment_failed"


def test_a_card_set_up_for_later_asks_only_while_the_customer_is_there(v1, local_stripe):
    ada = customer(v1, None)
    setup = v1.setup_intents.create({"customer": ada.id, "payment_method_types": ["card"]})
    v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_authenticationRequiredOnSetup"})
    local_stripe.fake("POST", f"challenges/{setup.id}", outcome="complete")
    card = v1.setup_intents.retrieve(setup.id).payment_method
    absent, present = bill(v1, ada, 1000), bill(v1, ada, 1000)
    assert v1.invoices.pay(absent.id, {"payment_method": card, "off_session": True}).status == "paid"
    error = refused(v1.invoices.pay, present.id, {"payment_method": card, "off_session": False})
    assert error.code == "invoice_payment_intent_requires_action"


def test_paying_in_the_browser_with_the_invoices_secret_pays_the_invoice(v1, local_stripe):
    invoice = bill(v1, customer(v1, None), 1000)
    intent = intent_of(v1, invoice)
    done = local_stripe.browser.v1.payment_intents.confirm(
        intent.id,
        {
            "client_secret": intent.client_secret,
            "return_url": "http://127.0.0.1/back",
            "payment_method_data": {
                "type": "card",
                "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"},
            },
        },
    )
    assert done.status == "succeeded"
    assert v1.invoices.retrieve(invoice.id).status == "paid"


def test_the_card_is_the_invoices_before_the_customers(v1, ada):
    own = v1.payment_methods.attach("pm_card_mastercard", {"customer": ada.id})
    for invoice, brand in ((bill(v1, ada, 500, default_payment_method=own.id), "mastercard"),
                           (bill(v1, ada, 500), "visa")):  # fmt: skip
        v1.invoices.pay(invoice.id)
        charge = v1.charges.retrieve(intent_of(v1, invoice).latest_charge)
        assert charge.payment_method_details.card.brand == brand


def test_a_card_taken_from_the_customer_is_not_charged(v1, ada):
    own = v1.payment_methods.attach("pm_card_mastercard", {"customer": ada.id})
    invoice = bill(v1, ada, 500, default_payment_method=own.id)
    v1.payment_methods.detach(own.id)
    v1.invoices.pay(invoice.id)
    charge = v1.charges.retrieve(intent_of(v1, invoice).latest_charge)
    assert charge.payment_method_details.card.brand == "visa"


def test_anothers_card_an_unsaved_one_and_an_unknown_one_are_refused(v1, ada):
    invoice = bill(v1, ada, 1000)
    bobs = v1.payment_methods.attach("pm_card_visa", {"customer": customer(v1).id})
    loose = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    for card in (bobs.id, loose.id, "pm_unknown"):
        error = refused(v1.invoices.pay, invoice.id, {"payment_method": card})
        assert (error.http_status, error.code, error.param) == (400, "resource_missing", "payment_method")
    assert v1.invoices.retrieve(invoice.id).attempted is False


def test_without_any_card_there_is_nothing_to_charge(v1):
    invoice = bill(v1, customer(v1, None), 1000)
    error = refused(v1.invoices.pay, invoice.id)
    assert (error.http_status, "no `default_payment_method` set" in error.user_message) == (400, True)
    assert v1.invoices.retrieve(invoice.id).attempted is False


def test_money_taken_elsewhere_pays_the_invoice_and_cancels_the_intent(v1, local_stripe):
    invoice = bill(v1, customer(v1, None), 1000)
    intent = invoice.payments.data[0].payment.payment_intent
    before = len(local_stripe.event_types())
    paid = v1.invoices.pay(invoice.id, {"paid_out_of_band": True, "expand": ["payments"]})
    assert (paid.status, paid.amount_paid, paid.amount_paid_off_stripe) == ("paid", 1000, 1000)
    assert paid.amount_remaining == 0
    assert [(one.payment.type, one.status, one.amount_paid) for one in paid.payments.data] == [
        ("payment_record", "paid", 1000),
        ("payment_intent", "canceled", None),
    ]
    assert v1.payment_intents.retrieve(intent).status == "canceled"
    assert events_since(local_stripe, before) == [
        "payment_intent.canceled",
        "invoice_payment.paid",
        "invoice.updated",
        "invoice.paid",
    ]


def test_a_void_invoice_can_be_paid_no_more(v1, ada, local_stripe):
    invoice = bill(v1, ada, 1000)
    before = len(local_stripe.event_types())
    void = v1.invoices.void_invoice(invoice.id)
    assert (void.status, void.auto_advance, void.amount_due) == ("void", False, 1000)
    assert void.status_transitions.voided_at
    assert events_since(local_stripe, before) == ["payment_intent.canceled", "invoice.updated", "invoice.voided"]
    assert refused(v1.invoices.pay, invoice.id).user_message == "Voided invoices cannot be paid."
    assert refused(v1.invoices.void_invoice, invoice.id).http_status == 400
    assert intent_of(v1, invoice).cancellation_reason == "void_invoice"


def test_credit_a_void_invoice_used_returns_to_the_customer(v1):
    ada = customer(v1, balance=-300)
    invoice = bill(v1, ada, 1000)
    v1.invoices.void_invoice(invoice.id)
    assert v1.customers.retrieve(ada.id).balance == -300


def test_only_final_unpaid_invoices_are_voided_or_given_up(v1, ada):
    paid, made = bill(v1, ada, 1000), draft(v1, ada, 1000)
    v1.invoices.pay(paid.id)
    for invoice in (paid, made):
        assert refused(v1.invoices.void_invoice, invoice.id).http_status == 400
        assert refused(v1.invoices.mark_uncollectible, invoice.id).http_status == 400


def test_an_invoice_given_up_can_still_be_paid(v1, ada, local_stripe):
    invoice = bill(v1, ada, 1000)
    given_up = v1.invoices.mark_uncollectible(invoice.id)
    assert (given_up.status, given_up.status_details.uncollectible.reason) == ("uncollectible", "user_forgiven")
    assert given_up.status_transitions.marked_uncollectible_at
    assert local_stripe.event_types()[-1] == "invoice.marked_uncollectible"
    assert v1.invoices.pay(invoice.id).status == "paid"


def test_a_sent_invoice_waits_for_the_customer(v1, ada, local_stripe):
    made = draft(v1, ada, 1000, collection_method="send_invoice", days_until_due=7)
    sent = v1.invoices.send_invoice(made.id)
    assert (sent.status, sent.next_payment_attempt) == ("open", None)
    assert local_stripe.event_types()[-1] == "invoice.sent"
    assert refused(v1.invoices.send_invoice, bill(v1, ada, 500).id).http_status == 400


def test_an_advancing_draft_finalises_and_collects_itself_after_an_hour(v1, ada, local_stripe):
    made = draft(v1, ada, 1000, auto_advance=True)
    assert made.automatically_finalizes_at == made.next_payment_attempt == made.created + 3600
    local_stripe.fake("POST", "clock", advance="PT59M")
    assert v1.invoices.retrieve(made.id).status == "draft"
    local_stripe.fake("POST", "clock", advance="PT2M")
    paid = v1.invoices.retrieve(made.id)
    assert (paid.status, paid.automatically_finalizes_at) == ("paid", None)
    assert paid.status_transitions.finalized_at == made.created + 3600


def test_collection_by_itself_can_be_stopped_and_taken_up_again(v1, ada, local_stripe):
    made = draft(v1, ada, 1000, auto_advance=True)
    final = v1.invoices.finalize_invoice(made.id)
    assert (final.auto_advance, final.next_payment_attempt) == (True, final.effective_at + 3600)
    stopped = v1.invoices.update(made.id, {"auto_advance": False})
    assert (stopped.auto_advance, stopped.next_payment_attempt) == (False, None)
    local_stripe.fake("POST", "clock", advance="P1D")
    assert v1.invoices.retrieve(made.id).status == "open"
    assert v1.invoices.update(made.id, {"auto_advance": True}).next_payment_attempt
    local_stripe.fake("POST", "clock", advance="PT1H")
    assert v1.invoices.retrieve(made.id).status == "paid"


def test_a_failed_collection_without_a_customer_present_makes_them_delinquent_until_they_pay(v1, local_stripe):
    ada = customer(v1, CHARGE_FAILS)
    made = draft(v1, ada, 1000, auto_advance=True)
    local_stripe.fake("POST", "clock", advance="PT1H")
    assert v1.customers.retrieve(ada.id).delinquent
    good = v1.payment_methods.attach("pm_card_visa", {"customer": ada.id})
    v1.invoices.pay(made.id, {"payment_method": good.id})
    assert v1.customers.retrieve(ada.id).delinquent is False


def test_a_collection_without_any_card_fails_and_says_so(v1, local_stripe):
    made = draft(v1, customer(v1, None), 1000, auto_advance=True)
    local_stripe.fake("POST", "clock", advance="PT1H")
    after = v1.invoices.retrieve(made.id)
    assert (after.status, after.attempt_count) == ("open", 1)
    assert local_stripe.event_types()[-1] == "invoice.payment_failed"
