"""What invoices come to: tax, discounts, balance, currencies."""

from __future__ import annotations

import pytest

from tests.contracts.stripe.billing import bill, customer, draft, rate, refused


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def ada(v1):
    """A customer with a good card."""
    return customer(v1)


def sums(invoice):
    """Subtotal, total, total without tax, due."""
    return invoice.subtotal, invoice.total, invoice.total_excluding_tax, invoice.amount_due


def test_tax_on_top_is_rounded_half_up_for_each_line(v1, ada):
    invoice = draft(v1, ada, 125, 125, default_tax_rates=[rate(v1, 10)])
    assert [line.taxes[0].amount for line in invoice.lines.data] == [13, 13]
    assert sums(invoice) == (250, 276, 250, 276)
    assert [(tax.amount, tax.taxable_amount) for tax in invoice.total_taxes] == [(26, 250)]
    assert invoice.total_taxes[0].tax_behavior == "exclusive"
    assert invoice.default_tax_rates[0].percentage == 10.0


def test_tax_contained_in_the_price_leaves_the_total(v1, ada):
    invoice = draft(v1, ada, 1200, default_tax_rates=[rate(v1, 20, inclusive=True)])
    assert sums(invoice) == (1200, 1200, 1000, 1200)
    assert invoice.subtotal_excluding_tax == 1000
    assert (invoice.total_taxes[0].amount, invoice.total_taxes[0].taxable_amount) == (200, 1000)


def test_two_rates_are_worked_out_each_on_the_same_base(v1, ada):
    gst, pst = rate(v1, 5), rate(v1, 9.975)
    invoice = draft(v1, ada, {"amount": 1050, "tax_rates": [gst, pst]})
    assert [tax.amount for tax in invoice.lines.data[0].taxes] == [53, 105]
    assert invoice.total == 1050 + 53 + 105
    assert {tax.tax_rate_details.tax_rate: tax.amount for tax in invoice.total_taxes} == {gst: 53, pst: 105}


def test_an_exclusive_rate_is_on_top_of_what_an_inclusive_one_leaves(v1, ada):
    invoice = draft(v1, ada, {"amount": 1200, "tax_rates": [rate(v1, 20, inclusive=True), rate(v1, 10)]})
    assert [tax.amount for tax in invoice.lines.data[0].taxes] == [200, 100]
    assert sums(invoice) == (1200, 1300, 1000, 1300)


def test_a_lines_own_rate_takes_the_place_of_the_default(v1, ada):
    invoice = draft(v1, ada, 1000, {"amount": 1000, "tax_rates": [rate(v1, 5)]}, default_tax_rates=[rate(v1, 20)])
    assert [line.taxes[0].amount for line in invoice.lines.data] == [200, 50]


@pytest.mark.parametrize(("status", "reason"), [("exempt", "customer_exempt"), ("reverse", "reverse_charge")])
def test_customers_exempt_from_tax_pay_none_and_the_invoice_says_why(v1, status, reason):
    invoice = draft(v1, customer(v1, tax_exempt=status), 1000, default_tax_rates=[rate(v1, 20)])
    assert (invoice.total, invoice.customer_tax_exempt) == (1000, status)
    assert [(tax.amount, tax.taxability_reason) for tax in invoice.total_taxes] == [(0, reason)]


def test_tax_rates_can_be_expanded(v1, ada):
    vat = rate(v1, 20)
    draft(v1, ada, 1000, default_tax_rates=[vat])
    paths = ["data.total_taxes.tax_rate_details.tax_rate"]
    invoice = v1.invoices.list({"customer": ada.id, "expand": paths}).data[0]
    assert invoice.total_taxes[0].tax_rate_details.tax_rate.percentage == 20.0
    assert invoice.lines.data[0].taxes[0].tax_rate_details.tax_rate == vat


