"""Subscriptions: how they begin, what they show, what may change, and what is refused."""

from __future__ import annotations

import pytest
import stripe

from tests.contracts.stripe.subscribing import (
    DAY,
    advance,
    customer,
    day,
    events,
    invoices,
    price,
    read,
    start_at,
    subscribe,
    to,
    use_card,
)


def test_a_paid_subscription_is_active_with_its_period_on_the_item(local_stripe):
    start_at(local_stripe, "2026-01-31T10:00")
    made = subscribe(local_stripe, metadata={"tillkey": "subscription"}, description="Studio")
    item = made["items"].data[0]
    assert (made.status, made.currency, made.collection_method) == ("active", "gbp", "charge_automatically")
    assert (day(item.current_period_start), day(item.current_period_end)) == ("2026-01-31", "2026-02-28")
    assert (item.quantity, item.price.unit_amount, item.plan.amount) == (1, 1200, 1200)
    assert "current_period_end" not in made
    assert (made.schedule, made.cancel_at, made.trial_end, made.discounts) == (None, None, None, [])
    invoice = invoices(local_stripe, made.id)[0]
    assert made.latest_invoice == invoice.id
    assert (invoice.status, invoice.billing_reason, invoice.amount_paid) == ("paid", "subscription_create", 1200)
    line = invoice.lines.data[0]
    assert line.description == "1 × Pro (at £12.00 / month)"
    assert line.parent.subscription_item_details.subscription_item == item.id
    assert (line.period.start, line.period.end) == (item.current_period_start, item.current_period_end)
    created = events(local_stripe, "customer.subscription.created")[0]
    assert created.data.object.status == "active"
    assert not events(local_stripe, "customer.subscription.updated")


def test_price_and_product_can_be_expanded_on_retrieve(local_stripe):
    made = subscribe(local_stripe)
    found = local_stripe.client.v1.subscriptions.retrieve(
        made.id, {"expand": ["items.data.price.product", "latest_invoice", "customer"]}
    )
    assert found["items"].data[0].price.product.name == "Pro"
    assert found.latest_invoice.status == "paid"
    assert found.customer.name == "Ada"


def test_a_declined_first_card_leaves_it_incomplete_until_another_pays(local_stripe):
    buyer = customer(local_stripe, "pm_card_chargeCustomerFail")
    made = subscribe(local_stripe, buyer)
    invoice = invoices(local_stripe, made.id)[0]
    assert (made.status, invoice.status, invoice.next_payment_attempt) == ("incomplete", "open", None)
    card = local_stripe.client.v1.payment_methods.attach("pm_card_visa", {"customer": buyer})
    local_stripe.client.v1.invoices.pay(invoice.id, {"payment_method": card.id})
    assert read(local_stripe, made.id).status == "active"
    changed = events(local_stripe, "customer.subscription.updated")[-1]
    assert changed.data.previous_attributes.to_dict() == {"status": "incomplete"}
    advance(local_stripe, "P1D")
    assert read(local_stripe, made.id).status == "active"


def test_a_first_payment_that_needs_the_customer_waits_and_then_makes_it_active(local_stripe):
    made = subscribe(local_stripe, customer(local_stripe, "pm_card_authenticationRequired"))
    assert made.status == "incomplete"
    invoice = local_stripe.client.v1.invoices.retrieve(made.latest_invoice, {"expand": ["payments"]})
    intent = invoice.payments.data[0].payment.payment_intent
    local_stripe.fake("POST", f"challenges/{intent}", outcome="complete")
    assert read(local_stripe, made.id).status == "active"
    assert invoices(local_stripe, made.id)[0].status == "paid"


def test_an_incomplete_subscription_expires_after_23_hours_and_its_invoice_is_void(local_stripe):
    made = subscribe(local_stripe, customer(local_stripe, "pm_card_chargeCustomerFail"))
    advance(local_stripe, 22 * 3600)
    assert read(local_stripe, made.id).status == "incomplete"
    advance(local_stripe, 3600)
    assert read(local_stripe, made.id).status == "incomplete_expired"
    assert invoices(local_stripe, made.id)[0].status == "void"
    listed = local_stripe.client.v1.subscriptions.list({"status": "ended"}).data
    assert [one.id for one in listed] == [made.id]


