"""Invoices from draft to final: what they hold, what may change, how they are found."""

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


def test_a_draft_has_no_number_no_page_and_no_payment(v1, ada):
    invoice = draft(v1, ada, 1000)
    assert (invoice.status, invoice.number, invoice.hosted_invoice_url) == ("draft", None, None)
    assert (invoice.auto_advance, invoice.automatically_finalizes_at) == (False, None)
    assert (invoice.amount_due, invoice.amount_remaining, invoice.billing_reason) == (1000, 1000, "manual")
    assert invoice.parent is None
    whole = v1.invoices.retrieve(invoice.id, {"expand": ["payments", "confirmation_secret"]})
    assert (whole.payments.data, whole.confirmation_secret) == ([], None)


def test_a_final_invoice_is_numbered_by_the_customers_own_count(v1, ada, local_stripe):
    first, second = bill(v1, ada, 1000), bill(v1, ada, 500)
    assert [first.number, second.number] == [f"{ada.invoice_prefix}-0001", f"{ada.invoice_prefix}-0002"]
    assert first.hosted_invoice_url == f"{local_stripe.url}/invoice/{first.id}"
    assert first.invoice_pdf == f"{local_stripe.url}/invoice/{first.id}/pdf"
    assert (first.status, first.effective_at) == ("open", first.status_transitions.finalized_at)
    assert bill(v1, customer(v1), 500).number.endswith("-0001")


def test_a_final_invoice_waits_for_one_payment_intent_over_what_is_due(v1, ada):
    invoice = bill(v1, ada, 1000)
    payment = invoice.payments.data[0]
    assert (payment.status, payment.amount_requested, payment.amount_paid, payment.is_default) == (
        "open",
        1000,
        None,
        True,
    )
    intent = v1.payment_intents.retrieve(payment.payment.payment_intent)
    assert (intent.amount, intent.customer, intent.status) == (1000, ada.id, "requires_payment_method")
    secret = v1.invoices.retrieve(invoice.id, {"expand": ["confirmation_secret"]}).confirmation_secret
    assert (secret.client_secret, secret.type) == (intent.client_secret, "payment_intent")


def test_payments_and_the_secret_come_only_when_asked_for(v1, ada):
    invoice = v1.invoices.retrieve(bill(v1, ada, 1000).id)
    assert "payments" not in invoice
    assert invoice.confirmation_secret is None


def test_the_payment_intent_inside_the_payments_can_be_expanded(v1, ada):
    invoice = bill(v1, ada, 1000)
    expanded = v1.invoices.retrieve(invoice.id, {"expand": ["payments.data.payment.payment_intent"]})
    assert expanded.payments.data[0].payment.payment_intent.amount == 1000


def test_making_and_finalising_are_announced_in_order(v1, ada, local_stripe):
    before = len(local_stripe.event_types())
    bill(v1, ada, 1000)
    assert local_stripe.event_types()[before:] == [
        "invoice.created",
        "invoiceitem.created",
        "invoice.updated",
        "payment_intent.created",
        "invoice.updated",
        "invoice.finalized",
    ]
    changed = v1.events.list({"type": "invoice.updated"}).data[0].data.previous_attributes
    assert (changed["status"], changed["number"]) == ("draft", None)


def test_a_final_invoice_keeps_the_customers_details_and_a_draft_follows_them(v1, ada):
    kept, following = bill(v1, ada, 1000), draft(v1, ada, 1000)
    v1.customers.update(ada.id, {"name": "Ada King", "address": {"city": "Bath", "country": "GB"}})
    after = v1.invoices.retrieve(kept.id)
    assert (after.customer_name, after.customer_address) == ("Ada", None)
    final = v1.invoices.finalize_invoice(following.id)
    assert (final.customer_name, final.customer_address.city) == ("Ada King", "Bath")


def test_an_invoice_cannot_be_finalised_twice(v1, ada):
    invoice = bill(v1, ada, 1000)
    error = refused(v1.invoices.finalize_invoice, invoice.id)
    assert (error.http_status, error.code) == (400, "invoice_not_editable")


def test_a_final_invoice_takes_notes_but_no_other_amounts(v1, ada):
    invoice = bill(v1, ada, 1000)
    after = v1.invoices.update(invoice.id, {"description": "Thank you", "footer": "Bye", "metadata": {"a": "1"}})
    assert (after.description, after.footer, after.metadata.to_dict()) == ("Thank you", "Bye", {"a": "1"})
    coupon = v1.coupons.create({"percent_off": 10})
    sending = {"collection_method": "send_invoice", "days_until_due": 3}
    for change in (sending, {"discounts": [{"coupon": coupon.id}]}, {"default_tax_rates": [rate(v1, 20)]}):
        error = refused(v1.invoices.update, invoice.id, change)
        assert (error.code, error.user_message) == (
            "invoice_not_editable",
            "Finalized invoices can't be updated in this way",
        )
    error = refused(v1.invoices.add_lines, invoice.id, {"lines": [{"amount": 1}]})
    assert error.code == "invoice_not_editable"
    item = {"customer": ada.id, "invoice": invoice.id, "amount": 1}
    assert refused(v1.invoice_items.create, item).code == "invoice_not_editable"


