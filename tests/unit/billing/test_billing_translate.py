"""From Stripe's JSON to facts."""

from decimal import Decimal

import pytest

from chalicelib.billing import translate
from chalicelib.billing.facts_bill import Refund, TaxAmount
from chalicelib.billing.facts_price import Discount, TaxRate
from tests.unit.billing import samples
from tests.unit.billing.samples import DAY, MONTH_LATER, NOW


def test_a_subscription_carries_price_product_card_tax_and_discount():
    facts = translate.subscription(samples.subscription())
    item = facts.items[0]
    assert (item.price.name, item.price.unit_amount, item.price.interval, item.quantity) == (
        "Studio Pro",
        1000,
        "month",
        2,
    )
    assert (item.period_start, item.period_end) == (NOW, MONTH_LATER)
    assert facts.default_card == "pm_own"
    assert facts.tax_rates == (TaxRate("VAT", "20", inclusive=False),)
    assert facts.discounts == (Discount("Welcome back", 12.5, None, "", MONTH_LATER),)


def test_expanded_objects_are_read_as_their_ids():
    data = samples.subscription(
        customer=samples.customer(), default_payment_method=samples.card(id="pm_x"), schedule=samples.schedule()
    )
    facts = translate.subscription(data)
    assert (facts.customer, facts.default_card, facts.schedule) == ("cus_1", "pm_x", "sub_sched_1")


def test_an_unexpanded_product_is_named_by_the_list_or_else_by_its_id():
    item = samples.subscription_item(price=samples.price(product="prod_pro"))
    data = samples.subscription(items=samples.list_of(item))
    assert translate.product_ids(subscriptions=[data]) == ("prod_pro",)
    assert translate.subscription(data, {"prod_pro": "Studio Pro"}).items[0].price.name == "Studio Pro"
    assert translate.subscription(data).items[0].price.name == "prod_pro"


def test_an_expanded_product_needs_no_name_from_a_list():
    assert translate.product_ids(subscriptions=[samples.subscription()]) == ()


@pytest.mark.parametrize(
    ("on_subscription", "on_price", "expected"),
    [
        ({}, {}, ("", None)),
        ({"tillkey": "plan"}, {}, ("plan", None)),
        ({"tillkey": "Subscription "}, {"installments": "6"}, ("subscription", None)),
        ({"installments": "6"}, {}, ("plan", 6)),
        ({"installments": " 6 "}, {"tillkey": "subscription"}, ("plan", 6)),
        ({}, {"installments": "12"}, ("plan", 12)),
        ({"tillkey": "plan"}, {"installments": "4"}, ("plan", 4)),
        ({"installments": "0"}, {}, ("", None)),
        ({"installments": "many"}, {}, ("", None)),
        ({"installments": "-3"}, {}, ("", None)),
        ({"installments": "²"}, {}, ("", None)),
        ({"tillkey": "something"}, {}, ("", None)),
    ],
)
def test_the_subscriptions_mark_wins_over_its_prices(on_subscription, on_price, expected):
    item = samples.subscription_item(price=samples.price(metadata=on_price))
    data = samples.subscription(metadata=on_subscription, items=samples.list_of(item))
    facts = translate.subscription(data)
    assert (facts.mark, facts.instalments) == expected


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        ({"billing_scheme": "tiered", "unit_amount": None}, None),
        ({"transform_quantity": {"divide_by": 100, "round": "up"}}, None),
        ({"unit_amount": None, "unit_amount_decimal": "0.5"}, None),
        ({"unit_amount": 0}, 0),
    ],
)
def test_only_a_flat_price_has_a_unit_amount(changes, unit):
    item = samples.subscription_item(price=samples.price(**changes))
    facts = translate.subscription(samples.subscription(items=samples.list_of(item)))
    assert facts.items[0].price.unit_amount == unit


def test_a_paused_collection_is_not_the_status_paused():
    paused = translate.subscription(samples.subscription(pause_collection={"behavior": "void", "resumes_at": 5}))
    assert (paused.status, paused.collection_paused, paused.resumes_at) == ("active", True, 5)


def test_invoice_items_that_wait_count_for_the_subscription_that_takes_them():
    own = {"id": "ii_1", "amount": 500, "parent": {"subscription_details": {"subscription": "sub_1"}}}
    anyones = {"id": "ii_2", "amount": -200, "parent": None}
    foreign = {"id": "ii_3", "amount": 900, "parent": {"subscription_details": {"subscription": "sub_2"}}}
    facts = translate.subscription(samples.subscription(), pending_items=[own, anyones, foreign])
    assert (facts.pending_items, facts.pending_amount) == (True, 300)
    assert not translate.subscription(samples.subscription(), pending_items=[foreign]).pending_items


