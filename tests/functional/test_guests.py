"""Guests: who bought without becoming a customer signs in and sees what they bought, and nobody else does."""

import re
from collections.abc import Callable

import pytest

from chalicelib.billing.wanted_events import WANTED
from chalicelib.web import work
from local.stripe_process import WEBHOOK_SECRET
from tests.functional.signing_in import asked, shown
from tests.functional.visitor import Page, Visitor
from tests.guest_histories import Week
from tests.shop import Shop
from tests.stack import TestStack

ADA, GWEN = "ada@mail.example", "gwen@mail.example"


def events_lost(stack: TestStack) -> None:
    """Stripe's events reach us no more."""
    stack.stripe.call("POST", "deliveries/mode", {"drop": True})


def entered(stack: TestStack, visitor: Visitor, typed: str, stored: str) -> Page:
    """Signed in by the code in the mail, which goes to the address as it stands at Stripe."""
    asked(visitor, typed)
    code = re.search(r"\b(\d{3}) (\d{3})\b", stack.mailbox(stored)[0].text)
    assert code
    return visitor.fill_only_field(code[1] + code[2])


def test_a_guest_signs_in_and_goes_from_the_order_to_its_receipt_and_the_pdf(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    charge = shop.guest_order("Gwen@Mail.example")
    stack.settle()
    home = entered(stack, visitor, GWEN, "Gwen@mail.example")
    assert home.heading == "Hello, Ada Lovelace"
    for words in ("Travel Preset Pack", "$39.00", "Paid"):
        assert words in home.text
    assert not [link for link in home.links if "/cards" in link["href"] or "/items/" in link["href"]]
    order = visitor.follow("Travel Preset Pack")
    assert order.path.endswith(f"/orders/{charge}")
    assert "Visa •••• 4242" in order.text
    receipt = visitor.follow("receipt")
    assert [
        word for word in ("Travel Preset Pack", "$39.00", "Ada Lovelace", "Gwen@Mail") if word not in receipt.text
    ] == []
    assert visitor.follow("Download PDF").content.startswith(b"%PDF")


def only_what_is_asked_for(stack: TestStack) -> None:
    """Stripe sends the events the portal asks for in a real account, and no others."""
    endpoint = {"url": stack.webhook_url, "secret": WEBHOOK_SECRET, "enabled_events": list(WANTED)}
    stack.stripe.call("POST", "webhook_endpoints", endpoint)


@pytest.mark.root_only
def test_a_refund_shows_on_the_order_and_as_a_new_receipt(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    only_what_is_asked_for(stack)
    charge = shop.guest_order(GWEN)
    visitor.sign_in(GWEN)
    visitor.open(f"/receipts/{charge}")
    shop.v1.refunds.create({"charge": charge, "amount": 900})
    stack.settle()
    assert "Partly refunded" in visitor.open("/").text
    receipt = visitor.open(f"/receipts/{charge}")
    assert "Partly refunded" in receipt.text
    assert "$9.00" in receipt.text


@pytest.mark.root_only
def test_a_guest_of_whom_no_event_ever_came_is_found_by_the_checkout_session(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    events_lost(stack)
    shop.guest_order(GWEN)
    shop.guest_order(GWEN, "Harbour Light", 4500)
    home = visitor.sign_in(GWEN)
    assert "Travel Preset Pack" in home.text
    assert "Harbour Light" in home.text


@pytest.mark.root_only
def test_what_no_event_told_is_found_by_the_hourly_round(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.guest_order(GWEN)
    visitor.sign_in(GWEN)
    events_lost(stack)
    shop.guest_order("GWEN@mail.example", "Harbour Light", 4500)
    stack.settle()
    assert "Harbour Light" not in visitor.open("/").text
    stack.stripe.call("POST", "deliveries/mode", {})
    work.hourly()
    stack.settle()
    assert "Harbour Light" in visitor.open("/").text


@pytest.mark.root_only
def test_customer_and_guest_of_one_mailbox_are_one_account_in_two_groups(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    item = shop.subscription(shop.customer(ADA))
    shop.guest_order("ADA@mail.example")
    home = visitor.sign_in(ADA)
    groups = [heading.text for heading in home.document.root.all("h2")]
    assert [group for group in groups if group in ("Ada Lovelace", "Bought as a guest")] == [
        "Ada Lovelace",
        "Bought as a guest",
    ]
    assert visitor.open(f"/items/{item}").status == 200
    history = visitor.open("/payments?holder=guest")
    assert "Travel Preset Pack" in history.text
    assert "Studio Membership" not in history.text
    assert "@" not in history.path


@pytest.mark.root_only
def test_a_purchase_shows_up_while_its_buyer_is_signed_in(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    shop.subscription(shop.customer(ADA))
    assert "Travel Preset Pack" not in visitor.sign_in(ADA).text
    shop.guest_order("Ada@mail.example")
    stack.settle()
    assert "Travel Preset Pack" in visitor.open("/").text


@pytest.mark.root_only
def test_whoever_asked_in_vain_and_then_bought_gets_in_at_once(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    asked(visitor, GWEN)
    assert stack.mailbox(GWEN) == []
    shop.guest_order(GWEN)
    stack.skip("PT2M")
    assert "Travel Preset Pack" in visitor.sign_in(GWEN).text


@pytest.mark.root_only
def test_asking_answers_a_guest_as_it_answers_anybody(
    stack: TestStack, shop: Shop, another_visitor: Callable[[], Visitor]
) -> None:
    shop.guest_order(GWEN)
    stack.settle()
    pages = [shown(asked(another_visitor(), address)) for address in (GWEN, "who@mail.example")]
    masked = [
        (status, re.sub(rb"[gw]\xe2\x80\xa2", b"x", content).replace(b"gwen", b"who")) for status, content, _ in pages
    ]
    assert masked[0] == masked[1]


@pytest.mark.root_only
def test_a_purchase_with_a_customer_and_one_of_another_spelling_never_reach_the_wrong_mailbox(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    hers = shop.guest_order(ADA, "Fine Art Print", 12000, customer=shop.customer("eve@mail.example"))
    other = shop.guest_order("ada+print@mail.example", "Harbour Light", 4500)
    mine = shop.guest_order(ADA)
    home = visitor.sign_in(ADA)
    assert "Travel Preset Pack" in home.text
    assert "Fine Art Print" not in home.text
    assert "Harbour Light" not in home.text
    for bought in (hers, other):
        for page in ("orders", "receipts"):
            assert visitor.open(f"/{page}/{bought}").status == 404
        assert visitor.open(f"/receipts/{bought}/pdf").status == 404
    assert visitor.open(f"/orders/{mine}").status == 200
    for stranger in ("guest:gwen@mail.example", "guest:ada@mail.example", "guest:"):
        assert visitor.open(f"/payments?holder={stranger}").status == 404


@pytest.mark.root_only
def test_a_purchase_that_was_given_to_a_customer_later_is_the_guests_no_more(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    first, second = shop.guest_order(GWEN), shop.guest_order(GWEN, "Harbour Light", 4500)
    visitor.sign_in(GWEN)
    shop.v1.charges.update(first, {"customer": shop.customer("eve@mail.example")})
    stack.settle()
    assert "Travel Preset Pack" not in visitor.open("/").text
    assert visitor.open(f"/orders/{first}").status == 404
    assert visitor.open(f"/orders/{second}").status == 200


@pytest.mark.root_only
@pytest.mark.parametrize(("bank", "ends"), [("pm_success_de", "Paid"), ("pm_failed_de", "")])
def test_a_bank_debit_is_on_its_way_until_the_bank_has_answered(
    stack: TestStack, shop: Shop, visitor: Visitor, bank: str, ends: str
) -> None:
    only_what_is_asked_for(stack)
    shop.guest_order(GWEN, "Harbour Light", 4500, "eur")
    charge = shop.guest_order(GWEN, currency="eur", card=bank)
    home = visitor.sign_in(GWEN)
    assert "Travel Preset Pack" not in home.text
    history = visitor.open("/payments")
    assert "Processing" in history.text
    stack.skip("P20D")
    visitor.sign_in(GWEN)
    assert "Processing" not in visitor.open("/payments").text
    assert visitor.open(f"/orders/{charge}").status == (200 if ends else 404)
    assert visitor.open("/").text.count("Travel Preset Pack") == (1 if ends else 0)


@pytest.mark.root_only
def test_a_free_order_has_a_page_and_a_document(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    only_what_is_asked_for(stack)
    shop.guest_order(GWEN)
    visitor.sign_in(GWEN)
    session = shop.guest_order(GWEN, "Sample Preset", 0)
    stack.settle()
    assert "Sample Preset" in visitor.open("/").text
    assert "$0.00" in visitor.open(f"/orders/{session}").text
    assert "No payment due" in visitor.open(f"/receipts/{session}").text


@pytest.mark.root_only
def test_no_page_of_a_guest_calls_stripe(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    charge = shop.guest_order(GWEN)
    visitor.sign_in(GWEN)
    stack.settle()
    before = shop.calls()
    for path in ("/", "/payments", f"/orders/{charge}", f"/receipts/{charge}", "/cards"):
        assert visitor.open(path).status == 200
    assert shop.calls() == before


@pytest.mark.root_only
def test_after_a_week_of_lost_and_shuffled_events_everybody_has_what_stripe_says(stack: TestStack, shop: Shop) -> None:
    week = Week(stack, shop, 0)
    week.live(12)
    assert week.shown() == week.expected()
