"""The words of a receipt, before any ink."""

from decimal import Decimal

import pytest

from chalicelib.receipts import words
from chalicelib.receipts.methods import method_text
from chalicelib.receipts.receipt import Line, Refund, Status, Tax
from tests.unit.receipts.receipt_examples import DAY, MONTH, NOON, a_receipt


def labels(receipt):
    return [(row.label, row.amount.replace("\N{NO-BREAK SPACE}", " ")) for row in words.sums(receipt)]


def test_a_simple_payment_needs_no_subtotal():
    assert labels(a_receipt()) == [("Total", "$49.00"), ("Amount paid", "$49.00")]


def test_an_inclusive_tax_stands_below_the_total_and_says_that_it_is_included():
    receipt = a_receipt(taxes=(Tax("VAT", 817, Decimal("20.0"), inclusive=True, taxable_amount=4083),))
    assert labels(receipt)[1] == ("VAT 20% on $40.83 (included)", "$8.17")


def test_an_exclusive_tax_stands_between_subtotal_and_total():
    receipt = a_receipt(taxes=(Tax("Sales tax", 404, Decimal("8.25")),), total=5304, amount_paid=5304)
    assert labels(receipt)[:3] == [("Subtotal", "$49.00"), ("Sales tax 8.25%", "$4.04"), ("Total", "$53.04")]


def test_a_tax_nobody_pays_names_the_reason():
    receipt = a_receipt(taxes=(Tax("VAT", 0, Decimal(0), note="reverse charge"),))
    assert ("VAT 0% (reverse charge)", "$0.00") in labels(receipt)


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"balance_applied": 900}, ("Paid from account balance", "−$9.00")),
        ({"balance_applied": -900}, ("Owed on the account before", "$9.00")),
        ({"credit_notes": 500}, ("Credit note", "−$5.00")),
        ({"credit_notes": -500}, ("Paid too much, kept as credit", "$5.00")),
        ({"paid_otherwise": 2000}, ("Paid by other payments", "−$20.00")),
        ({"still_due": 2900}, ("Still to pay", "$29.00")),
        ({"refunds": (Refund(1900),)}, ("Refunded", "−$19.00")),
        ({"refunds": (Refund(100, NOON),) * 9}, ("Refunded in 9 parts", "−$9.00")),
    ],
)
def test_every_way_money_went_has_a_row_of_its_own(changes, row):
    assert row in labels(a_receipt(**changes))


def test_the_tax_of_each_line_is_named_only_where_lines_differ():
    same = a_receipt(lines=(Line("A", 100, taxes=("VAT 20%",)), Line("B", 100, taxes=("VAT 20%",))))
    mixed = a_receipt(lines=(Line("A", 100, taxes=("VAT 20%",)), Line("B", 100, taxes=("VAT 0%",))))
    assert [words.remarks(same, line) for line in same.lines] == [[], []]
    assert [words.remarks(mixed, line) for line in mixed.lines] == [["VAT 20%"], ["VAT 0%"]]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "14 Nov 2026 – 14 Dec 2026"),
        ("en-US", "Nov 14, 2026 – Dec 14, 2026"),
        ("de", "14 Nov 2026 – 14 Dec 2026"),
        ("ja", "14 Nov 2026 – 14 Dec 2026"),
    ],
)
def test_dates_speak_english_like_the_words_around_them(locale, said):
    receipt = a_receipt(locale=locale)
    assert words.period(receipt, Line("A", 1, period=MONTH)) == said


def test_days_are_those_of_the_merchants_time_zone():
    assert words.day(a_receipt(time_zone="Pacific/Auckland"), NOON) == "15 November 2026"


def test_a_payment_without_a_known_day_or_method_still_reads_well():
    assert words.headline(a_receipt(paid_at=None, method=None)) == ""
    assert words.headline(a_receipt(method=None)) == "on 14 November 2026"
    refunded = a_receipt(status=Status.REFUNDED, refunds=(Refund(4900, NOON + DAY),), method=None)
    assert words.headline(refunded) == "in full; paid on 14 November 2026"


@pytest.mark.parametrize(
    ("quantity", "said"), [(None, ""), (Decimal(1), "1"), (Decimal("2.50"), "2.5"), (Decimal("1E+3"), "1000")]
)
def test_quantities_have_no_trailing_zeros(quantity, said):
    assert words.quantity(Line("A", 1, quantity)) == said


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (("card", "visa", "4242"), "Visa •••• 4242"),
        (("card", "amex", "0005"), "American Express •••• 0005"),
        (("card", "some_new_brand", "1111"), "Card •••• 1111"),
        (("card_present", "mastercard", "4444"), "Mastercard •••• 4444"),
        (("sepa_debit", "", "3000"), "SEPA debit •••• 3000"),
        (("us_bank_account", "", "6789"), "Bank account •••• 6789"),
        (("paypal",), "PayPal"),
        (("link",), "Link"),
        (("revolut_pay",), "Revolut pay"),
        (("something_from_2031",), "Something from 2031"),
        (("",), None),
    ],
)
def test_what_people_paid_with_has_a_name_they_know(method, said):
    assert method_text(*method) == said
