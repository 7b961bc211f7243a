"""Bank debits: saved with a mandate, processed for days, then paid, refused, or taken back by the bank."""

from __future__ import annotations

import pytest

from tests.contracts.stripe.billing import bill, customer, refused

ACCEPTED = {"customer_acceptance": {"type": "online", "online": {"ip_address": "203.0.113.4", "user_agent": "Test"}}}
GERMAN = {"iban": "DE89370400440532013000"}
ADA = {"name": "Ada", "email": "ada@example.com"}


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


def saved(v1, who, token):
    """A bank account saved for a customer, with the mandate they gave; charged by default."""
    kind = "us_bank_account" if "usBank" in token else "sepa_debit"
    given = {"customer": who.id, "payment_method": token, "payment_method_types": [kind]}
    made = v1.setup_intents.create({**given, "confirm": True, "mandate_data": ACCEPTED})
    v1.customers.update(who.id, {"invoice_settings": {"default_payment_method": made.payment_method}})
    return made


def subscribed(v1, who, currency="eur", **more):
    """A monthly subscription over 49.00."""
    product = v1.products.create({"name": "Membership"}).id
    recurring = {"interval": "month"}
    price = v1.prices.create({"product": product, "currency": currency, "unit_amount": 4900, "recurring": recurring})
    return v1.subscriptions.create({"customer": who.id, "items": [{"price": price.id}], **more})


def open_bill(v1, who, currency="eur"):
    """A final invoice over 10.00."""
    return bill(v1, who, {"amount": 1000, "currency": currency, "description": "Work"}, currency=currency)


def the_intent(v1, invoice):
    """The payment intent of an invoice."""
    found = v1.invoices.retrieve(invoice.id, {"expand": ["payments"]})
    return v1.payment_intents.retrieve(found.payments.data[0].payment.payment_intent)


def test_an_account_is_shown_by_its_last_digits_and_bank(v1):
    made = v1.payment_methods.create({"type": "sepa_debit", "sepa_debit": GERMAN, "billing_details": ADA})
    assert (made.type, made.sepa_debit.last4, made.sepa_debit.country) == ("sepa_debit", "3000", "DE")
    american = {"account_number": "000123456789", "routing_number": "110000000", "account_holder_type": "individual"}
    made = v1.payment_methods.create(
        {"type": "us_bank_account", "us_bank_account": american, "billing_details": {"name": "Ada"}}
    )
    assert (made.us_bank_account.last4, made.us_bank_account.bank_name) == ("6789", "STRIPE TEST BANK")


def test_unknown_accounts_and_missing_names_are_refused(v1):
    strange = {"type": "sepa_debit", "sepa_debit": {"iban": "DE00"}, "billing_details": ADA}
    assert refused(v1.payment_methods.create, strange).code == "invalid_bank_account_iban"
    nameless = {"type": "sepa_debit", "sepa_debit": GERMAN}
    assert refused(v1.payment_methods.create, nameless).param == "billing_details[name]"


def test_a_setup_intent_saves_an_account_only_with_a_mandate(v1):
    who = customer(v1, None)
    asked = {"customer": who.id, "payment_method": "pm_success_de", "payment_method_types": ["sepa_debit"]}
    error = refused(v1.setup_intents.create, {**asked, "confirm": True})
    assert (error.http_status, error.code) == (400, "setup_intent_mandate_invalid")
    made = saved(v1, who, "pm_success_de")
    assert made.status == "succeeded"
    mandate = v1.mandates.retrieve(made.mandate)
    assert (mandate.status, mandate.type, mandate.payment_method) == ("active", "multi_use", made.payment_method)
    assert mandate.customer_acceptance.online.ip_address == "203.0.113.4"
    assert v1.payment_methods.retrieve(made.payment_method).customer == who.id


def test_an_account_nobody_agreed_to_debit_pays_nothing(v1):
    who = customer(v1, None)
    attached = v1.payment_methods.attach("pm_success_de", {"customer": who.id})
    error = refused(v1.invoices.pay, open_bill(v1, who).id, {"payment_method": attached.id})
    assert (error.http_status, error.code) == (400, "payment_intent_mandate_invalid")


