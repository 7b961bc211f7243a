"""Paying by bank debit: known days later. Meanwhile the portal says so, offers nothing twice and sends no reminder."""

import pytest
from msgspec.structs import replace

from chalicelib.wiring import portal
from tests.functional.traces import published
from tests.functional.visitor import Page, Visitor
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only

ADA = "ada@mail.example"
ON_ITS_WAY = "Your bank is processing the payment"
AND_PAY = "Use this payment method and pay €49.00"


def recovered(stack: TestStack) -> int:
    """How often it was published that a failed payment was made good."""
    return published(stack).count("payment.recovered")


def failed_mails(stack: TestStack) -> list[str]:
    """The texts of mails about failed payments so far, oldest first."""
    stack.jobs.run("sweep")
    stack.settle()
    mails = reversed(stack.outbox.all())
    return [mail.text for mail in mails if "ayment failed" in str(mail.message["Subject"])]


def overdue(stack: TestStack, shop: Shop) -> tuple[str, str]:
    """Ada's renewal over 49.00 euros failed with a card. Gives customer and item."""
    customer = shop.customer(ADA)
    item = shop.subscription(customer, currency="eur")
    shop.past_due(customer, item)
    stack.settle()
    return customer, item


def ways_to_pay(page: Page) -> list[str]:
    """What could be pressed, or followed, to pay."""
    return [text for text in [*page.buttons, *(link.text for link in page.links)] if "pay " in f"{text} ".lower()]


def moved_to_sepa(shop: Shop, visitor: Visitor, customer: str, item: str, token: str = "pm_success_de") -> Page:
    """Her bank account is picked for the overdue item, which pays it."""
    account = shop.bank(customer, token)
    visitor.sign_in(ADA)
    visitor.open(f"/items/{item}/card")
    return visitor.press(AND_PAY, {"card": account})


def days_later(stack: TestStack, visitor: Visitor, path: str) -> Page:
    """Six days on, signed in again."""
    stack.skip("P6D")
    visitor.sign_in(ADA)
    return visitor.open(path)


def debits(shop: Shop, customer: str) -> list[str]:
    """How what was taken from bank accounts ended, oldest first."""
    charges = shop.v1.charges.list({"customer": customer, "limit": 100}).data
    kinds = [(charge.payment_method_details.type, charge.status) for charge in charges if charge.payment_method_details]
    return [status for kind, status in reversed(kinds) if kind == "sepa_debit"]


def test_an_overdue_item_is_moved_to_sepa_and_paid_days_later(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, item = overdue(stack, shop)
    mails = len(failed_mails(stack))
    form_page = moved_to_sepa(shop, visitor, customer, item)
    assert "Payment method changed, and €49.00 is on its way" in form_page.text
    for path in (f"/items/{item}", "/"):
        page = visitor.open(path)
        assert "SEPA debit •••• 3000" in page.text
        assert "Processing" in page.text
        assert "Past due" not in page.text
        assert not ways_to_pay(page)
    assert ON_ITS_WAY in visitor.open(f"/items/{item}").text
    assert "Nothing is due right now" in visitor.open("/pay").text
    assert recovered(stack) == 0
    page = days_later(stack, visitor, f"/items/{item}")
    assert page.heading == "Studio Membership Active"
    assert ON_ITS_WAY not in page.text
    newest = shop.v1.subscriptions.retrieve(item).latest_invoice
    assert "SEPA debit •••• 3000" in visitor.open(f"/receipts/{newest}").text
    stack.settle()
    assert recovered(stack) == 1
    assert len(failed_mails(stack)) == mails
    assert debits(shop, customer) == ["succeeded"]


def test_the_same_press_again_and_another_tab_debit_nothing_more(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    store = portal().settings_store
    store.write(replace(store.read(), charge_overdue_on_card_change=False))
    customer, item = overdue(stack, shop)
    account = shop.bank(customer)
    visitor.sign_in(ADA)
    visitor.open(f"/items/{item}/card")
    visitor.press("Use this payment method", {"card": account})
    first, second = visitor.open(f"/items/{item}"), visitor.open(f"/items/{item}")
    for page, words in ((first, "€49.00 is on its way"), (second, "Your payment is on its way"), (first, "€49.00")):
        visitor.page = page
        assert words in visitor.press("Pay €49.00 now").text
    assert debits(shop, customer) == ["pending"]
    days_later(stack, visitor, f"/items/{item}")
    assert recovered(stack) == 1
    assert debits(shop, customer) == ["succeeded"]


def test_a_debit_the_bank_refuses_is_overdue_again_with_advice_and_a_mail(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, item = overdue(stack, shop)
    mails = len(failed_mails(stack))
    moved_to_sepa(shop, visitor, customer, item, "pm_insufficientFunds_de")
    assert len(failed_mails(stack)) == mails
    page = days_later(stack, visitor, f"/items/{item}")
    assert page.heading == "Studio Membership Past due"
    assert "€49.00 is still unpaid There wasn’t enough money available for this payment." in page.text
    assert "Pay €49.00 now" in page.buttons
    assert recovered(stack) == 0
    assert "There wasn’t enough money available" in failed_mails(stack)[-1]
    assert len(failed_mails(stack)) == mails + 1


def test_a_renewal_by_sepa_is_not_overdue_while_it_is_processed(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer = shop.customer(ADA)
    item = shop.subscription(customer, currency="eur")
    shop.v1.subscriptions.update(item, {"default_payment_method": shop.bank(customer, "pm_failed_de")})
    stack.skip("P32D")
    visitor.sign_in(ADA)
    page = visitor.open(f"/items/{item}")
    assert page.heading == "Studio Membership Active"
    assert "€49.00 is on its way" in page.text
    assert not ways_to_pay(page)
    assert failed_mails(stack) == []
    page = days_later(stack, visitor, f"/items/{item}")
    assert page.heading == "Studio Membership Past due"
    (mail,) = failed_mails(stack)
    assert "Your bank declined the payment" in mail


def test_an_instalment_by_bank_account_is_processing_in_the_plans_table(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer = shop.customer(ADA)
    plan = shop.plan(customer)
    stack.skip("PT2H")
    shop.v1.subscriptions.update(plan, {"default_payment_method": shop.bank(customer, "pm_usBankAccount_success")})
    stack.skip("P32D")
    visitor.sign_in(ADA)
    page = visitor.open(f"/items/{plan}")
    assert page.heading == "Portrait Masterclass Active"
    assert "Bank account •••• 6789" in page.text
    assert "Processing" in page.text
    assert "Pay off the rest" not in [link.text for link in page.links]
    assert "2 of 6 payments made" in days_later(stack, visitor, f"/items/{plan}").text