def test_tax_is_on_what_the_discount_leaves(v1, ada):
    coupon = v1.coupons.create({"percent_off": 25, "name": "Spring"})
    invoice = draft(v1, ada, 1000, discounts=[{"coupon": coupon.id}], default_tax_rates=[rate(v1, 20)])
    assert sums(invoice) == (1000, 900, 750, 900)
    assert invoice.lines.data[0].amount == 1000
    assert [entry.amount for entry in invoice.total_discount_amounts] == [250]
    expanded = v1.invoices.retrieve(invoice.id, {"expand": ["total_discount_amounts.discount.source.coupon"]})
    assert expanded.total_discount_amounts[0].discount.source.coupon.name == "Spring"
    assert v1.coupons.retrieve(coupon.id).times_redeemed == 1


def test_a_discount_is_shared_out_over_the_lines_to_the_last_penny(v1, ada):
    coupon = v1.coupons.create({"amount_off": 100, "currency": "gbp"})
    invoice = draft(v1, ada, 333, 333, 333, discounts=[{"coupon": coupon.id}])
    assert sorted(line.discount_amounts[0].amount for line in invoice.lines.data) == [33, 33, 34]
    assert invoice.total == 899


def test_an_amount_off_never_takes_more_than_there_is(v1, ada):
    coupon = v1.coupons.create({"amount_off": 5000, "currency": "gbp"})
    invoice = bill(v1, ada, 1200, discounts=[{"coupon": coupon.id}])
    assert (invoice.total, invoice.status, invoice.payments.data) == (0, "paid", [])


def test_a_lines_discount_comes_before_the_invoices_and_is_in_the_subtotal(v1, ada):
    tenth, half = v1.coupons.create({"percent_off": 10}), v1.coupons.create({"percent_off": 50})
    line = {"amount": 1000, "discounts": [{"coupon": tenth.id}]}
    invoice = draft(v1, ada, line, discounts=[{"coupon": half.id}])
    assert [entry.amount for entry in invoice.lines.data[0].discount_amounts] == [100, 450]
    assert (invoice.subtotal, invoice.total) == (900, 450)


def test_several_discounts_apply_in_their_order_each_on_the_rest(v1, ada):
    half, fixed = v1.coupons.create({"percent_off": 50}), v1.coupons.create({"amount_off": 100, "currency": "gbp"})
    first_half = draft(v1, ada, 1000, discounts=[{"coupon": half.id}, {"coupon": fixed.id}])
    first_fixed = draft(v1, ada, 1000, discounts=[{"coupon": fixed.id}, {"coupon": half.id}])
    assert (first_half.total, first_fixed.total) == (400, 450)


def test_a_coupon_for_one_product_leaves_the_others_alone(v1, ada):
    book = v1.prices.create({"currency": "gbp", "unit_amount": 1000, "product_data": {"name": "Book"}})
    pen = v1.prices.create({"currency": "gbp", "unit_amount": 200, "product_data": {"name": "Pen"}})
    coupon = v1.coupons.create({"percent_off": 50, "applies_to": {"products": [book.product]}})
    lines = [{"pricing": {"price": one.id}} for one in (book, pen)]
    invoice = draft(v1, ada, *lines, discounts=[{"coupon": coupon.id}])
    assert [(line.description, len(line.discount_amounts)) for line in invoice.lines.data] == [("Book", 1), ("Pen", 0)]
    assert invoice.total == 700


def test_what_is_not_discountable_is_not_discounted(v1, ada):
    coupon = v1.coupons.create({"percent_off": 50})
    invoice = draft(v1, ada, {"amount": 1000, "discountable": False}, 1000, discounts=[{"coupon": coupon.id}])
    assert invoice.total == 1500


def test_a_deleted_coupon_goes_on_for_what_it_was_given_to(v1, ada):
    coupon = v1.coupons.create({"percent_off": 50})
    invoice = draft(v1, ada, 1000, discounts=[{"coupon": coupon.id}])
    v1.coupons.delete(coupon.id)
    assert v1.invoices.finalize_invoice(invoice.id).total == 500


def test_a_coupon_in_another_currency_is_refused(v1, ada):
    coupon = v1.coupons.create({"amount_off": 100, "currency": "eur"})
    given = {"customer": ada.id, "currency": "gbp", "discounts": [{"coupon": coupon.id}]}
    error = refused(v1.invoices.create, given)
    assert (error.http_status, error.param) == (400, "discounts[0][coupon]")