def test_each_kind_of_debit_has_one_currency(v1):
    who = customer(v1, None)
    made = saved(v1, who, "pm_success_de")
    dollars = open_bill(v1, who, "usd")
    error = refused(v1.invoices.pay, dollars.id, {"payment_method": made.payment_method})
    assert (error.http_status, error.code) == (400, "payment_intent_incompatible_payment_method")


def test_a_debit_is_processed_for_days_and_then_pays_the_invoice(v1, local_stripe):
    who = customer(v1, None)
    saved(v1, who, "pm_success_de")
    invoice = open_bill(v1, who)
    before = len(local_stripe.event_types())
    answer = v1.invoices.pay(invoice.id)
    assert (answer.status, answer.attempt_count, answer.amount_remaining) == ("open", 1, 1000)
    intent = the_intent(v1, invoice)
    assert intent.status == "processing"
    charge = v1.charges.retrieve(intent.latest_charge)
    assert (charge.status, charge.paid, charge.payment_method_details.sepa_debit.last4) == ("pending", False, "3000")
    local_stripe.fake("POST", "clock", advance="P4D")
    assert the_intent(v1, invoice).status == "processing"
    local_stripe.fake("POST", "clock", advance="P2D")
    assert (v1.invoices.retrieve(invoice.id).status, the_intent(v1, invoice).status) == ("paid", "succeeded")
    assert v1.charges.retrieve(charge.id).status == "succeeded"
    assert v1.invoices.retrieve(invoice.id).attempt_count == 1
    assert local_stripe.event_types()[before:] == [
        "charge.pending",
        "payment_intent.processing",
        "invoice.updated",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_while_a_debit_is_processed_the_invoice_is_neither_paid_again_nor_void(v1):
    who = customer(v1, None)
    saved(v1, who, "pm_success_de")
    invoice = open_bill(v1, who)
    v1.invoices.pay(invoice.id)
    card = v1.payment_methods.attach("pm_card_visa", {"customer": who.id})
    error = refused(v1.invoices.pay, invoice.id, {"payment_method": card.id})
    assert (error.http_status, error.code) == (400, "payment_intent_unexpected_state")
    assert refused(v1.invoices.void_invoice, invoice.id).http_status == 400
    assert len(v1.charges.list({"customer": who.id}).data) == 1


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_failed_de", "payment_intent_payment_attempt_failed"),
        ("pm_insufficientFunds_de", "insufficient_funds"),
        ("pm_usBankAccount_noAccount", "no_account"),
        ("pm_usBankAccount_accountClosed", "account_closed"),
        ("pm_usBankAccount_debitNotAuthorized", "debit_not_authorized"),
    ],
)
def test_a_debit_the_bank_refuses_leaves_the_invoice_open_with_the_reason(v1, local_stripe, token, code):
    who = customer(v1, None)
    saved(v1, who, token)
    invoice = open_bill(v1, who, "usd" if "usBank" in token else "eur")
    v1.invoices.pay(invoice.id)
    before = len(local_stripe.event_types())
    local_stripe.fake("POST", "clock", advance="P6D")
    intent = the_intent(v1, invoice)
    assert (v1.invoices.retrieve(invoice.id).status, intent.status) == ("open", "requires_payment_method")
    assert intent.last_payment_error.code == code
    assert v1.charges.retrieve(intent.latest_charge).failure_code == code
    told = local_stripe.event_types()[before:]
    assert told[:2] == ["charge.failed", "payment_intent.payment_failed"]
    assert told[-1] == "invoice.payment_failed"
    card = v1.payment_methods.attach("pm_card_visa", {"customer": who.id})
    assert v1.invoices.pay(invoice.id, {"payment_method": card.id}).status == "paid"


