"""Checkout sessions: what they sell, what paying leaves behind, how they are found."""

from __future__ import annotations

import pytest
import requests

from tests.contracts.stripe.billing import customer, rate, refused

PACK = {"price_data": {"currency": "gbp", "unit_amount": 3900, "product_data": {"name": "Travel Preset Pack"}}}
LINES = {"expand": ["line_items.data.taxes"]}


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


def session(v1, *lines, **given):
    """A page that sells these lines, or one preset pack."""
    return v1.checkout.sessions.create({"mode": "payment", "line_items": list(lines or [PACK]), **given})


def test_paying_without_a_customer_makes_a_charge_that_names_the_buyer_by_address_only(v1, local_stripe):
    opened = session(v1)
    assert (opened.status, opened.payment_status, opened.payment_intent) == ("open", "unpaid", None)
    before = len(local_stripe.event_types())
    local_stripe.fake("POST", f"checkout/{opened.id}", email="Gwen@Mail.example", name="Gwen Hale")
    done = v1.checkout.sessions.retrieve(opened.id)
    assert (done.status, done.payment_status, done.customer, done.url) == ("complete", "paid", None, None)
    assert (done.customer_details.email, done.customer_details.name) == ("Gwen@Mail.example", "Gwen Hale")
    intent = v1.payment_intents.retrieve(done.payment_intent, {"expand": ["latest_charge"]})
    charge = intent.latest_charge
    assert (charge.status, charge.amount, charge.customer, charge.receipt_email) == ("succeeded", 3900, None, None)
    assert (charge.billing_details.email, charge.billing_details.name) == ("Gwen@Mail.example", "Gwen Hale")
    assert local_stripe.event_types()[before:] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_declined_card_leaves_the_page_open_and_the_next_pays_the_same_intent(v1, local_stripe):
    opened = session(v1)
    body = {"email": "gwen@mail.example", "card": "pm_card_visa_chargeDeclined"}
    answer = requests.post(f"{local_stripe.url}/_fake/checkout/{opened.id}", json=body, timeout=9)
    assert answer.status_code == 402
    declined = v1.checkout.sessions.retrieve(opened.id)
    assert (declined.status, declined.payment_status) == ("open", "unpaid")
    local_stripe.fake("POST", f"checkout/{opened.id}", email="gwen@mail.example")
    done = v1.checkout.sessions.retrieve(opened.id)
    assert (done.status, done.payment_intent) == ("complete", declined.payment_intent)
    tries = v1.charges.list({"payment_intent": done.payment_intent}).data
    assert [one.status for one in tries] == ["succeeded", "failed"]


def test_a_customer_is_made_only_when_the_session_says_so_and_a_given_one_keeps_its_address(v1, local_stripe):
    made = session(v1, customer_creation="always")
    local_stripe.fake("POST", f"checkout/{made.id}", email="gwen@mail.example", name="Gwen")
    made = v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge"]})
    assert made.payment_intent.latest_charge.customer == made.customer
    assert v1.customers.retrieve(made.customer).email == "gwen@mail.example"
    ada = customer(v1)
    hers = session(v1, customer=ada.id)
    local_stripe.fake("POST", f"checkout/{hers.id}", email="somebody@else.example")
    hers = v1.checkout.sessions.retrieve(hers.id)
    assert (hers.customer, hers.customer_details.email) == (ada.id, "ada@example.com")


def test_line_items_come_when_asked_for_with_the_taxes_of_each(v1):
    vat, sales = rate(v1, 20, inclusive=True), rate(v1, 5)
    inside, on_top = {**PACK, "quantity": 2, "tax_rates": [vat]}, {**PACK, "tax_rates": [sales]}
    made = session(v1, inside, on_top)
    assert "line_items" not in made
    assert (made.amount_subtotal, made.amount_total, made.total_details.amount_tax) == (11700, 11895, 1495)
    lines = v1.checkout.sessions.retrieve(made.id, LINES).line_items.data
    assert [(one.description, one.quantity, one.price.unit_amount) for one in lines] == [
        ("Travel Preset Pack", 2, 3900),
        ("Travel Preset Pack", 1, 3900),
    ]
    assert [(one.amount_subtotal, one.amount_tax, one.amount_total) for one in lines] == [
        (7800, 1300, 7800),
        (3900, 195, 4095),
    ]
    assert [(tax.amount, tax.rate.percentage, tax.taxable_amount) for one in lines for tax in one.taxes] == [
        (1300, 20.0, 6500),
        (195, 5.0, 3900),
    ]