def test_default_incomplete_needs_no_card_and_charges_nothing(local_stripe):
    made = subscribe(local_stripe, customer(local_stripe), payment_behavior="default_incomplete")
    assert (made.status, invoices(local_stripe, made.id)[0].status) == ("incomplete", "open")
    without = subscribe(local_stripe, customer(local_stripe, None), payment_behavior="default_incomplete")
    assert without.status == "incomplete"


def test_without_a_card_nothing_is_made(local_stripe):
    buyer = customer(local_stripe, None)
    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source") as caught:
        subscribe(local_stripe, buyer)
    assert caught.value.code == "resource_missing"
    assert local_stripe.client.v1.subscriptions.list({"status": "all"}).data == []


def test_error_if_incomplete_raises_the_decline_and_makes_nothing(local_stripe):
    buyer = customer(local_stripe, "pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError) as caught:
        subscribe(local_stripe, buyer, payment_behavior="error_if_incomplete")
    assert caught.value.code == "card_declined"
    assert local_stripe.client.v1.subscriptions.list({"status": "all"}).data == []


def test_one_that_is_sent_invoices_is_active_at_once_and_its_draft_is_sent_after_an_hour(local_stripe):
    made = subscribe(local_stripe, customer(local_stripe, None), collection_method="send_invoice", days_until_due=14)
    assert (made.status, made.days_until_due) == ("active", 14)
    assert invoices(local_stripe, made.id)[0].status == "draft"
    advance(local_stripe, 3600)
    assert invoices(local_stripe, made.id)[0].status == "open"
    advance(local_stripe, 14 * DAY)
    assert read(local_stripe, made.id).status == "past_due"


def test_a_billing_anchor_ahead_makes_a_first_period_that_is_paid_in_part(local_stripe):
    start_at(local_stripe, "2026-04-16")
    anchor = 1777593600  # 1 May 2026
    made = subscribe(local_stripe, items=[{"price": price(local_stripe, 3000)}], billing_cycle_anchor=anchor)
    assert made["items"].data[0].current_period_end == anchor
    assert invoices(local_stripe, made.id)[0].total == 1500


def test_without_prorations_the_time_before_the_anchor_is_free_and_makes_no_invoice(local_stripe):
    start_at(local_stripe, "2026-04-16")
    anchor, ends = 1777593600, 1782864000  # 1 May and 1 July 2026
    free = subscribe(
        local_stripe,
        items=[{"price": price(local_stripe, 3000)}],
        billing_cycle_anchor=anchor,
        cancel_at=ends,
        proration_behavior="none",
    )
    assert (free.status, free.latest_invoice, invoices(local_stripe, free.id)) == ("active", None, [])
    to(local_stripe, "2026-05-01T02:00")
    assert [bill.total for bill in invoices(local_stripe, free.id)] == [3000]
    to(local_stripe, "2026-07-01T02:00")
    assert [bill.total for bill in invoices(local_stripe, free.id)] == [3000, 3000]
    assert read(local_stripe, free.id).status == "canceled"


def test_an_anchor_behind_the_next_natural_date_is_refused(local_stripe):
    start_at(local_stripe, "2026-04-16")
    with pytest.raises(stripe.InvalidRequestError, match="later than next natural billing date") as caught:
        subscribe(local_stripe, billing_cycle_anchor=1779235200)  # 20 May 2026
    assert caught.value.param == "billing_cycle_anchor"


def test_lists_filter_by_customer_status_and_price_and_leave_out_canceled_ones(local_stripe):
    buyer, cost = customer(local_stripe), price(local_stripe)
    first = subscribe(local_stripe, buyer, items=[{"price": cost}])
    second = subscribe(local_stripe, buyer)
    subscribe(local_stripe)
    subscriptions = local_stripe.client.v1.subscriptions
    subscriptions.cancel(first.id)
    assert [one.id for one in subscriptions.list({"customer": buyer}).data] == [second.id]
    assert [one.id for one in subscriptions.list({"customer": buyer, "status": "all"}).data] == [second.id, first.id]
    assert [one.id for one in subscriptions.list({"price": cost, "status": "canceled"}).data] == [first.id]
    assert subscriptions.list({"customer": buyer, "status": "past_due"}).data == []
    expanded = subscriptions.list({"customer": buyer, "expand": ["data.default_payment_method"]})
    assert expanded.data[0].default_payment_method is None


def test_the_card_can_be_changed_to_another_of_the_same_customer_only(local_stripe):
    buyer = customer(local_stripe)
    made = subscribe(local_stripe, buyer)
    card = local_stripe.client.v1.payment_methods.attach("pm_card_mastercard", {"customer": buyer})
    foreign = local_stripe.client.v1.payment_methods.attach("pm_card_visa", {"customer": customer(local_stripe)})
    update = local_stripe.client.v1.subscriptions.update
    assert update(made.id, {"default_payment_method": card.id}).default_payment_method == card.id
    changed = events(local_stripe, "customer.subscription.updated")[-1]
    assert changed.data.previous_attributes.to_dict() == {"default_payment_method": None}
    for id in (foreign.id, "pm_none"):
        with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer") as caught:
            update(made.id, {"default_payment_method": id})
        assert (caught.value.param, caught.value.code) == ("default_payment_method", "resource_missing")
    assert read(local_stripe, made.id).default_payment_method == card.id


def test_the_card_that_paid_can_become_the_subscriptions_own(local_stripe):
    buyer = customer(local_stripe, "pm_card_chargeCustomerFail")
    made = subscribe(local_stripe, buyer, payment_settings={"save_default_payment_method": "on_subscription"})
    assert made.default_payment_method is None
    card = local_stripe.client.v1.payment_methods.attach("pm_card_visa", {"customer": buyer})
    local_stripe.client.v1.invoices.pay(made.latest_invoice, {"payment_method": card.id})
    assert read(local_stripe, made.id).default_payment_method == card.id


def test_metadata_merges_and_an_update_without_change_is_not_announced(local_stripe):
    made = subscribe(local_stripe, metadata={"a": "1", "b": "2"})
    update = local_stripe.client.v1.subscriptions.update
    assert update(made.id, {"metadata": {"a": "", "c": "3"}}).metadata.to_dict() == {"b": "2", "c": "3"}
    count = len(local_stripe.event_types())
    update(made.id, {"metadata": {"c": "3"}})
    assert len(local_stripe.event_types()) == count


def test_a_coupon_counts_for_as_long_as_it_says(local_stripe):
    start_at(local_stripe, "2026-01-01")
    coupons = local_stripe.client.v1.coupons
    once = coupons.create({"percent_off": 50, "duration": "once"}).id
    twice = coupons.create({"amount_off": 100, "currency": "gbp", "duration": "repeating", "duration_in_months": 2}).id
    always = coupons.create({"percent_off": 10, "duration": "forever"}).id
    made = {coupon: subscribe(local_stripe, discounts=[{"coupon": coupon}]).id for coupon in (once, twice, always)}
    to(local_stripe, "2026-04-02")
    totals = {coupon: [one.total for one in invoices(local_stripe, id)] for coupon, id in made.items()}
    assert totals == {once: [600, 1200, 1200, 1200], twice: [1100, 1100, 1200, 1200], always: [1080] * 4}
    assert read(local_stripe, made[once]).discounts == []
    expanded = local_stripe.client.v1.subscriptions.retrieve(made[always], {"expand": ["discounts.source.coupon"]})
    assert expanded.discounts[0].source.coupon.percent_off == 10


def test_tax_rates_of_the_subscription_go_on_its_invoices(local_stripe):
    rate = local_stripe.client.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False})
    made = subscribe(local_stripe, default_tax_rates=[rate.id])
    assert made.default_tax_rates[0].percentage == 20
    assert invoices(local_stripe, made.id)[0].total == 1440