def test_a_slow_bank_answers_after_weeks_and_one_never(v1, local_stripe):
    slow, silent = customer(v1, None), customer(v1, None)
    saved(v1, slow, "pm_failedDelayed_de")
    saved(v1, silent, "pm_usBankAccount_processing")
    bills = [open_bill(v1, slow), open_bill(v1, silent, "usd")]
    for one in bills:
        v1.invoices.pay(one.id)
    local_stripe.fake("POST", "clock", advance="P13D")
    assert [the_intent(v1, one).status for one in bills] == ["processing", "processing"]
    local_stripe.fake("POST", "clock", advance="P60D")
    assert [the_intent(v1, one).status for one in bills] == ["requires_payment_method", "processing"]


@pytest.mark.parametrize("token", ["pm_disputed_de", "pm_usBankAccount_dispute"])
def test_a_debit_taken_back_is_a_lost_dispute_and_the_invoice_stays_paid(v1, local_stripe, token):
    who = customer(v1, None)
    saved(v1, who, token)
    invoice = open_bill(v1, who, "usd" if "usBank" in token else "eur")
    v1.invoices.pay(invoice.id)
    local_stripe.fake("POST", "clock", advance="P6D")
    assert v1.invoices.retrieve(invoice.id).status == "paid"
    charge = v1.charges.retrieve(the_intent(v1, invoice).latest_charge)
    found = v1.disputes.list({"charge": charge.id}).data[0]
    assert (charge.disputed, found.status, found.amount, found.is_charge_refundable) == (True, "lost", 1000, False)
    told = ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"]
    assert local_stripe.event_types()[-3:] == told


def test_a_renewal_by_debit_stays_active_while_it_is_processed_and_is_past_due_when_it_fails(v1, local_stripe):
    who = customer(v1, None)
    saved(v1, who, "pm_success_de")
    item = subscribed(v1, who)
    assert item.status == "active"
    local_stripe.fake("POST", "clock", advance="P6D")
    assert v1.invoices.retrieve(item.latest_invoice).status == "paid"
    poor = saved(v1, who, "pm_insufficientFunds_de")
    v1.subscriptions.update(item.id, {"default_payment_method": poor.payment_method})
    local_stripe.fake("POST", "clock", advance="P27D")
    now = v1.subscriptions.retrieve(item.id, {"expand": ["latest_invoice"]})
    assert (now.status, now.latest_invoice.status, now.latest_invoice.next_payment_attempt) == ("active", "open", None)
    assert the_intent(v1, now.latest_invoice).status == "processing"
    while now.status == "active":
        local_stripe.fake("POST", "clock", advance="PT12H")
        now = v1.subscriptions.retrieve(item.id, {"expand": ["latest_invoice"]})
    assert (now.status, now.latest_invoice.attempt_count) == ("past_due", 1)
    assert now.latest_invoice.next_payment_attempt


def test_a_new_subscription_begins_before_its_first_debit_and_keeps_on_when_that_fails(v1, local_stripe):
    who = customer(v1, None)
    saved(v1, who, "pm_failed_de")
    item = subscribed(v1, who)
    assert item.status == "active"
    local_stripe.fake("POST", "clock", advance="P6D")
    now = v1.subscriptions.retrieve(item.id, {"expand": ["latest_invoice"]})
    assert (now.status, now.latest_invoice.status) == ("active", "void")


def test_a_bare_intent_takes_the_mandate_with_its_confirmation(v1, local_stripe):
    who = customer(v1, None)
    made = v1.payment_intents.create(
        {
            "amount": 1000,
            "currency": "eur",
            "customer": who.id,
            "payment_method": "pm_success_de",
            "payment_method_types": ["sepa_debit"],
            "confirm": True,
            "mandate_data": ACCEPTED,
        }
    )
    assert made.status == "processing"
    assert v1.charges.retrieve(made.latest_charge).payment_method_details.sepa_debit.mandate
    local_stripe.fake("POST", "clock", advance="P6D")
    assert v1.payment_intents.retrieve(made.id).status == "succeeded"
    refund = v1.refunds.create({"payment_intent": made.id})
    assert refund.destination_details.type == "sepa_debit"