def test_the_portals_own_cancellation_is_recognised():
    assert translate.subscription(samples.subscription(metadata={"tillkey_cancel": "att_1"})).portal_cancel == "att_1"
    assert translate.schedule(samples.schedule(metadata={"tillkey_cancel": "att_2"})).portal_cancel == "att_2"


def test_a_schedule_carries_its_phases_with_what_they_charge():
    facts = translate.schedule(samples.schedule())
    assert [(p.start, p.end, p.amount, p.interval) for p in facts.phases] == [
        (NOW, MONTH_LATER, 2000, "month"),
        (MONTH_LATER, MONTH_LATER + 30 * DAY, 2000, "month"),
    ]
    assert facts.phases[0].prices == (("price_pro", 2),)
    assert (facts.subscription, facts.default_card, facts.current_end) == ("sub_1", "pm_default", MONTH_LATER)


def test_a_phase_whose_price_was_not_expanded_has_no_amount():
    bare = samples.phase(items=[{"price": "price_pro", "quantity": None}])
    facts = translate.schedule(samples.schedule(phases=[bare]))
    assert (facts.phases[0].prices, facts.phases[0].amount) == ((("price_pro", None),), None)


def test_a_released_schedule_still_names_its_subscription():
    data = samples.schedule(status="released", subscription=None, released_subscription="sub_9")
    assert translate.schedule(data).subscription == "sub_9"


def test_a_card_and_other_methods_are_read_from_the_part_named_by_their_type():
    facts = translate.card(samples.card())
    assert (facts.kind, facts.brand, facts.last4, facts.exp_month, facts.exp_year) == ("card", "visa", "4242", 8, 2031)
    sepa = translate.card(samples.card(type="sepa_debit", card=None, sepa_debit={"last4": "3000", "fingerprint": "f"}))
    assert (sepa.kind, sepa.brand, sepa.last4, sepa.exp_year) == ("sepa_debit", "", "3000", 0)
    new = translate.card(samples.card(type="telepathy", card=None))
    assert (new.kind, new.last4) == ("telepathy", "")


def test_a_customer_is_hidden_by_the_merchants_mark():
    facts = translate.customer(samples.customer(metadata={"tillkey": "hide"}, discount={"id": "di_1"}))
    assert facts.hidden
    assert facts.discounted
    assert (facts.balance, facts.default_card) == (-250, "pm_default")
    assert not translate.customer(samples.customer()).hidden


def test_a_deleted_customer_is_all_that_stripe_leaves_of_it():
    facts = translate.customer({"id": "cus_1", "object": "customer", "deleted": True})
    assert facts.deleted
    assert facts.email == ""


def test_an_invoice_carries_all_a_receipt_needs():
    bill = translate.invoice_bill(samples.invoice(), [samples.charge(refunds=samples.list_of(samples.refund()))])
    assert (bill.number, bill.title, bill.total, bill.reason) == ("NL-0042", "Studio Pro", 2400, "subscription_cycle")
    assert bill.taxes == (TaxAmount(TaxRate("VAT", "20", inclusive=False), 400, 2000, "standard_rated"),)
    assert [(d.name, d.amount) for d in bill.discounts] == [("Welcome back", 500)]
    line = bill.lines[0]
    assert (line.quantity, line.unit_amount, line.amount, line.discount) == (2, 1250, 2500, 500)
    assert (line.period_start, line.period_end, line.price) == (NOW, MONTH_LATER, "price_pro")
    assert bill.bill_to.address == ("12 Harbour Lane", "Bristol BS1 4QA", "GB")
    assert bill.bill_to.tax_ids == ("GB999999973",)
    assert (bill.issued, bill.paid_at, bill.custom_fields) == (NOW + 10, NOW + 60, (("PO number", "7781"),))
    payment = bill.payments[0]
    assert (payment.id, payment.status, payment.brand, payment.last4) == ("ch_1", "succeeded", "mastercard", "4444")
    assert payment.refunds == (Refund("re_1", 400, NOW + 2 * DAY),)


