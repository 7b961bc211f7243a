"""Fix it once: the card one thing was given is offered for the others, each line with what it costs today."""

import pytest

from tests.functional.visitor import Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


def cards(shop: Shop, *items: str) -> list[str]:
    """The card each is charged to at Stripe."""
    return [str(shop.v1.subscriptions.retrieve(item).default_payment_method) for item in items]


def given(visitor: Visitor, item: str, card: str) -> None:
    """The item's card is changed, and what else it could pay for is looked at."""
    visitor.open(f"/items/{item}/card")
    button = next(b for b in visitor.page.buttons if b.startswith("Use this"))  # type: ignore[union-attr]
    visitor.press(button, {"card": card})
    visitor.follow("Use it for more")


def test_what_is_ticked_is_charged_to_it_and_what_is_owed_is_paid(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    first, second, third = (shop.subscription(customer, name) for name in ("Membership", "Archive", "Magazine"))
    new = shop.card(customer, MASTERCARD)
    invoice = shop.past_due(customer, second)
    before = cards(shop, third)
    visitor.sign_in(ADA)
    given(visitor, first, new)
    page = visitor.page
    assert page is not None
    assert "Archive Past due $49.00 today, which is overdue Now charged to Visa •••• 0341" in page.text
    assert "Magazine Active Nothing today. Next payment $49.00" in page.text
    boxes = [entry for entry in page.document.root.all("input") if entry["type"] == "checkbox"]
    assert [box["name"] for box in boxes if "checked" in box] == []
    assert shop.v1.invoices.retrieve(invoice).status == "open"
    done = visitor.press("Use it for what I ticked", {second: "yes"})
    assert "Archive: Card changed, and $49.00 is paid" in done.text
    assert "Magazine" not in done.text
    assert shop.v1.invoices.retrieve(invoice).status == "paid"
    assert cards(shop, first, second) == [new, new]
    assert cards(shop, third) == before


def test_each_line_has_its_own_result_and_a_second_press_changes_nothing(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    first, second, third = (shop.subscription(customer, name) for name in ("Membership", "Archive", "Magazine"))
    refused = shop.card(customer, CHARGE_FAILS)
    shop.past_due(customer, second)
    shop.v1.subscriptions.update(second, {"default_payment_method": shop.card(customer)})
    visitor.sign_in(ADA)
    given(visitor, first, refused)
    form = visitor.page
    done = visitor.press("Use it for what I ticked", {second: "yes", third: "yes"})
    assert "Archive: Card changed, but $49.00 wasn’t paid" in done.text
    assert "Magazine: Card changed" in done.text
    charges = len(shop.v1.charges.list({"customer": customer}).data)
    visitor.page = form
    assert visitor.press("Use it for what I ticked", {second: "yes", third: "yes"}).text == done.text
    assert len(shop.v1.charges.list({"customer": customer}).data) == charges


@pytest.mark.root_only
def test_things_under_another_customer_are_named_and_lead_to_a_form_of_their_own(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    one, other = shop.customer(ADA), shop.customer("Ada@mail.example", "Ada King")
    item, apart = shop.subscription(one), shop.subscription(other, "Print Archive")
    new = shop.card(one, MASTERCARD)
    visitor.sign_in(ADA)
    given(visitor, item, new)
    assert "has to be entered once more" in visitor.page.text  # type: ignore[union-attr]
    assert visitor.follow("Print Archive").path.endswith(f"/items/{apart}/card")


@pytest.mark.root_only
def test_when_there_is_nothing_else_nothing_is_offered(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item, new = shop.subscription(customer), shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    visitor.open(f"/items/{item}/card")
    assert "Use it for more" not in visitor.press("Use this card", {"card": new}).text


@pytest.mark.root_only
def test_a_foreign_card_or_item_in_the_form_does_nothing(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    ada, eve = shop.customer(ADA), shop.customer("eve@mail.example", "Eve")
    item, hers = shop.subscription(ada), shop.subscription(eve)
    mine, card = shop.card(ada, MASTERCARD), shop.card(eve, MASTERCARD)
    second = shop.subscription(ada, "Archive", default_payment_method=mine)
    before = cards(shop, second, hers)
    visitor.sign_in(ADA)
    form = visitor.open(f"/items/{item}/card/elsewhere")
    fields = {i["name"]: i["value"] for i in form.document.root.all("input") if i["type"] == "hidden" and i["name"]}
    assert visitor.send(f"/items/{item}/card/elsewhere", {**fields, "card": card, second: "yes"}).status == 404
    assert visitor.send(f"/items/{item}/card/elsewhere", {**fields, hers: "yes"}).status == 200
    assert cards(shop, second, hers) == before


@pytest.mark.root_only
def test_a_line_that_stripe_did_not_take_says_so_and_the_others_are_done(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    first, second, third = (shop.subscription(customer, name) for name in ("Membership", "Archive", "Magazine"))
    new = shop.card(customer, MASTERCARD)
    visitor.sign_in(ADA)
    given(visitor, first, new)
    stack.stripe.call("POST", "faults", {"method": "POST", "path": second, "status": 429, "times": 9})
    done = visitor.press("Use it for what I ticked", {second: "yes", third: "yes"})
    assert "Nothing was changed and nothing was charged" in done.text
    assert done.text.index("Archive:") < done.text.index("Magazine: Card changed")
    assert (cards(shop, third), cards(shop, second) == [new]) == ([new], False)