def test_a_draft_may_change_in_everything(v1, ada):
    invoice = draft(v1, ada, 1000)
    coupon = v1.coupons.create({"percent_off": 10})
    change = {"collection_method": "send_invoice", "days_until_due": 30, "discounts": [{"coupon": coupon.id}]}
    after = v1.invoices.update(invoice.id, change)
    assert (after.total, after.collection_method, after.due_date) == (900, "send_invoice", after.created + 30 * 86400)
    assert after.next_payment_attempt is None


def test_only_sent_invoices_have_a_due_date_and_they_need_one(v1, ada):
    asked = {"customer": ada.id, "days_until_due": 3}
    assert refused(v1.invoices.create, asked).param == "days_until_due"
    assert refused(v1.invoices.create, {"customer": ada.id, "collection_method": "send_invoice"}).http_status == 400
    sent = v1.invoices.create({**asked, "collection_method": "send_invoice"})
    assert sent.due_date == sent.created + 3 * 86400


def test_the_card_of_an_invoice_must_be_its_customers(v1, ada):
    bobs = v1.payment_methods.attach("pm_card_visa", {"customer": customer(v1).id})
    error = refused(v1.invoices.create, {"customer": ada.id, "default_payment_method": bobs.id})
    assert (error.code, error.param) == ("resource_missing", "default_payment_method")
    invoice = bill(v1, ada, 1000)
    error = refused(v1.invoices.update, invoice.id, {"default_payment_method": bobs.id})
    assert (error.code, error.param) == ("resource_missing", "default_payment_method")


def test_lines_are_listed_in_order_and_the_invoice_shows_the_first_ten(v1, ada):
    made = draft(v1, ada)
    v1.invoices.add_lines(made.id, {"lines": [{"amount": 100 + n, "description": str(n)} for n in range(12)]})
    invoice = v1.invoices.retrieve(made.id)
    assert [line.description for line in invoice.lines.data] == [str(n) for n in range(10)]
    assert invoice.lines.has_more
    assert invoice.total == sum(range(100, 112))
    listed = v1.invoices.line_items.list(invoice.id, {"limit": 5})
    assert [line.description for line in listed.auto_paging_iter()] == [str(n) for n in range(12)]
    assert [
        line.description
        for line in v1.invoices.line_items.list(invoice.id, {"ending_before": listed.data[4].id, "limit": 2}).data
    ] == ["2", "3"]


def test_waiting_items_are_left_out_unless_they_are_asked_for(v1, ada):
    for amount in (100, 200):
        v1.invoice_items.create({"customer": ada.id, "amount": amount, "currency": "gbp"})
    assert draft(v1, ada).lines.data == []
    invoice = draft(v1, ada, pending_invoice_items_behavior="include")
    assert [line.amount for line in invoice.lines.data] == [200, 100]
    assert v1.invoice_items.list({"customer": ada.id, "pending": True}).data == []
    assert [item.invoice for item in v1.invoice_items.list({"invoice": invoice.id}).data] == [invoice.id] * 2
    parent = invoice.lines.data[0].parent
    assert (parent.type, parent.invoice_item_details.proration) == ("invoice_item_details", False)
    assert v1.invoice_items.retrieve(parent.invoice_item_details.invoice_item).amount == 200


def test_a_waiting_item_can_be_taken_back_and_so_can_one_on_a_draft(v1, ada):
    waiting = v1.invoice_items.create({"customer": ada.id, "amount": 100, "currency": "gbp"})
    assert v1.invoice_items.delete(waiting.id).deleted
    assert v1.invoice_items.list({"customer": ada.id, "pending": True}).data == []
    invoice = draft(v1, ada, 100, 200)
    item = invoice.lines.data[0].parent.invoice_item_details.invoice_item
    v1.invoice_items.delete(item)
    assert v1.invoices.retrieve(invoice.id).total == 200
    v1.invoices.finalize_invoice(invoice.id)
    left = invoice.lines.data[1].parent.invoice_item_details.invoice_item
    assert refused(v1.invoice_items.delete, left).code == "invoice_not_editable"


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"amount": 1, "unit_amount_decimal": "1"},
        {"pricing": {"price": "price_x"}},
        {"amount": 1, "currency": "gbp", "tax_rates": ["txr_x"]},
        {"amount": 1, "currency": "gbp", "invoice": "in_x"},
    ],
)
def test_an_item_that_makes_no_sense_is_refused_and_leaves_nothing(v1, ada, item):
    assert refused(v1.invoice_items.create, {"customer": ada.id, **item}).http_status == 400
    assert v1.invoice_items.list({"customer": ada.id}).data == []


def test_an_item_cannot_be_put_on_anothers_draft(v1, ada):
    item = {"customer": customer(v1).id, "invoice": draft(v1, ada).id, "amount": 100}
    assert refused(v1.invoice_items.create, item).param == "invoice"