@pytest.mark.parametrize("behavior", ["create_prorations", "always_invoice", "none"])
def test_more_of_an_item_costs_its_share_of_the_rest_of_the_period(local_stripe, behavior):
    start_at(local_stripe, "2026-04-01")
    made = subscribe(local_stripe, items=[{"price": price(local_stripe, 3000)}])
    to(local_stripe, "2026-04-16")
    item = made["items"].data[0].id
    updated = local_stripe.client.v1.subscriptions.update(
        made.id, {"items": [{"id": item, "quantity": 3}], "proration_behavior": behavior}
    )
    assert [(one.id, one.quantity) for one in updated["items"].data] == [(item, 3)]
    to(local_stripe, "2026-05-01T01:00")
    expected = {
        "create_prorations": [3000, 12000],
        "always_invoice": [3000, 3000, 9000],
        "none": [3000, 9000],
    }
    assert [one.total for one in invoices(local_stripe, made.id)] == expected[behavior]


def test_a_change_from_monthly_to_yearly_begins_a_new_period_billed_at_once(local_stripe):
    start_at(local_stripe, "2026-04-01")
    made = subscribe(local_stripe, items=[{"price": price(local_stripe, 3000)}])
    to(local_stripe, "2026-04-16")
    change = {"id": made["items"].data[0].id, "price": price(local_stripe, 30000, "year")}
    updated = local_stripe.client.v1.subscriptions.update(made.id, {"items": [change]})
    assert day(updated["items"].data[0].current_period_end) == "2027-04-16"
    assert [one.total for one in invoices(local_stripe, made.id)] == [3000, 28500]


