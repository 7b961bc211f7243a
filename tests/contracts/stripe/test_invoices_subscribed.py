"""Invoices of subscriptions, as far as money goes: whose they are, which card pays, what comes next."""

from __future__ import annotations

import pytest

from tests.contracts.stripe.billing import customer, rate, refused


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def ada(v1):
    """A customer with a good card."""
    return customer(v1)


@pytest.fixture
def monthly(v1):
    """A price of 12 pounds a month."""
    given = {"currency": "gbp", "unit_amount": 1200, "recurring": {"interval": "month"}}
    return v1.prices.create({**given, "product_data": {"name": "Pro"}})


def subscribe(v1, who, price, **given):
    """A subscription to one price."""
    return v1.subscriptions.create({"customer": who.id, "items": [{"price": price.id}], **given})


def latest(v1, subscription):
    """Its latest invoice with the payment intent behind it."""
    expand = {"expand": ["payments.data.payment.payment_intent"]}
    return v1.invoices.retrieve(v1.subscriptions.retrieve(subscription.id).latest_invoice, expand)


def test_an_invoice_names_its_subscription_and_each_line_its_item_and_price(v1, ada, monthly):
    made = subscribe(v1, ada, monthly, metadata={"plan": "a"}, default_tax_rates=[rate(v1, 20)])
    invoice = latest(v1, made)
    assert (invoice.billing_reason, invoice.status, invoice.total) == ("subscription_create", "paid", 1440)
    details = invoice.parent.subscription_details
    assert (details.subscription, details.metadata.to_dict()) == (made.id, {"plan": "a"})
    line = invoice.lines.data[0]
    assert line.parent.subscription_item_details.subscription_item == made["items"].data[0].id
    assert (line.parent.subscription_item_details.subscription, line.subscription) == (made.id, made.id)
    assert (line.pricing.price_details.price, line.pricing.price_details.product) == (monthly.id, monthly.product)
    assert line.period.end == made["items"].data[0].current_period_end
    assert [one.id for one in v1.invoices.list({"subscription": made.id}).data] == [invoice.id]


def test_the_subscriptions_card_is_charged_before_the_customers(v1, ada, monthly):
    own = v1.payment_methods.attach("pm_card_mastercard", {"customer": ada.id})
    invoice = latest(v1, subscribe(v1, ada, monthly, default_payment_method=own.id))
    charge = v1.charges.retrieve(invoice.payments.data[0].payment.payment_intent.latest_charge)
    assert charge.payment_method == own.id


def test_a_card_that_passed_3d_secure_at_the_start_is_not_asked_at_renewals(v1, monthly, local_stripe):
    bob = customer(v1, "pm_card_authenticationRequiredOnSetup")
    made = subscribe(v1, bob, monthly)
    assert made.status == "incomplete"
    intent = latest(v1, made).payments.data[0].payment.payment_intent
    local_stripe.fake("POST", f"challenges/{intent.id}", outcome="complete")
    assert v1.subscriptions.retrieve(made.id).status == "active"
    local_stripe.fake("POST", "clock", advance="P32D")
    assert [one.status for one in v1.invoices.list({"subscription": made.id}).data] == ["paid", "paid"]


def test_a_waiting_item_goes_on_the_next_invoice_before_the_subscriptions_lines(v1, ada, monthly, local_stripe):
    made = subscribe(v1, ada, monthly)
    v1.invoice_items.create({"customer": ada.id, "amount": 300, "currency": "gbp", "description": "Extra"})
    preview = v1.invoices.create_preview({"subscription": made.id})
    assert [line.amount for line in preview.lines.data] == [300, 1200]
    assert (preview.amount_due, preview.billing_reason) == (1500, "upcoming")
    local_stripe.fake("POST", "clock", advance="P32D")
    invoice = latest(v1, made)
    assert invoice.lines.data[0].description == "Extra"
    assert (invoice.total, invoice.status) == (1500, "paid")


def test_an_item_for_another_subscription_stays_off_the_invoice(v1, ada, monthly, local_stripe):
    made, other = subscribe(v1, ada, monthly), subscribe(v1, ada, monthly)
    item = {"customer": ada.id, "subscription": other.id, "amount": 300, "currency": "gbp"}
    v1.invoice_items.create(item)
    assert v1.invoices.create_preview({"subscription": made.id}).total == 1200
    assert v1.invoices.create_preview({"subscription": other.id}).total == 1500


def test_there_is_no_preview_of_an_ended_or_foreign_subscription(v1, ada, monthly):
    made = subscribe(v1, ada, monthly)
    foreign = {"subscription": made.id, "customer": customer(v1).id}
    assert refused(v1.invoices.create_preview, foreign).http_status == 400
    v1.subscriptions.cancel(made.id)
    error = refused(v1.invoices.create_preview, {"subscription": made.id})
    assert (error.http_status, error.code) == (404, "invoice_upcoming_none")


def test_a_first_invoice_given_up_elsewhere_takes_the_subscription_along(v1, ada, monthly):
    made = subscribe(v1, customer(v1, "pm_card_chargeCustomerFail"), monthly)
    assert made.status == "incomplete"
    v1.invoices.void_invoice(made.latest_invoice)
    assert v1.subscriptions.retrieve(made.id).status == "incomplete_expired"
