"""All saved cards on one page: what each pays for, and removing one without leaving anything unpaid."""

import pytest

from tests.functional.visitor import Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

ADA, EVE = "ada@mail.example", "eve@mail.example"


def saved(shop: Shop, customer: str) -> list[str]:
    """Last four digits of what Stripe has saved for the customer."""
    return sorted(str(card.card.last4) for card in shop.v1.payment_methods.list({"customer": customer}).data)  # type: ignore[union-attr]


def card_of(shop: Shop, item: str) -> str:
    """Id of the subscription's own card at Stripe."""
    return str(shop.v1.subscriptions.retrieve(item).default_payment_method)


def test_each_card_is_shown_with_what_it_pays_for(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    shop.subscription(customer)
    shop.plan(customer)
    shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    page = visitor.follow("Your cards and payment methods")
    assert "Visa •••• 4242 Pays for Studio Membership, Portrait Masterclass Expires 12/2034" in page.text
    assert "Mastercard •••• 4444 Not in use Expires 12/2034" in page.text


def test_a_card_nothing_needs_is_removed_with_two_presses(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    shop.subscription(customer)
    shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    visitor.open("/cards")
    visitor.follow("Mastercard")
    page = visitor.press("Remove this card")
    assert "Mastercard •••• 4444 is no longer saved" in page.text
    assert "Not in use" not in page.text
    assert saved(shop, customer) == ["4242"]


def test_pressing_twice_or_coming_back_later_removes_once_and_says_the_same(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    spare = shop.card(customer, MASTERCARD)
    shop.subscription(customer)
    visitor.sign_in(ADA)
    form = visitor.open(f"/cards/{spare}/remove")
    first = visitor.press("Remove this card")
    visitor.page = form
    assert visitor.press("Remove this card").text == first.text
    assert shop.calls().count(("POST", f"/v1/payment_methods/{spare}/detach")) == 1
    assert visitor.open(f"/cards/{spare}/remove").status == 404


def test_a_card_in_use_is_removed_once_another_steps_in_and_nothing_is_charged(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    item, plan = shop.subscription(customer), shop.plan(customer)
    other = shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    charges = len(shop.v1.charges.list({"customer": customer}).data)
    visitor.open("/cards")
    page = visitor.follow("Visa")
    assert "It still pays for this: Studio Membership" in page.text
    page = visitor.press("Replace and remove", {"instead": other})
    assert "Visa •••• 4242 is no longer saved" in page.text
    assert "Mastercard •••• 4444 Pays for Studio Membership, Portrait Masterclass Expires 12/2034" in page.text
    assert (card_of(shop, item), card_of(shop, plan)) == (other, other)
    assert saved(shop, customer) == ["4444"]
    assert len(shop.v1.charges.list({"customer": customer}).data) == charges
    stack.skip("P32D")
    assert all(s.status == "active" for s in shop.v1.subscriptions.list({"customer": customer}).data)


@pytest.mark.root_only
def test_what_began_to_use_it_meanwhile_keeps_it(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item, spare = shop.subscription(customer), shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    visitor.open(f"/cards/{spare}/remove")
    shop.v1.subscriptions.update(item, {"default_payment_method": spare})
    page = visitor.press("Remove this card")
    assert page.status == 403
    assert "Something is still charged to it" in page.text
    assert saved(shop, customer) == ["4242", "4444"]


@pytest.mark.root_only
def test_what_is_owed_stays_payable_with_the_card_that_stepped_in(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer)
    invoice = shop.past_due(customer, item)
    failing = card_of(shop, item)
    visitor.sign_in(ADA)
    visitor.open(f"/cards/{failing}/remove")
    visitor.press("Replace and remove")
    assert shop.v1.invoices.retrieve(invoice).status == "open"
    visitor.open(f"/items/{item}")
    assert "is paid" in visitor.press("Pay $49.00 now").text
    assert shop.v1.invoices.retrieve(invoice).status == "paid"


@pytest.mark.root_only
def test_a_card_or_a_replacement_of_somebody_else_is_not_found(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    ada, eve = shop.customer(ADA), shop.customer(EVE, "Eve")
    shop.subscription(ada)
    shop.subscription(eve)
    hers = shop.card(eve, MASTERCARD)
    mine = shop.card(ada, CHARGE_FAILS)
    visitor.sign_in(ADA)
    assert visitor.open(f"/cards/{hers}/remove").status == 404
    form = visitor.open(f"/cards/{mine}/remove")
    csrf = next(i["value"] for i in form.document.root.all("input") if i["name"] == "csrf")
    fields = {"csrf": csrf, "attempt": "a" * 24}
    assert visitor.send(f"/cards/{hers}/remove", fields).status == 404
    assert visitor.send(f"/cards/{mine}/remove", {**fields, "instead": hers}).status == 404
    assert [path for _, path in shop.calls() if path.endswith("/detach")] == []


@pytest.mark.root_only
@pytest.mark.parametrize("lost", [0, 1])
def test_when_no_answer_comes_the_sweep_finishes_what_was_begun(
    stack: TestStack, shop: Shop, visitor: Visitor, lost: int
) -> None:
    customer = shop.customer(ADA)
    item, other = shop.subscription(customer), shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    visitor.open("/cards")
    visitor.follow("Visa")
    path = (f"/v1/subscriptions/{item}$", "/detach$")[lost]
    stack.stripe.call("POST", "faults", {"method": "POST", "path": path, "status": 500, "after": True, "times": 9})
    assert "Still being confirmed" in visitor.press("Replace and remove", {"instead": other}).text
    stack.stripe.call("DELETE", "faults")
    stack.advance("PT10M")
    assert card_of(shop, item) == other
    assert saved(shop, customer) == ["4444"]
    assert "Visa" not in visitor.open("/cards").text
