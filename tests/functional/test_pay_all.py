"""Everything overdue is paid with one press, each with its own card and its own result; currencies stay apart."""

from tests.functional.traces import published
from tests.functional.visitor import Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


def overdue(stack: TestStack, shop: Shop, customer: str, *items: str, then: dict[str, str]) -> None:
    """Renewals fail on a bad card; then each item is given the card it is to be paid with."""
    bad = shop.card(customer, CHARGE_FAILS)
    for item in items:
        shop.v1.subscriptions.update(item, {"default_payment_method": bad})
    stack.skip("P32D")
    for item, card in then.items():
        shop.v1.subscriptions.update(item, {"default_payment_method": card})
    stack.settle()


def test_one_press_pays_all_and_says_what_became_of_each(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    one, two = shop.subscription(customer, "Membership"), shop.subscription(customer, "Archive", 900)
    good, bad = shop.card(customer, MASTERCARD), shop.card(customer, CHARGE_FAILS)
    overdue(stack, shop, customer, one, two, then={one: good, two: bad})
    visitor.sign_in(ADA)
    form = visitor.follow("Pay everything that is due")
    assert "Membership $49.00" in form.text
    assert "Archive $9.00" in form.text
    done = visitor.press("Pay $58.00 now")
    assert done.text.index("Archive: $9.00 wasn’t paid") < done.text.index("Membership: $49.00 is paid")
    newest = [
        shop.v1.subscriptions.retrieve(item, {"expand": ["latest_invoice"]}).latest_invoice for item in (one, two)
    ]
    assert [invoice.status for invoice in newest] == ["paid", "open"]  # type: ignore[union-attr]
    stack.settle()
    assert published(stack) == ["payment.recovered"]  # by the attempt, and not again by Stripe's own event
    charges = len(shop.v1.charges.list({"customer": customer, "limit": 100}).data)
    visitor.page = form
    assert visitor.press("Pay $58.00 now").text == done.text
    assert len(shop.v1.charges.list({"customer": customer, "limit": 100}).data) == charges


def test_currencies_are_never_added(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, other = shop.customer(ADA), shop.customer("Ada@mail.example", "Ada King")
    one, two = shop.subscription(customer), shop.subscription(other, "Archive", 900, currency="eur")
    shop.v1.subscriptions.update(two, {"default_payment_method": shop.card(other, CHARGE_FAILS)})
    overdue(stack, shop, customer, one, then={one: shop.card(customer, MASTERCARD)})
    visitor.sign_in(ADA)
    page = visitor.open("/pay")
    assert {button for button in page.buttons if button.startswith("Pay")} == {"Pay $49.00 now", "Pay €9.00 now"}


def test_when_nothing_is_due_the_page_says_so(shop: Shop, visitor: Visitor) -> None:
    shop.subscription(shop.customer(ADA))
    visitor.sign_in(ADA)
    page = visitor.open("/pay")
    assert "Nothing is due right now" in page.text
    assert not [button for button in page.buttons if button.startswith("Pay")]