def test_tax_rates_that_do_not_exist_are_refused_and_use_up_no_coupon(v1, ada):
    coupon = v1.coupons.create({"percent_off": 10})
    given = {"customer": ada.id, "discounts": [{"coupon": coupon.id}]}
    assert refused(v1.invoices.create, {**given, "default_tax_rates": ["txr_x"]}).param == "default_tax_rates"
    item = {**given, "amount": 1, "currency": "gbp", "tax_rates": ["txr_x"]}
    assert refused(v1.invoice_items.create, item).param == "tax_rates"
    assert v1.coupons.retrieve(coupon.id).times_redeemed == 0


def test_recurring_and_inactive_prices_cannot_be_billed_once(v1, ada):
    given = {"currency": "gbp", "unit_amount": 500, "product_data": {"name": "Pro"}}
    monthly = v1.prices.create({**given, "recurring": {"interval": "month"}})
    gone = v1.prices.update(v1.prices.create(given).id, {"active": False})
    for price in (monthly, gone):
        error = refused(v1.invoice_items.create, {"customer": ada.id, "pricing": {"price": price.id}})
        assert error.param == "pricing[price]"


def test_lists_are_newest_first_and_filter(v1, ada, local_stripe):
    old = bill(v1, ada, 1000)
    local_stripe.fake("POST", "clock", advance="P1D")
    new = draft(v1, ada, 500, collection_method="send_invoice", days_until_due=2)
    bill(v1, customer(v1), 700)

    def found(**given):
        return [one.id for one in v1.invoices.list({"customer": ada.id, **given}).data]

    assert found() == [new.id, old.id]
    assert found(status="open") == [old.id]
    assert found(collection_method="send_invoice") == [new.id]
    assert found(created={"lt": new.created}) == [old.id]
    assert found(due_date={"gt": new.created}) == [new.id]
    assert found(limit=1, starting_after=new.id) == [old.id]
    assert found(subscription="sub_x") == []
    listed = v1.invoices.list({"customer": ada.id, "status": "open", "expand": ["data.payments"]})
    assert listed.data[0].payments.data[0].invoice == old.id


def test_invoice_payments_are_found_by_invoice_and_by_intent(v1, ada):
    first, second = bill(v1, ada, 1000), bill(v1, ada, 500)
    payments = v1.invoice_payments
    intent = first.payments.data[0].payment.payment_intent
    by_intent = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    assert [one.invoice for one in payments.list(by_intent).data] == [first.id]
    assert [one.id for one in payments.list({"invoice": second.id}).data] == [second.payments.data[0].id]
    assert payments.retrieve(second.payments.data[0].id).amount_requested == 500
    assert payments.list({"payment": {"type": "payment_intent", "payment_intent": "pi_bare"}}).data == []


def test_a_preview_holds_what_waits_and_stores_nothing(v1, local_stripe):
    ada = customer(v1, balance=-50)
    v1.invoice_items.create({"customer": ada.id, "amount": 400, "currency": "gbp", "description": "Extra"})
    events = local_stripe.event_types()
    preview = v1.invoices.create_preview({"customer": ada.id})
    assert [line.description for line in preview.lines.data] == ["Extra"]
    assert (preview.total, preview.amount_due, preview.status, preview.number) == (400, 350, "draft", None)
    assert v1.invoices.list({"customer": ada.id}).data == []
    assert len(v1.invoice_items.list({"customer": ada.id, "pending": True}).data) == 1
    assert local_stripe.event_types() == events


def test_there_is_no_preview_of_nothing(v1, ada):
    error = refused(v1.invoices.create_preview, {"customer": ada.id})
    assert (error.http_status, error.code) == (404, "invoice_upcoming_none")
    assert refused(v1.invoices.create_preview, {}).http_status == 400


def test_a_preview_takes_further_items_in(v1, ada):
    price = v1.prices.create({"currency": "gbp", "unit_amount": 250, "product_data": {"name": "Pen"}})
    items = [{"price": price.id, "quantity": 2}, {"amount": 100, "currency": "gbp"}]
    preview = v1.invoices.create_preview({"customer": ada.id, "invoice_items": items})
    assert [line.amount for line in preview.lines.data] == [500, 100]


def test_tax_ids_are_frozen_with_the_rest(v1, ada, local_stripe):
    number = local_stripe.world.add("tax_id", customer=ada.id, country="GB", type="gb_vat", value="GB987654321")
    invoice = bill(v1, ada, 1000)
    del local_stripe.world.objects[number["id"]]
    kept = v1.invoices.retrieve(invoice.id).customer_tax_ids
    assert [(one.type, one.value) for one in kept] == [("gb_vat", "GB987654321")]


def test_a_draft_of_a_customer_who_is_gone_waits_for_ever(v1, ada, local_stripe):
    made = draft(v1, ada, 1000, auto_advance=True)
    v1.customers.delete(ada.id)
    local_stripe.fake("POST", "clock", advance="PT2H")
    assert v1.invoices.retrieve(made.id).status == "draft"