def test_items_have_endpoints_of_their_own(local_stripe):
    made = subscribe(local_stripe)
    items = local_stripe.client.v1.subscription_items
    second = items.create({"subscription": made.id, "price": price(local_stripe, 500), "quantity": 2})
    assert items.retrieve(second.id).quantity == 2
    listed = items.list({"subscription": made.id, "limit": 1})
    assert [one.id for one in listed.auto_paging_iter()] == [made["items"].data[0].id, second.id]
    assert items.update(second.id, {"quantity": 4}).quantity == 4
    assert items.delete(second.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError, match="at least one"):
        items.delete(made["items"].data[0].id)


def test_what_cannot_be_bought_is_refused(local_stripe):
    buyer = customer(local_stripe)
    yearly, dollars = price(local_stripe, interval="year"), price(local_stripe, currency="usd")
    monthly, inactive = price(local_stripe), price(local_stripe, active=False)
    once = local_stripe.client.v1.prices.create({"currency": "gbp", "unit_amount": 1, "product_data": {"name": "x"}}).id
    for items, said in (
        ([{"price": "price_none"}], "No such price"),
        ([{"price": inactive}], "inactive"),
        ([{"price": once}], "type=one_time"),
        ([{"price": monthly}, {"price": yearly}], "same `recurring.interval`"),
        ([{"price": monthly}, {"price": dollars}], "expected currency: `gbp`"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match=said):
            subscribe(local_stripe, buyer, items=items)
    subscribe(local_stripe, buyer, items=[{"price": monthly}])
    with pytest.raises(stripe.InvalidRequestError, match="cannot combine currencies"):
        subscribe(local_stripe, buyer, items=[{"price": dollars}])


def test_a_foreign_card_an_unknown_parameter_and_a_missing_term_are_refused(local_stripe):
    buyer = customer(local_stripe)
    foreign = use_card(local_stripe, customer(local_stripe, None), "pm_card_visa")
    for given, param in (
        ({"default_payment_method": foreign}, "default_payment_method"),
        ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"coupon": "x"}, "coupon"),
        ({"trial_end": 1}, "trial_end"),
        ({"discounts": [{"coupon": "none"}]}, "discounts[0][coupon]"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            subscribe(local_stripe, buyer, **given)
        assert (caught.value.http_status, caught.value.param) == (400, param)
    assert local_stripe.client.v1.subscriptions.list({"status": "all"}).data == []


def test_the_price_shown_is_the_price_as_it_is_now(local_stripe):
    cost = price(local_stripe)
    made = subscribe(local_stripe, items=[{"price": cost}])
    local_stripe.client.v1.prices.update(cost, {"metadata": {"tillkey": "plan"}})
    assert read(local_stripe, made.id)["items"].data[0].price.metadata["tillkey"] == "plan"
