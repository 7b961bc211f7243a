"""The next amount: certain, previewed, about, or only its date."""

import pytest
from msgspec.structs import replace

from chalicelib.billing.facts import Preview
from chalicelib.billing.facts_price import Discount, TaxRate
from chalicelib.billing.next_amount import (
    inputs_fingerprint,
    is_simple,
    list_price,
    needs_preview,
    next_payment,
    with_tax,
)
from tests.unit.billing.builders import (
    VAT,
    a_customer,
    a_phase,
    a_price,
    a_schedule,
    a_subscription,
    an_item,
    in_month,
    month,
)

CUSTOMER = a_customer()
TEN_OFF = Discount("Ten off", percent_off=10)
METERED = an_item(price=a_price(metered=True, unit_amount=5), quantity=None)


def preview_of(facts, customer=CUSTOMER, schedule=None, amount=777):
    return Preview(facts.id, inputs_fingerprint(facts, customer, schedule), amount, facts.currency, month(1))


def test_a_flat_price_times_quantity_is_certain():
    facts = a_subscription(items=(an_item(quantity=3),))
    found = next_payment(facts, CUSTOMER, None, ())
    assert found is not None
    assert (found.due, found.amount, found.currency, found.about) == (month(1), 3000, "gbp", False)
    assert not needs_preview(facts, CUSTOMER, None)


@pytest.mark.parametrize(
    ("currency", "unit", "rates", "amount"),
    [
        ("gbp", 1000, (VAT,), 1200),
        ("gbp", 1000, (TaxRate("VAT", "20", inclusive=True),), 1000),
        ("gbp", 999, (TaxRate("VAT", "7.7", inclusive=False),), 1076),
        ("gbp", 1050, (TaxRate("Tax", "5", inclusive=False),), 1103),
        ("usd", 1000, (TaxRate("State", "6.25", inclusive=False), TaxRate("City", "2.5", inclusive=False)), 1088),
        ("jpy", 4900, (TaxRate("JCT", "10", inclusive=False),), 5390),
        ("kwd", 12345, (), 12345),
        ("gbp", 0, (VAT,), 0),
    ],
)
def test_fixed_taxes_are_added_and_rounded_half_up(currency, unit, rates, amount):
    item = an_item(price=a_price(currency=currency, unit_amount=unit))
    found = next_payment(a_subscription(currency=currency, items=(item,), tax_rates=rates), CUSTOMER, None, ())
    assert found is not None
    assert (found.amount, found.about) == (amount, False)


def test_an_items_own_tax_replaces_the_subscriptions():
    facts = a_subscription(items=(an_item(tax_rates=(TaxRate("Reduced", "5", inclusive=False),)),), tax_rates=(VAT,))
    found = next_payment(facts, CUSTOMER, None, ())
    assert found is not None
    assert found.amount == 1050


NOT_SIMPLE = {
    "two items": (a_subscription(items=(an_item(), an_item(id="si_2"))), CUSTOMER, None),
    "metered": (a_subscription(items=(METERED,)), CUSTOMER, None),
    "tiers": (a_subscription(items=(an_item(price=a_price(unit_amount=None)),)), CUSTOMER, None),
    "discount": (a_subscription(discounts=(TEN_OFF,)), CUSTOMER, None),
    "discount on the item": (a_subscription(items=(an_item(discounts=(TEN_OFF,)),)), CUSTOMER, None),
    "discount of the customer": (a_subscription(), a_customer(discounted=True), None),
    "credit": (a_subscription(), a_customer(balance=-100), None),
    "pending": (a_subscription(pending_items=True, pending_amount=50), CUSTOMER, None),
    "automatic tax": (a_subscription(automatic_tax=True), CUSTOMER, None),
    "tax exempt": (a_subscription(tax_rates=(VAT,)), a_customer(tax_exempt="reverse"), None),
    "mixed taxes": (a_subscription(tax_rates=(VAT, TaxRate("In", "5", inclusive=True))), CUSTOMER, None),
    "flat tax": (a_subscription(tax_rates=(TaxRate("Fee", "", inclusive=False),)), CUSTOMER, None),
    "next phase": (
        a_subscription(),
        CUSTOMER,
        a_schedule(a_phase(0, 1), a_phase(1, 3, 2000, prices=(("price_new", 1),))),
    ),
}


