"""Saved payment methods as people know them."""

import pytest

from chalicelib.billing.view_cards import card, method_label, unlisted_card
from tests.unit.billing.builders import START, a_card

DAY = 86_400
# The card below is good until the end of March 2026; START is 1 January 2026.
APRIL = START + (31 + 28 + 31) * DAY


@pytest.mark.parametrize(
    ("kind", "brand", "last4", "label"),
    [
        ("card", "visa", "4242", "Visa •••• 4242"),
        ("card", "amex", "0005", "American Express •••• 0005"),
        ("card", "cartes_bancaires", "1001", "Cartes Bancaires •••• 1001"),
        ("card", "unknown", "9999", "Card •••• 9999"),
        ("card", "", "", "Card"),
        ("sepa_debit", "", "3000", "SEPA debit •••• 3000"),
        ("us_bank_account", "STRIPE TEST BANK", "6789", "Bank account •••• 6789"),
        ("link", "", "", "Link"),
        ("paypal", "", "", "PayPal"),
        ("carrier_pigeon", "", "", "Carrier pigeon"),
        ("", "", "", ""),
    ],
)
def test_a_payment_method_is_named_as_people_name_it(kind, brand, last4, label):
    assert method_label(kind, brand, last4) == label


@pytest.mark.parametrize(
    ("now", "expired", "expiring"),
    [
        (APRIL - 61 * DAY, False, False),
        (APRIL - 60 * DAY, False, True),
        (APRIL - 1, False, True),
        (APRIL, True, False),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(now, expired, expiring):
    shown = card(a_card(exp_month=3, exp_year=2026), now)
    assert (shown.expires, shown.expired, shown.expiring) == ("03/2026", expired, expiring)


def test_a_card_that_ends_in_december_is_good_all_december():
    shown = card(a_card(exp_month=12, exp_year=2025), START - 1)
    assert not shown.expired
    assert card(a_card(exp_month=12, exp_year=2025), START).expired


def test_a_bank_debit_never_expires():
    shown = card(a_card(kind="sepa_debit", brand="", exp_month=0, exp_year=0), START)
    assert (shown.expires, shown.expired, shown.expiring, shown.is_card) == ("", False, False, False)


def test_a_method_missing_from_the_list_still_has_a_name():
    assert unlisted_card("pm_x", "cus_1").label == "Saved payment method"