def test_the_town_stands_where_the_country_writes_it():
    address = {"line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    bill = translate.invoice_bill(samples.invoice(customer_address=address))
    assert bill.bill_to.address == ("Hauptstr. 1", "10115 Berlin", "DE")


def test_a_tax_rate_that_was_not_expanded_is_found_among_the_invoices_defaults():
    tax = samples.total_tax(tax_rate_details={"tax_rate": "txr_vat"}, tax_behavior="inclusive")
    named = samples.invoice(total_taxes=[tax], default_tax_rates=[samples.tax_rate(percentage=Decimal("7.70"))])
    assert translate.invoice_bill(named).taxes[0].rate == TaxRate("VAT", "7.7", inclusive=True)
    unnamed = samples.invoice(total_taxes=[tax])
    assert translate.invoice_bill(unnamed).taxes[0].rate == TaxRate("Tax", "", inclusive=True)


def test_automatic_tax_shows_the_rate_that_was_used():
    rate = samples.tax_rate(percentage=19.0, effective_percentage=0.0)
    bill = translate.invoice_bill(samples.invoice(total_taxes=[samples.total_tax(tax_rate_details={"tax_rate": rate})]))
    assert bill.taxes[0].rate.percentage == "0"


def test_a_discount_is_named_from_the_invoices_expanded_discounts():
    data = samples.invoice(
        total_discount_amounts=[{"amount": 500, "discount": "di_1"}, {"amount": 1, "discount": "di_2"}],
        discounts=[samples.discount()],
    )
    assert [d.name for d in translate.invoice_bill(data).discounts] == ["Welcome back", "Discount"]


@pytest.mark.parametrize(
    ("starting", "ending", "applied"), [(-500, 0, 500), (-500, -200, 300), (300, 0, -300), (-500, None, 0), (0, 0, 0)]
)
def test_credit_used_by_an_invoice_is_the_change_of_the_balance(starting, ending, applied):
    data = samples.invoice(starting_balance=starting, ending_balance=ending)
    assert translate.invoice_bill(data).balance_applied == applied


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ([samples.line()], "Studio Pro"),
        ([samples.line(description="1 × Mugs (blue) (at £8.00 each)", pricing=None)], "Mugs (blue)"),
        ([samples.line(description="Logo design", pricing=None)], "Logo design"),
        ([samples.line(amount=0, description="Trial period for Studio Pro")], "Studio Pro"),
        ([samples.line(), samples.line(description="3 × Seats (at £2.00 / month)")], "Studio Pro and Seats"),
        (
            [samples.line(), samples.line(description="1 × A"), samples.line(description="1 × B")],
            "Studio Pro and 2 more",
        ),
        ([], "Thank you"),
    ],
)
def test_a_bill_is_titled_by_the_products_of_its_main_lines(lines, title):
    assert translate.invoice_bill(samples.invoice(lines=samples.list_of(*lines))).title == title


def test_prorations_do_not_title_a_bill_that_has_more():
    proration = {"subscription_item_details": {"proration": True}}
    old = samples.line(description="Remaining time on Old after 1 Jan 2026", parent=proration)
    bill = translate.invoice_bill(samples.invoice(lines=samples.list_of(old, samples.line())))
    assert bill.title == "Studio Pro"
    assert [line.proration for line in bill.lines] == [True, False]


def test_product_names_from_the_list_win_over_line_texts():
    bill = translate.invoice_bill(samples.invoice(), names={"prod_pro": "Studio Pro (new name)"})
    assert bill.title == "Studio Pro (new name)"
    assert translate.product_ids(invoices=[samples.invoice()]) == ("prod_pro",)


@pytest.mark.parametrize(("currency", "total"), [("jpy", 4900), ("kwd", 12345)])
def test_amounts_stay_in_the_currencys_own_minor_units(currency, total):
    bill = translate.invoice_bill(samples.invoice(currency=currency, total=total))
    assert (bill.currency, bill.total) == (currency, total)


def test_a_fraction_of_a_minor_unit_is_no_unit_amount():
    pricing = {"type": "price_details", "unit_amount_decimal": Decimal("0.25")}
    bill = translate.invoice_bill(samples.invoice(lines=samples.list_of(samples.line(pricing=pricing))))
    assert bill.lines[0].unit_amount is None


def test_an_amount_due_next_is_read_from_a_preview():
    data = samples.invoice(amount_due=3100, next_payment_attempt=None, period_end=MONTH_LATER)
    assert translate.preview(data) == (3100, "gbp", MONTH_LATER)


def test_what_to_expand_stays_within_stripes_four_levels():
    expansions = [value for name, value in vars(translate).items() if name.startswith("EXPAND_")]
    assert expansions
    assert all(path.count(".") < 4 for paths in expansions for path in paths)
