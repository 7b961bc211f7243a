"""Products, prices, coupons, tax rates, the account."""

from __future__ import annotations

import pytest
import stripe


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


def refused(code, call, *given):
    """The refusal of a call, which must carry this code."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call(*given)
    assert caught.value.code == code
    return caught.value


def test_a_price_of_a_product_recurs_and_is_found_by_its_lookup_key(v1):
    product = v1.products.create({"name": "Studio", "id": "studio"})
    monthly = v1.prices.create(
        {
            "product": product.id,
            "currency": "GBP",
            "unit_amount": 1250,
            "recurring": {"interval": "month"},
            "lookup_key": "studio-monthly",
        }
    )
    once = v1.prices.create({"product_data": {"name": "Poster"}, "currency": "jpy", "unit_amount_decimal": "12.5"})
    assert (monthly.type, monthly.currency, monthly.recurring.interval_count) == ("recurring", "gbp", 1)
    assert (once.type, once.unit_amount, str(once.unit_amount_decimal)) == ("one_time", None, "12.5")
    assert [one.id for one in v1.prices.list({"lookup_keys": ["studio-monthly"]}).data] == [monthly.id]
    assert [one.id for one in v1.prices.list({"product": "studio"}).data] == [monthly.id]
    assert [one.id for one in v1.prices.list({"recurring": {"interval": "year"}}).data] == []
    assert [one.id for one in v1.products.list({"ids": ["studio", "none"]}).data] == ["studio"]
    assert v1.prices.retrieve(monthly.id, {"expand": ["product"]}).product.name == "Studio"


def test_a_lookup_key_moves_only_if_asked_to(v1):
    given = {"product_data": {"name": "A"}, "currency": "gbp", "unit_amount": 1, "lookup_key": "k"}
    first = v1.prices.create(given)
    refused("resource_already_exists", v1.prices.create, given)
    second = v1.prices.create({**given, "transfer_lookup_key": True})
    assert (v1.prices.retrieve(first.id).lookup_key, second.lookup_key) == (None, "k")


def test_a_price_needs_a_product_an_amount_and_a_sensible_interval(v1):
    refused("parameter_missing", v1.prices.create, {"unit_amount": 1})
    refused(None, v1.prices.create, {"currency": "gbp", "unit_amount": 1})
    refused("resource_missing", v1.prices.create, {"currency": "gbp", "unit_amount": 1, "product": "none"})
    refused(None, v1.prices.create, {"currency": "gbp", "product_data": {"name": "A"}})
    long = {"interval": "year", "interval_count": 4}
    given = {"currency": "gbp", "product_data": {"name": "A"}, "unit_amount": 1, "recurring": long}
    refused(None, v1.prices.create, given)


def test_products_and_prices_change_and_say_so(v1, local_stripe):
    product = v1.products.create({"name": "A"})
    price = v1.prices.create({"product": product.id, "currency": "gbp", "unit_amount": 1})
    v1.products.update(product.id, {"default_price": price.id, "description": "B"})
    v1.prices.update(price.id, {"nickname": "N", "active": False})
    assert v1.prices.list({"active": True}).data == []
    refused(None, v1.products.delete, product.id)
    unsold = v1.products.create({"name": "C"})
    v1.products.delete(unsold.id)
    refused("resource_missing", v1.products.retrieve, unsold.id)
    assert local_stripe.event_types() == [
        "product.created",
        "price.created",
        "product.updated",
        "price.updated",
        "product.created",
        "product.deleted",
    ]


def test_coupons_take_off_a_share_or_an_amount(v1):
    share = v1.coupons.create({"id": "TEN", "percent_off": 10, "duration": "forever"})
    amount = v1.coupons.create(
        {"amount_off": 500, "currency": "gbp", "duration": "repeating", "duration_in_months": 3, "name": "Five"}
    )
    assert (share.percent_off, share.valid, amount.duration_in_months) == (10, True, 3)
    assert v1.coupons.update("TEN", {"name": "Ten"}).name == "Ten"
    v1.coupons.delete("TEN")
    refused("resource_missing", v1.coupons.retrieve, "TEN")
    assert [one.id for one in v1.coupons.list().data] == [amount.id]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"percent_off": 10, "amount_off": 1, "currency": "gbp"},
        {"amount_off": 1},
        {"percent_off": 101},
        {"percent_off": 10, "duration": "repeating"},
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(v1, given):
    with pytest.raises(stripe.InvalidRequestError):
        v1.coupons.create(given)


def test_tax_rates_are_kept_and_retired(v1):
    rate = v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": True, "country": "GB"})
    assert v1.tax_rates.update(rate.id, {"active": False}).active is False
    assert v1.tax_rates.list({"active": True}).data == []
    refused("parameter_missing", v1.tax_rates.create, {"display_name": "VAT", "percentage": 20})


def test_the_account_is_the_merchants(v1):
    account = v1.accounts.retrieve_current()
    assert account.id.startswith("acct_")
    assert account.business_profile.name == "Northlight Studio"
