"""What guests bought, out of Stripe's JSON: whose it is, what it is called, what the receipt can say."""

import pytest

from chalicelib.billing.facts_bill import Bill, DiscountAmount, TaxAmount
from chalicelib.billing.facts_price import TaxRate
from chalicelib.billing.translate_checkout import guest_order, session_order
from chalicelib.receipts.from_bill import from_bill
from chalicelib.receipts.receipt import MerchantBlock
from tests.unit.billing import samples

NOBODY = {"name": None, "email": None, "address": None}
FREE = {"amount_subtotal": 0, "amount_total": 0, "payment_intent": None, "payment_status": "no_payment_required"}


def a_charge(**changes):
    return samples.charge(**({"customer": None, "description": None} | changes))


def made(charge, session=None) -> Bill:
    bill = guest_order(charge, session)
    assert bill is not None
    return bill


def test_an_order_is_named_after_what_was_sold_and_belongs_to_the_address_given_at_checkout():
    bill = made(a_charge(), samples.session())
    assert (bill.id, bill.holder, bill.title, bill.total) == ("ch_1", "guest:gwen@mail.example", "Fine Art Print", 2400)
    assert [(line.description, line.quantity, line.unit_amount, line.amount) for line in bill.lines] == [
        ("Fine Art Print", 2, 1200, 2400)
    ]
    assert bill.taxes == (TaxAmount(TaxRate("VAT", "20", inclusive=True), 400, 2000),)
    assert (bill.bill_to.name, bill.bill_to.email, bill.bill_to.address) == ("Gwen Hale", "Gwen@Mail.example", ("GB",))


@pytest.mark.parametrize("address", ["gwen@mail.example", "GWEN@MAIL.EXAMPLE", " Gwen@Mail.example "])
def test_every_spelling_of_an_address_is_one_guest(address):
    bill = made(a_charge(billing_details={**NOBODY, "email": address}))
    assert bill.holder == "guest:gwen@mail.example"


def test_without_a_session_the_billing_address_counts_and_then_that_of_the_receipt():
    billed = {**NOBODY, "email": "billed@mail.example"}
    both = made(a_charge(billing_details=billed, receipt_email="receipt@mail.example"))
    assert (both.holder, both.title) == ("guest:billed@mail.example", "Payment")
    one = made(a_charge(billing_details=NOBODY, receipt_email="receipt@mail.example"))
    assert (one.holder, one.bill_to.email) == ("guest:receipt@mail.example", "receipt@mail.example")


@pytest.mark.parametrize("address", ["", None, "gwen", "gwen@mail", "a@b@mail.example"])
def test_what_names_nobody_is_nobodys(address):
    assert guest_order(a_charge(billing_details={**NOBODY, "email": address})) is None


def test_a_charge_or_session_with_a_customer_is_never_a_guests():
    assert guest_order(a_charge(customer="cus_1"), samples.session()) is None
    assert guest_order(a_charge(), samples.session(customer="cus_1")) is None
    assert session_order(samples.session(customer="cus_1", payment_intent={"latest_charge": a_charge()})) is None
    assert session_order(samples.session(customer="cus_1", **FREE)) is None


def test_the_list_and_the_single_reading_give_the_same_order():
    charge = a_charge()
    listed = session_order(samples.session(payment_intent={"id": "pi_1", "latest_charge": charge}))
    assert listed == guest_order(charge, samples.session())


def test_only_completed_purchases_are_orders():
    paid = {"payment_intent": {"id": "pi_1", "latest_charge": a_charge()}}
    for changes in ({"mode": "subscription"}, {"mode": "setup"}, {"status": "open"}, {"status": "expired"}):
        assert session_order(samples.session(**paid, **changes)) is None
    assert session_order(samples.session(payment_intent=None)) is None


def test_a_free_order_has_a_document_of_its_own():
    line = samples.session_line(amount_subtotal=0, amount_total=0, amount_tax=0, taxes=[], quantity=1)
    bill = session_order(samples.session(**FREE, line_items=samples.list_of(line)))
    assert bill is not None
    assert (bill.id, bill.status, bill.total, bill.payments) == ("cs_test_1", "paid", 0, ())
    receipt = from_bill(bill, 1, MerchantBlock("Northlight Studio"))
    assert (receipt.amount_paid, receipt.lines[0].description) == (0, "Fine Art Print")


def test_several_lines_taxes_a_discount_and_shipping_add_up_on_the_receipt():
    lines = [
        samples.session_line(amount_discount=400, amount_total=2000),
        samples.session_line(id="li_2", description="Harbour Light", amount_subtotal=1200, quantity=1),
    ]
    sold = samples.session(
        line_items=samples.list_of(*lines),
        amount_subtotal=3600,
        amount_total=3700,
        shipping_cost={"amount_subtotal": 500, "amount_tax": 0, "amount_total": 500},
        total_details={"amount_discount": 400, "amount_shipping": 500, "amount_tax": 800},
    )
    bill = made(a_charge(amount=3700, amount_captured=3700), sold)
    assert (bill.title, bill.shipping) == ("Fine Art Print and Harbour Light", 500)
    assert bill.discounts == (DiscountAmount("Discount", 400),)
    assert [(tax.amount, tax.taxable) for tax in bill.taxes] == [(800, 4000)]
    receipt = from_bill(bill, 1, MerchantBlock("Northlight Studio"))
    assert (receipt.subtotal, receipt.total, receipt.amount_paid) == (4100, 3700, 3700)
    assert [(line.quantity, line.unit_amount) for line in receipt.lines][:2] == [(2, 1200), (1, 1200)]


def test_where_something_else_was_charged_than_the_session_says_only_its_names_are_taken():
    bill = made(a_charge(amount_captured=2000), samples.session())
    assert (bill.title, bill.total, bill.taxes) == ("Fine Art Print", 2000, ())
    assert [(line.description, line.amount) for line in bill.lines] == [("Fine Art Print", 2000)]
    yen = made(a_charge(currency="jpy"), samples.session())
    assert (yen.currency, yen.taxes) == ("jpy", ())


def test_a_delayed_payment_is_on_its_way_and_a_declined_one_nothing():
    assert made(a_charge(status="pending", captured=False)).payments[0].status == "processing"
    assert made(samples.declined_charge(customer=None)).status == "open"
