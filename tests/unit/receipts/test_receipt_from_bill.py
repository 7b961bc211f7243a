"""From what Stripe says to what the receipt says, through the mirror's bill."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.billing import facts_bill as facts
from chalicelib.billing.translate_bill import charge_bill, invoice_bill
from chalicelib.errors import NotFound
from chalicelib.receipts.from_bill import from_bill, merchant_block, number_of
from chalicelib.receipts.pdf import draw
from chalicelib.receipts.receipt import Discount, Receipt, Refund, Status, Tax
from chalicelib.settings.merchant import Brand, Company, Settings
from tests.unit.receipts.receipt_examples import DAY, MONTH, NOON, NORTHLIGHT, words

RATE = {"id": "txr_20", "object": "tax_rate", "display_name": "VAT", "percentage": 20.0, "inclusive": False}


def a_charge(**changes: Any) -> dict[str, Any]:
    """A card charge as the API returns it in version 2026-10-28.endive, as far as receipts read it."""
    usual: dict[str, Any] = {
        "id": "ch_3QaXyzLkdIwHu7ix0snN0B15",
        "object": "charge",
        "amount": 4900,
        "amount_captured": 4900,
        "amount_refunded": 0,
        "captured": True,
        "created": NOON,
        "currency": "usd",
        "customer": "cus_1",
        "description": "Portrait session",
        "billing_details": {
            "name": "Ada Marlowe",
            "email": "ada@marlowe.example",
            "address": {
                "line1": "48 Quay Street", "line2": None, "city": "Portland", "state": "OR",
                "postal_code": "97205", "country": "US",
            },
        },
        "payment_intent": "pi_1",
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
        "status": "succeeded",
    }  # fmt: skip
    return usual | changes


def a_line(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": "il_1",
        "object": "line_item",
        "amount": 5000,
        "description": "2 × Studio Membership (at $25.00 / month)",
        "discount_amounts": [{"amount": 1000, "discount": "di_1"}],
        "period": {"start": MONTH[0], "end": MONTH[1]},
        "pricing": {
            "type": "price_details",
            "unit_amount_decimal": "2500",
            "price_details": {"price": "price_1", "product": "prod_1"},
        },
        "quantity": 2,
    }
    return usual | changes


def an_invoice(**changes: Any) -> dict[str, Any]:
    """$50.00 less $10.00, 20% tax on it, $5.00 of credit used, $43.00 paid by card."""
    usual: dict[str, Any] = {
        "id": "in_1",
        "object": "invoice",
        "number": "NL-0042",
        "status": "paid",
        "currency": "usd",
        "customer": "cus_1",
        "created": NOON - 60,
        "customer_name": "Ada Marlowe",
        "customer_email": "ada@marlowe.example",
        "customer_address": {"line1": "1 Rue du Port", "city": "Nantes", "postal_code": "44000", "country": "FR"},
        "customer_tax_ids": [{"type": "eu_vat", "value": "FR12345678901"}],
        "custom_fields": [{"name": "Purchase order", "value": "PO-7"}],
        "default_tax_rates": [RATE],
        "description": "Thank you.",
        "lines": {"object": "list", "data": [a_line()], "has_more": False},
        "subtotal": 5000,
        "discounts": [{"id": "di_1", "source": {"coupon": {"id": "WELCOME", "name": "Welcome back"}}}],
        "total_discount_amounts": [{"amount": 1000, "discount": "di_1"}],
        "total_taxes": [
            {
                "amount": 800,
                "tax_behavior": "exclusive",
                "tax_rate_details": {"tax_rate": "txr_20"},
                "taxability_reason": "standard_rated",
                "taxable_amount": 4000,
                "type": "tax_rate_details",
            }
        ],
        "total": 4800,
        "starting_balance": -500,
        "ending_balance": 0,
        "amount_due": 4300,
        "amount_paid": 4300,
        "amount_remaining": 0,
        "status_transitions": {"paid_at": NOON, "finalized_at": NOON - 60},
        "payments": {"object": "list", "data": [an_invoice_payment(4300)]},
    }
    return usual | changes


def an_invoice_payment(paid: int, intent: str = "pi_1", when: int = NOON) -> dict[str, Any]:
    return {
        "id": f"inpay_{intent}",
        "object": "invoice_payment",
        "amount_paid": paid,
        "amount_requested": paid,
        "created": when,
        "payment": {"type": "payment_intent", "payment_intent": intent},
        "status": "paid",
        "status_transitions": {"paid_at": when},
    }


def receipt_of(invoice: dict[str, Any], *charges: dict[str, Any], ordinal: int = 1) -> Receipt:
    return from_bill(invoice_bill(invoice, charges), ordinal, NORTHLIGHT)


def test_a_paid_invoice_gives_its_whole_story():
    receipt = receipt_of(an_invoice(), a_charge(amount=4300, amount_captured=4300))
    assert receipt.number == "NL-0042"
    assert receipt.status is Status.PAID
    assert (receipt.subtotal, receipt.total, receipt.balance_applied, receipt.amount_paid) == (5000, 4800, 500, 4300)
    assert (receipt.credit_notes, receipt.paid_otherwise, receipt.still_due) == (0, 0, 0)
    assert receipt.discounts == (Discount("Welcome back", 1000),)
    assert receipt.taxes == (Tax("VAT", 800, Decimal(20), inclusive=False, taxable_amount=4000),)
    assert receipt.method == "Visa •••• 4242"
    assert (receipt.issued_at, receipt.paid_at) == (NOON, NOON)
    assert receipt.fields == (("Purchase order", "PO-7"),)
    assert receipt.notes == ("Thank you.",)


def test_a_line_has_its_period_quantity_unit_price_and_discount():
    (line,) = receipt_of(an_invoice(), a_charge()).lines
    assert (line.quantity, line.unit_amount, line.amount, line.period) == (Decimal(2), Decimal(2500), 5000, MONTH)
    assert [discount.amount for discount in line.discounts] == [1000]


def test_a_unit_price_that_does_not_give_the_amount_is_left_out():
    lines = {"data": [a_line(amount=1234, description="Unused time on Studio Membership after 3 Nov 2026")]}
    (line,) = receipt_of(an_invoice(lines=lines), a_charge()).lines
    assert line.unit_amount is None
    assert line.quantity == Decimal(2)


def test_the_customer_stands_with_country_in_words_and_tax_id():
    customer = receipt_of(an_invoice(), a_charge()).customer
    assert customer.address == ("1 Rue du Port", "44000 Nantes", "France")
    assert customer.tax_ids == ("Tax ID FR12345678901",)


def test_shipping_is_a_line_and_the_subtotal_holds_it():
    receipt = receipt_of(an_invoice(shipping_cost={"amount_subtotal": 700}, total=5500, amount_paid=5000), a_charge())
    assert [(line.description, line.amount) for line in receipt.lines][-1] == ("Shipping", 700)
    assert receipt.subtotal == 5700


def test_where_the_lines_do_not_lead_to_the_total_stripes_subtotal_is_shown():
    assert receipt_of(an_invoice(lines={"data": [a_line(amount=100)]}), a_charge()).subtotal == 5000


def test_each_of_two_payments_has_a_receipt_whose_number_never_changes():
    payments = {"data": [an_invoice_payment(2000, "pi_1"), an_invoice_payment(2300, "pi_2", NOON + DAY)]}
    alone = receipt_of(an_invoice(payments={"data": payments["data"][:1]}, amount_remaining=2300), a_charge())
    charges = [a_charge(), a_charge(id="ch_2", payment_intent="pi_2", created=NOON + DAY)]
    first = receipt_of(an_invoice(payments=payments), *charges)
    second = receipt_of(an_invoice(payments=payments), *charges, ordinal=2)
    assert (alone.number, first.number, second.number) == ("NL-0042", "NL-0042", "NL-0042-2")
    assert (alone.amount_paid, alone.still_due, alone.credit_notes) == (2000, 2300, 0)
    assert (second.amount_paid, second.paid_otherwise, second.still_due) == (2300, 2000, 0)
    assert second.paid_at == NOON + DAY
    for each in (alone, first, second):
        settled = each.amount_paid + each.paid_otherwise
        assert each.total == each.balance_applied + each.credit_notes + settled + each.still_due
        assert each.credit_notes == 0


def test_a_credit_note_before_payment_is_what_the_total_lacks():
    payments = {"data": [an_invoice_payment(4000)]}
    receipt = receipt_of(an_invoice(payments=payments, amount_due=4000, amount_paid=4000), a_charge())
    assert receipt.credit_notes == 300


def test_a_refund_shows_its_day_and_moves_the_day_of_issue():
    refunds = {"data": [{"id": "re_1", "amount": 1000, "created": NOON + DAY, "status": "succeeded"}]}
    receipt = receipt_of(an_invoice(), a_charge(amount_refunded=1000, refunds=refunds))
    assert receipt.status is Status.PARTLY_REFUNDED
    assert receipt.refunds == (Refund(1000, NOON + DAY),)
    assert receipt.issued_at == NOON + DAY


def test_a_refund_of_which_only_the_sum_is_known_names_no_day():
    receipt = receipt_of(an_invoice(), a_charge(amount_refunded=4300))
    assert receipt.status is Status.REFUNDED
    assert receipt.refunds == (Refund(4300, None),)


def test_an_invoice_paid_from_credit_has_a_receipt_without_payment():
    covered = an_invoice(starting_balance=-4800, amount_due=0, amount_paid=0, payments={"data": []})
    receipt = receipt_of(covered)
    assert receipt.status is Status.NO_PAYMENT_DUE
    assert (receipt.amount_paid, receipt.balance_applied, receipt.credit_notes) == (0, 4800, 0)
    assert receipt.paid_at is None
    assert receipt.issued_at == NOON


def test_an_invoice_marked_as_paid_elsewhere_says_so():
    receipt = receipt_of(an_invoice(payments={"data": []}))
    assert receipt.status is Status.PAID_OUTSIDE
    assert receipt.method is None


@pytest.mark.parametrize(("ordinal", "status"), [(2, "paid"), (0, "paid"), (1, "open"), (1, "draft"), (1, "void")])
def test_without_a_payment_there_is_no_receipt(ordinal, status):
    paid = {"data": [an_invoice_payment(4300)]} if status == "paid" else {"data": []}
    with pytest.raises(NotFound):
        receipt_of(an_invoice(status=status, payments=paid), a_charge(), ordinal=ordinal)


def test_reverse_charge_is_said_in_words_and_untaxed_places_are_not_spoken_of():
    reverse = {"amount": 0, "tax_behavior": "exclusive", "taxability_reason": "reverse_charge", "taxable_amount": 4000}
    elsewhere = {"amount": 0, "tax_behavior": "exclusive", "taxability_reason": "not_collecting"}
    receipt = receipt_of(an_invoice(total_taxes=[reverse, elsewhere], total=4000), a_charge())
    assert [tax.note for tax in receipt.taxes] == ["reverse charge"]
    assert receipt.notes[0] == "Reverse charge: the customer accounts for the tax."


def test_a_bare_charge_has_one_plain_line_and_a_number_from_its_id():
    receipt = from_bill(charge_bill(a_charge(amount_captured=4000)), 1, NORTHLIGHT)
    assert receipt.number == "R-ix0snN0B15"
    assert [(line.description, line.quantity, line.unit_amount) for line in receipt.lines] == [
        ("Portrait session", None, None)
    ]
    assert (receipt.total, receipt.amount_paid, receipt.credit_notes) == (4000, 4000, 0)
    assert receipt.customer.address == ("48 Quay Street", "Portland OR 97205", "United States")


def test_a_failed_charge_has_no_receipt():
    with pytest.raises(NotFound):
        from_bill(charge_bill(a_charge(status="failed", captured=False)), 1, NORTHLIGHT)


def test_the_same_facts_always_give_the_same_receipt():
    bill = invoice_bill(an_invoice(), [a_charge()])
    assert from_bill(bill, 1, NORTHLIGHT) == from_bill(bill, 1, NORTHLIGHT)


def test_a_bill_with_next_to_nothing_known_is_still_drawn():
    payment = facts.Payment("py_1", 100, "succeeded", NOON)
    bill = replace(charge_bill(a_charge()), lines=(), bill_to=facts.BillTo(), payments=(payment,), number="")
    text = words(draw(from_bill(bill, 1, NORTHLIGHT), None))
    assert "Billed to Not given" in text


def test_numbers_of_bills_without_one_are_the_end_of_their_id():
    bill = charge_bill(a_charge())
    assert [number_of(bill, 1), number_of(bill, 2)] == ["R-ix0snN0B15", "R-ix0snN0B15-2"]
    assert number_of(charge_bill(a_charge(id="ch_1")), 1) == "R-ch_1"


def test_the_merchant_stands_as_in_the_settings_of_the_day():
    company = Company("Northlight Studio", "help@northlight.example", ("12 Harbour Lane",), "GB123456789")
    settings = Settings(company, "https://billing.northlight.example", Brand("#4f46e5"))
    block = merchant_block(settings, "logos/abc.png")
    assert (block.name, block.tax_id, block.support_email) == (company.name, "GB123456789", "help@northlight.example")
    assert (block.address, block.colour, block.logo_key) == (("12 Harbour Lane",), "#4f46e5", "logos/abc.png")