def test_credit_on_the_customers_balance_is_used_when_the_invoice_is_final(v1):
    ada = customer(v1, balance=-300)
    made = draft(v1, ada, 1000)
    assert (made.starting_balance, made.ending_balance, made.amount_due) == (-300, None, 700)
    invoice = v1.invoices.finalize_invoice(made.id)
    assert (invoice.total, invoice.amount_due, invoice.starting_balance, invoice.ending_balance) == (1000, 700, -300, 0)
    assert v1.customers.retrieve(ada.id).balance == 0


def test_an_invoice_that_credit_covers_is_paid_without_a_card(v1):
    ada = customer(v1, card=None, balance=-1500)
    invoice = bill(v1, ada, 1000)
    assert (invoice.status, invoice.amount_due, invoice.amount_paid, invoice.ending_balance) == ("paid", 0, 0, -500)
    assert invoice.attempted
    assert v1.customers.retrieve(ada.id).balance == -500


def test_debt_on_the_balance_is_collected_with_the_next_invoice(v1):
    invoice = bill(v1, customer(v1, balance=200), 1000)
    assert (invoice.total, invoice.amount_due, invoice.ending_balance) == (1000, 1200, 0)


def test_less_than_the_least_charge_becomes_debt_on_the_balance(v1, ada):
    invoice = bill(v1, ada, 29)
    assert (invoice.total, invoice.amount_due, invoice.ending_balance, invoice.status) == (29, 0, 29, "paid")
    assert v1.customers.retrieve(ada.id).balance == 29


def test_a_negative_invoice_becomes_credit(v1, ada):
    invoice = bill(v1, ada, -700, 200)
    assert (invoice.total, invoice.amount_due, invoice.ending_balance) == (-500, 0, -500)
    assert v1.customers.retrieve(ada.id).balance == -500


def test_yen_have_no_decimals_and_dinars_three(v1):
    yen = bill(v1, customer(v1), 1205, currency="jpy", default_tax_rates=[rate(v1, 10)])
    assert (yen.currency, yen.total) == ("jpy", 1326)
    dinar = bill(v1, customer(v1), 12340, currency="kwd", default_tax_rates=[rate(v1, 5)])
    assert (dinar.currency, dinar.total) == ("kwd", 12957)


def test_a_price_times_a_quantity_is_rounded_once(v1, ada):
    price = v1.prices.create({"currency": "gbp", "unit_amount_decimal": "0.5", "product_data": {"name": "Page"}})
    line = draft(v1, ada, {"pricing": {"price": price.id}, "quantity": 1001}).lines.data[0]
    assert (line.amount, line.quantity) == (501, 1001)
    assert line.pricing.price_details.price == price.id
    assert line.pricing.price_details.product == price.product
    assert str(line.pricing.unit_amount_decimal) == "0.5"


def test_one_invoice_has_one_currency(v1, ada):
    invoice = draft(v1, ada, 1000)
    item = {"customer": ada.id, "invoice": invoice.id, "amount": 5, "currency": "eur"}
    assert refused(v1.invoice_items.create, item).param == "currency"
    assert len(v1.invoices.retrieve(invoice.id).lines.data) == 1


def test_an_invoice_in_another_currency_takes_in_what_waits_in_that_one_only(v1, ada):
    for currency, amount in (("gbp", 500), ("eur", 700)):
        v1.invoice_items.create({"customer": ada.id, "amount": amount, "currency": currency})
    euros = draft(v1, ada, currency="eur", pending_invoice_items_behavior="include")
    assert [line.amount for line in euros.lines.data] == [700]
    assert [item.amount for item in v1.invoice_items.list({"customer": ada.id, "pending": True}).data] == [500]


def test_credit_in_one_currency_is_not_used_in_another(v1):
    ada = customer(v1, balance=-300)
    euros = bill(v1, ada, 1000, currency="eur")
    assert (euros.amount_due, euros.starting_balance, euros.ending_balance) == (1000, 0, 0)
    v1.invoices.void_invoice(euros.id)
    assert v1.customers.retrieve(ada.id).balance == -300
    assert bill(v1, ada, 1000, currency="gbp").amount_due == 700