def test_a_session_shows_its_first_lines_and_all_of_them_are_listed_in_order(v1):
    made = session(v1, *[{**PACK, "quantity": n} for n in range(1, 14)])
    shown = v1.checkout.sessions.retrieve(made.id, LINES).line_items
    assert ([one.quantity for one in shown.data], shown.has_more) == (list(range(1, 11)), True)
    listed = v1.checkout.sessions.line_items.list(made.id, {"limit": 5}).auto_paging_iter()
    assert [one.quantity for one in listed] == list(range(1, 14))


def test_sessions_are_found_by_the_buyers_exact_address_by_intent_customer_and_status(v1, local_stripe):
    old, new, other, waiting = session(v1), session(v1), session(v1), session(v1)
    for one, email in ((old, "gwen@mail.example"), (new, "gwen@mail.example"), (other, "Gwen@mail.example")):
        local_stripe.fake("POST", f"checkout/{one.id}", email=email)
    hers = session(v1, customer=customer(v1).id)

    def found(**by):
        return [one.id for one in v1.checkout.sessions.list(by).auto_paging_iter()]

    assert found(customer_details={"email": "gwen@mail.example"}) == [new.id, old.id]
    assert found(customer_details={"email": "nobody@mail.example"}) == []
    assert found(payment_intent=v1.checkout.sessions.retrieve(old.id).payment_intent) == [old.id]
    assert found(customer=hers.customer) == [hers.id]
    assert found(status="complete", limit=1) == [other.id, new.id, old.id]
    assert found(status="open") == [hers.id, waiting.id]


def test_nothing_to_pay_completes_without_a_payment(v1, local_stripe):
    free = {**PACK, "price_data": {**PACK["price_data"], "unit_amount": 0}}
    opened = session(v1, free)
    local_stripe.fake("POST", f"checkout/{opened.id}", email="gwen@mail.example")
    done = v1.checkout.sessions.retrieve(opened.id)
    assert (done.status, done.payment_status, done.payment_intent) == ("complete", "no_payment_required", None)


@pytest.mark.parametrize(("bank", "ends"), [("pm_success_de", "succeeded"), ("pm_failed_de", "failed")])
def test_a_bank_debit_completes_the_session_unpaid_and_days_later_it_hears_what_came_of_it(
    v1, local_stripe, bank, ends
):
    opened = session(v1, {"price_data": {**PACK["price_data"], "currency": "eur"}})
    before = len(local_stripe.event_types())
    local_stripe.fake("POST", f"checkout/{opened.id}", email="gwen@mail.example", name="Gwen", card=bank)
    done = v1.checkout.sessions.retrieve(opened.id)
    assert (done.status, done.payment_status) == ("complete", "unpaid")
    assert v1.charges.list({"payment_intent": done.payment_intent}).data[0].status == "pending"
    assert local_stripe.event_types()[before:] == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
    ]
    local_stripe.fake("POST", "clock", advance="P20D")
    assert v1.charges.list({"payment_intent": done.payment_intent}).data[0].status == ends
    assert v1.checkout.sessions.retrieve(opened.id).payment_status == ("paid" if ends == "succeeded" else "unpaid")
    assert local_stripe.event_types()[-1] == f"checkout.session.async_payment_{ends}"


def test_a_session_nobody_paid_expires_after_a_day(v1, local_stripe):
    opened = session(v1)
    local_stripe.fake("POST", "clock", advance="P2D")
    assert v1.checkout.sessions.retrieve(opened.id).status == "expired"
    assert local_stripe.event_types()[-1] == "checkout.session.expired"


def test_a_charge_of_no_customer_is_given_back_as_any_other(v1, local_stripe):
    opened = session(v1)
    local_stripe.fake("POST", f"checkout/{opened.id}", email="gwen@mail.example")
    intent = v1.checkout.sessions.retrieve(opened.id).payment_intent
    v1.refunds.create({"payment_intent": intent, "amount": 900})
    assert local_stripe.event_types()[-1] == "charge.refunded"
    charge = v1.charges.list({"payment_intent": intent, "expand": ["data.refunds"]}).data[0]
    assert (charge.amount_refunded, [one.amount for one in charge.refunds.data]) == (900, [900])


def test_what_cannot_be_sold_once_is_refused(v1):
    monthly = v1.prices.create(
        {"currency": "gbp", "unit_amount": 900, "product_data": {"name": "Club"}, "recurring": {"interval": "month"}}
    )
    assert "recurring" in refused(session, v1, {"price": monthly.id, "quantity": 1}).user_message
    euros = {"price_data": {**PACK["price_data"], "currency": "eur"}}
    assert refused(session, v1, PACK, euros).http_status == 400
    assert refused(session, v1, {"price": "price_x"}).param == "line_items[0][price]"
    assert refused(session, v1, {**PACK, "price": monthly.id}).http_status == 400
    assert refused(v1.checkout.sessions.retrieve, "cs_x").http_status == 404
