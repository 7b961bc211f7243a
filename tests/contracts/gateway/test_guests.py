"""What guests bought, asked over HTTP: whose it is, what was sold, and the same from a list as alone."""

from types import SimpleNamespace
from typing import Any

import pytest
import requests

from chalicelib.billing.errors import StripeUnavailable
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.stripe_gateway import StripeGateway
from local.stripe.server import Server

GWEN = "Gwen@Mail.example"
PACK = {"price_data": {"currency": "gbp", "unit_amount": 3900, "product_data": {"name": "Travel Preset Pack"}}}


def buy(server: Server, shop: SimpleNamespace, *lines: Any, email: str = GWEN, **given: Any) -> str:
    """Somebody pays on a checkout page. Gives the session's id."""
    made = shop.v1.checkout.sessions.create({"mode": "payment", "line_items": list(lines or [PACK]), **given})
    body = {"email": email, "name": "Gwen Hale"}
    requests.post(f"{server.url}/_fake/checkout/{made.id}", json=body, timeout=9).raise_for_status()
    return str(made.id)


def read(gateway: StripeGateway, session: str) -> Bill:
    """The order of a session."""
    bill = gateway.bill(gateway.bill_of_session(session))
    assert bill is not None
    return bill


def test_a_guests_order_has_name_lines_taxes_and_buyer(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    vat = shop.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": True}).id
    bill = read(gateway, buy(server, shop, {**PACK, "quantity": 2, "tax_rates": [vat]}))
    assert (bill.holder, bill.kind, bill.status, bill.total) == ("guest:gwen@mail.example", "charge", "paid", 7800)
    assert (bill.title, [(line.quantity, line.unit_amount) for line in bill.lines]) == (
        "Travel Preset Pack",
        [(2, 3900)],
    )
    assert [(tax.rate.name, tax.rate.percentage, tax.amount) for tax in bill.taxes] == [("VAT", "20", 1300)]
    assert (bill.bill_to.name, bill.bill_to.email) == ("Gwen Hale", GWEN)
    assert [(p.brand, p.last4) for p in bill.payments] == [("visa", "4242")]


def test_an_order_read_alone_equals_the_same_in_the_list_also_refunded_and_with_many_lines(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    many = [{**PACK, "quantity": number} for number in range(1, 14)]
    old, new = read(gateway, buy(server, shop)), buy(server, shop, *many)
    shop.v1.refunds.create({"charge": old.id, "amount": 900})
    listed = gateway.bills_of_guest([GWEN])
    assert {bill.id for bill in listed} == {old.id, read(gateway, new).id}
    assert all(gateway.bill(bill.id) == bill for bill in listed)
    assert [refund.amount for bill in listed if bill.id == old.id for refund in bill.payments[0].refunds] == [900]
    assert [len(bill.lines) for bill in listed] == [13, 1]


def test_each_spelling_is_asked_for_by_its_letters(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    first, second = (read(gateway, buy(server, shop, email=email)) for email in (GWEN, GWEN.lower()))
    assert [bill.id for bill in gateway.bills_of_guest([GWEN])] == [first.id]
    assert {bill.id for bill in gateway.bills_of_guest([GWEN, GWEN.lower()])} == {first.id, second.id}
    assert gateway.bills_of_guest(["somebody@else.example"]) == ()


@pytest.mark.parametrize("how", ["given", "made"])
def test_what_has_a_customer_is_never_a_guests(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server, how: str
) -> None:
    owner = {"customer": shop.customer} if how == "given" else {"customer_creation": "always"}
    session = shop.v1.checkout.sessions.retrieve(buy(server, shop, email="ada@example.com", **owner))
    assert gateway.bill_of_session(session.id) == ""
    assert gateway.bills_of_guest(["ada@example.com", "Ada@Example.com"]) == ()
    charge = shop.v1.payment_intents.retrieve(session.payment_intent).latest_charge
    bill = gateway.bill(charge)
    assert bill is not None
    assert (bill.holder, bill.title, bill.lines[0].quantity) == (session.customer, "Travel Preset Pack", 1)
    assert bill in gateway.bills_of(str(session.customer))


def test_a_payment_without_session_belongs_to_the_address_on_it(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    paid: dict[str, Any] = {"amount": 3900, "currency": "gbp", "payment_method": "pm_card_visa", "confirm": True}
    paid["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    named = shop.v1.payment_intents.create({**paid, "receipt_email": GWEN, "description": "Portrait sitting"})
    charge = str(named.latest_charge)
    assert gateway.bill_of_charge(charge) == charge
    bill = gateway.bill(charge)
    assert bill is not None
    assert (bill.holder, bill.title) == ("guest:gwen@mail.example", "Portrait sitting")
    nobody = shop.v1.payment_intents.create(paid)
    assert gateway.bill(str(nobody.latest_charge)) is None


def test_a_free_order_is_read_by_its_session(gateway: StripeGateway, shop: SimpleNamespace, server: Server) -> None:
    session = buy(server, shop, {"price_data": {**PACK["price_data"], "unit_amount": 0}})
    assert gateway.bill_of_session(session) == session
    (listed,) = gateway.bills_of_guest([GWEN])
    assert listed == gateway.bill(session)
    assert (listed.id, listed.status, listed.total, listed.title) == (session, "paid", 0, "Travel Preset Pack")


def test_a_page_nobody_paid_yet_brings_nothing(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    product = shop.v1.products.create({"name": "Travel Preset Pack"}).id
    pack = {"price_data": {"currency": "gbp", "unit_amount": 3900, "product": product}, "quantity": 1}
    urls = {"success_url": "https://shop.example/thanks"}
    waiting = shop.v1.checkout.sessions.create({"mode": "payment", "line_items": [pack], **urls}).id
    shop.v1.products.update(product, {"active": False})
    assert gateway.bill_of_session(waiting) == ""
    assert gateway.bill(waiting) is None
    assert gateway.bill_of_session("cs_none") == ""
    assert gateway.bill("cs_none") is None


def test_a_key_that_may_not_read_sessions_holds_up_guests_but_no_customers(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    order = read(gateway, buy(server, shop))
    fault = {"status": 403, "path": "^/v1/checkout/", "times": 99}
    requests.post(f"{server.url}/_fake/faults", json=fault, timeout=9).raise_for_status()
    assert gateway.bills_of_guest([GWEN]) == ()
    unnamed = gateway.bill(order.id)
    assert unnamed is not None
    assert (unnamed.holder, unnamed.title, unnamed.total) == (order.holder, "Payment", order.total)
    requests.post(f"{server.url}/_fake/faults", json={"status": 403, "times": 1}, timeout=9).raise_for_status()
    with pytest.raises(StripeUnavailable):
        gateway.customer(shop.customer)