@pytest.mark.parametrize("case", NOT_SIMPLE)
def test_anything_else_is_asked_of_stripe_and_its_answer_shown(case):
    facts, customer, schedule = NOT_SIMPLE[case]
    assert not is_simple(facts, customer, schedule)
    assert needs_preview(facts, customer, schedule)
    found = next_payment(facts, customer, schedule, (preview_of(facts, customer, schedule),))
    assert found is not None
    assert (found.amount, found.about) == (777, case == "metered")


@pytest.mark.parametrize("case", NOT_SIMPLE)
def test_without_stripes_answer_the_page_says_about_or_only_the_date(case):
    facts, customer, schedule = NOT_SIMPLE[case]
    found = next_payment(facts, customer, schedule, (preview_of(a_subscription(id="sub_other")),))
    assert found is not None
    assert found.about
    assert found.due == month(1)
    foreseeable = {
        "two items": 2000,
        "automatic tax": 1000,
        "tax exempt": 1200,
        "mixed taxes": 1200,
        "flat tax": 1000,
    }
    assert found.amount == foreseeable.get(case)


def test_a_preview_is_dropped_when_what_it_was_made_of_changes():
    facts = a_subscription(discounts=(TEN_OFF,))
    stale = (preview_of(facts),)
    changes = (
        {"items": (an_item(quantity=2),)},
        {"discounts": (replace(TEN_OFF, percent_off=20.0),)},
        {"tax_rates": (VAT,)},
        {"pending_items": True},
        {"pending_amount": 5},
    )
    for change in changes:
        found = next_payment(replace(facts, **change), CUSTOMER, None, stale)
        assert found is not None
        assert found.amount is None
    credit = next_payment(facts, a_customer(balance=-1), None, stale)
    assert credit is not None
    assert credit.amount is None


def test_a_preview_of_another_subscription_is_not_used():
    facts = a_subscription(discounts=(TEN_OFF,))
    found = next_payment(facts, CUSTOMER, None, (preview_of(replace(facts, id="sub_2")),))
    assert found is not None
    assert found.amount is None


def test_what_does_not_touch_the_amount_keeps_the_preview():
    facts = a_subscription(discounts=(TEN_OFF,))
    found = next_payment(replace(facts, default_card="pm_new"), CUSTOMER, None, (preview_of(facts),))
    assert found is not None
    assert found.amount == 777


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "canceled"},
        {"status": "incomplete_expired"},
        {"status": "incomplete"},
        {"status": "unpaid"},
        {"status": "paused"},
        {"collection_paused": True},
        {"collection_paused": True, "resumes_at": month(2)},
        {"cancel_at_period_end": True},
        {"cancel_at": month(1)},
        {"items": ()},
    ],
)
def test_nothing_is_next_when_nothing_will_be_charged(changes):
    facts = a_subscription(**changes)
    assert next_payment(facts, CUSTOMER, None, ()) is None
    assert not needs_preview(facts, CUSTOMER, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "trialing", "trial_end": month(1)},
        {"status": "past_due"},
        {"collection_method": "send_invoice"},
        {"cancel_at": month(3)},
        {"collection_paused": True, "resumes_at": month(1) - 60},
        {"status": "brand_new"},
    ],
)
def test_a_next_charge_is_shown_while_the_item_goes_on(changes):
    found = next_payment(a_subscription(**changes), CUSTOMER, None, ())
    assert found is not None
    assert (found.due, found.amount) == (month(1), 1000)


def test_the_last_period_of_a_schedule_has_no_next_charge():
    assert next_payment(in_month(5), CUSTOMER, a_schedule(a_phase(0, 6)), ()) is None
    assert next_payment(in_month(4), CUSTOMER, a_schedule(a_phase(0, 6)), ()) is not None
    assert next_payment(in_month(5), CUSTOMER, a_schedule(a_phase(0, 6), end_behavior="release"), ()) is not None


def test_a_schedule_that_keeps_the_price_stays_simple():
    assert is_simple(in_month(0), CUSTOMER, a_schedule(a_phase(0, 6)))


def test_list_price_needs_flat_prices_of_one_term():
    yearly = an_item(id="si_2", price=a_price(interval="year"))
    assert list_price((an_item(quantity=None), an_item(quantity=0))) == 1000
    assert list_price((an_item(), yearly)) is None
    assert list_price((METERED,)) is None
    assert list_price(()) is None


def test_tax_is_worked_out_exactly_not_in_floats():
    assert with_tax(105, (TaxRate("Tax", "10", inclusive=False),)) == 116
    assert with_tax(1005, (TaxRate("Tax", "2.5", inclusive=False),)) == 1030
