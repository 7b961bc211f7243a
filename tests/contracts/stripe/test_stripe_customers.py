"""Customers."""

from __future__ import annotations

import pytest
import stripe

from tests.contracts.stripe.subscribing import subscribe


def test_a_new_customer_is_complete_and_announced(local_stripe):
    customer = local_stripe.client.v1.customers.create(
        {"email": "Ada@example.com", "name": "Ada", "metadata": {"a": "1"}, "address": {"city": "Bristol"}}
    )
    assert customer.id.startswith("cus_")
    assert customer.address.city == "Bristol"
    assert customer.address.line1 is None
    assert customer.invoice_settings.default_payment_method is None
    assert customer.tax_exempt == "none"
    assert local_stripe.event_types() == ["customer.created"]


def test_an_update_merges_hashes_and_metadata_and_unsets_with_the_empty_string(local_stripe):
    customers = local_stripe.client.v1.customers
    customer = customers.create(
        {"name": "Ada", "phone": "1", "metadata": {"a": "1", "b": "2"}, "address": {"city": "X"}}
    )
    after = customers.update(customer.id, {"phone": "", "metadata": {"a": "", "c": "3"}, "address": {"line1": "Y"}})
    assert after.phone is None
    assert after.metadata.to_dict() == {"b": "2", "c": "3"}
    assert (after.address.city, after.address.line1) == ("X", "Y")
    event = local_stripe.client.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes["phone"] == "1"
    assert event.data.previous_attributes["address"].to_dict() == {"line1": None}
    assert event.request.id.startswith("req_")
    assert event.request.idempotency_key


def test_an_update_that_changes_nothing_is_not_announced(local_stripe):
    customer = local_stripe.client.v1.customers.create({"name": "Ada"})
    local_stripe.client.v1.customers.update(customer.id, {"name": "Ada"})
    assert local_stripe.event_types() == ["customer.created"]


def test_a_deleted_customer_answers_as_a_stub_and_is_in_no_list(local_stripe):
    customers = local_stripe.client.v1.customers
    customer = customers.create({"email": "a@example.com"})
    customers.delete(customer.id)
    assert customers.retrieve(customer.id).deleted is True
    assert customers.list({"email": "a@example.com"}).data == []
    with pytest.raises(stripe.InvalidRequestError) as caught:
        customers.update(customer.id, {"name": "Ada"})
    assert caught.value.http_status == 404
    assert caught.value.code == "resource_missing"


def test_the_email_filter_is_case_sensitive_and_search_is_not(local_stripe):
    customers = local_stripe.client.v1.customers
    upper = customers.create({"email": "Ada@Example.com"})
    lower = customers.create({"email": "ada@example.com"})
    assert [one.id for one in customers.list({"email": "ada@example.com"}).data] == [lower.id]
    found = customers.search({"query": "email:'ADA@example.com'"})
    assert [one.id for one in found.data] == [lower.id, upper.id]


def test_search_can_be_refused_as_in_some_regions_and_can_lag(local_stripe):
    customers = local_stripe.client.v1.customers
    customers.create({"email": "a@example.com"})
    local_stripe.fake("POST", "search", lag=60)
    assert customers.search({"query": "email:'a@example.com'"}).data == []
    local_stripe.fake("POST", "search", available=False)
    with pytest.raises(stripe.InvalidRequestError):
        customers.search({"query": "email:'a@example.com'"})


@pytest.mark.parametrize(
    "query", ["email", "email:'a' AND name:'b' OR name:'c'", "shoe_size:'9'", "email:'a' trailing"]
)
def test_a_query_that_cannot_be_read_is_refused(local_stripe, query):
    with pytest.raises(stripe.InvalidRequestError, match="unable to parse"):
        local_stripe.client.v1.customers.search({"query": query})


def test_search_joins_clauses_and_reads_metadata(local_stripe):
    customers = local_stripe.client.v1.customers
    ada = customers.create({"email": "o'hara@example.com", "metadata": {"shop": "1"}})
    customers.create({"email": "b@example.com", "metadata": {"shop": "1"}})
    query = """email:"o'hara@example.com" AND metadata['shop']:'1'"""
    assert [one.id for one in customers.search({"query": query}).data] == [ada.id]
    assert len(customers.search({"query": "metadata['shop']:'1' OR name:'x'"}).data) == 2


def test_a_default_card_must_be_the_customers_own(local_stripe):
    client = local_stripe.client
    mine, other = client.v1.customers.create(), client.v1.customers.create()
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": other.id})
    with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer"):
        client.v1.customers.update(mine.id, {"invoice_settings": {"default_payment_method": card.id}})
    updated = client.v1.customers.update(other.id, {"invoice_settings": {"default_payment_method": card.id}})
    assert updated.invoice_settings.default_payment_method == card.id


def test_lists_are_newest_first_and_page_both_ways(local_stripe):
    customers = local_stripe.client.v1.customers
    ids = [customers.create({"name": str(number)}).id for number in range(5)][::-1]
    first = customers.list({"limit": 2})
    assert ([one.id for one in first.data], first.has_more) == (ids[:2], True)
    assert [one.id for one in first.auto_paging_iter()] == ids
    last = customers.list({"limit": 2, "starting_after": ids[2]})
    assert ([one.id for one in last.data], last.has_more) == (ids[3:], False)
    back = customers.list({"limit": 2, "ending_before": ids[3]})
    assert ([one.id for one in back.data], back.has_more) == (ids[1:3], True)


@pytest.mark.parametrize(
    ("given", "param"),
    [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"starting_after": "cus_none"}, "starting_after")],
)
def test_a_page_that_cannot_be_is_refused(local_stripe, given, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        local_stripe.client.v1.customers.list(given)
    assert (caught.value.http_status, caught.value.param) == (400, param)


def test_copies_have_all_the_first_one_has_under_ids_of_their_own_and_are_not_announced(local_stripe):
    subscription = subscribe(local_stripe)
    announced = local_stripe.event_types()
    copies = local_stripe.fake("POST", "copies", customer=subscription.customer, times=2)
    v1 = local_stripe.client.v1
    assert len(v1.customers.list().data) == 3
    for copy in copies:
        theirs = v1.subscriptions.list({"customer": copy}).data
        cards = v1.customers.payment_methods.list(copy).data
        charges = v1.charges.list({"customer": copy}).data
        assert [each.status for each in theirs] == ["active"]
        assert [charge.payment_method for charge in charges] == [card.id for card in cards]
        assert [bill.id for bill in v1.invoices.list({"customer": copy}).data] == [theirs[0].latest_invoice]
        assert theirs[0].id != subscription.id
    assert local_stripe.event_types() == announced
