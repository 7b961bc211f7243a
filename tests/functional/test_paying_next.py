"""The next instalment of a plan paid before its date: charged once, skipped then, whatever comes between."""

import pytest

from tests.functional.test_paying_off import signed_in, taken
from tests.functional.visitor import Page, Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, NEEDS_BANK, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"
NEXT = "Pay $199.00 now"


def asked(visitor: Visitor, plan: str) -> Page:
    """The page that shows the sum and the date, by the button of the plan's page."""
    visitor.open(f"/items/{plan}")
    return visitor.follow("Pay the next instalment now")


def test_it_is_charged_today_and_not_again_on_its_date(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    dates = [cell.text for cell in visitor.open(f"/items/{plan}").document.root.all("td") if " 20" in cell.text]
    form = asked(visitor, plan)
    for words in (
        "Instalment 2, due on",
        "Charged today $199.00",
        "nothing is charged. Your plan goes on with $199.00",
    ):
        assert words in form.text
    done = visitor.press(NEXT)
    assert "$199.00 is paid" in done.text
    assert "Your plan goes on: the next instalment of $199.00 is charged on" in done.text
    assert (done.heading, "2 of 6 payments made" in done.text) == ("Portrait Masterclass Active", True)
    assert "Paid$398.00 Left$796.00 Total$1,194.00" in done.text
    later = [cell.text for cell in done.document.root.all("td") if " 20" in cell.text]
    assert later[2:] == dates[2:]
    assert not [link for link in done.links if "next instalment" in link.text]
    assert "Portrait Masterclass (instalment 2 of 6)" in visitor.follow("Receipt for instalment 2").text
    stack.skip("P40D")
    assert taken(shop, customer) == [19900] * 2
    visitor.sign_in(ADA)
    page = visitor.open(f"/items/{plan}")
    assert (page.heading, "2 of 6 payments made" in page.text) == ("Portrait Masterclass Active", True)
    stack.skip("P200D")
    assert taken(shop, customer) == [19900] * 6
    visitor.sign_in(ADA)
    page = visitor.open(f"/items/{plan}")
    assert (page.heading, "6 of 6 payments made" in page.text) == ("Portrait Masterclass Completed", True)
    assert not [mail for mail in stack.mailbox(ADA) if "failed" in str(mail.message["Subject"])]


def test_every_instalment_can_be_paid_ahead_one_after_the_other(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    for number in range(2, 6):
        asked(visitor, plan)
        assert f"{number} of 6 payments made" in visitor.press(NEXT).text
        again = visitor.open(f"/items/{plan}/pay-next")
        assert again.path.endswith(f"/items/{plan}")
        stack.skip("P31D")
        visitor.sign_in(ADA)
    page = visitor.open(f"/items/{plan}")
    assert not [link for link in page.links if "next instalment" in link.text]
    assert taken(shop, customer) == [19900] * 5
    stack.skip("P70D")
    assert taken(shop, customer) == [19900] * 6
    assert shop.v1.subscriptions.retrieve(plan).status == "canceled"


def test_reload_back_and_a_second_tab_charge_nothing_more(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    first, second = asked(visitor, plan), asked(visitor, plan)
    for form in (first, first, second, first):
        visitor.page = form
        assert "2 of 6 payments made" in visitor.press(NEXT).text
    stack.settle()
    assert taken(shop, customer) == [19900] * 2


@pytest.mark.root_only
def test_a_declined_card_leaves_the_plan_as_it_was(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor, CHARGE_FAILS)
    asked(visitor, plan)
    page = visitor.press(NEXT)
    assert "$199.00 wasn’t paid" in page.text
    assert "Your plan goes on as before." in page.text
    shop.v1.subscriptions.update(plan, {"default_payment_method": shop.card(customer, MASTERCARD)})
    stack.skip("P40D")
    assert taken(shop, customer) == [19900] * 2
    assert not shop.v1.subscriptions.retrieve(plan).pause_collection


@pytest.mark.root_only
def test_what_the_bank_is_asked_for_can_be_gone_on_with_and_is_dropped_if_not(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    customer, plan = signed_in(stack, shop, visitor, NEEDS_BANK)
    asked(visitor, plan)
    assert "bank" in visitor.press(NEXT).text
    page = visitor.open(f"/items/{plan}")
    assert "Your bank hasn’t confirmed $199.00" in page.text
    assert "Pay the next instalment" in visitor.follow("Go on").heading
    stack.advance("PT2H")
    assert taken(shop, customer) == [19900]
    visitor.sign_in(ADA)
    assert "hasn’t confirmed" not in visitor.open(f"/items/{plan}").text


@pytest.mark.root_only
def test_paid_ahead_the_rest_can_still_be_paid_off(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    asked(visitor, plan)
    visitor.press(NEXT)
    visitor.open(f"/items/{plan}")
    visitor.follow("Pay off the rest")
    assert visitor.press("Pay $796.00 now").heading == "Portrait Masterclass Completed"
    stack.skip("P200D")
    assert taken(shop, customer) == [19900, 19900, 79600]


@pytest.mark.root_only
def test_an_older_form_after_the_date_has_passed_asks_again(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    customer, plan = signed_in(stack, shop, visitor)
    due = asked(visitor, plan).form(NEXT)[0]
    old = next(field["value"] for field in due.all("input") if field["name"] == "due")
    stack.skip("P32D")
    visitor.sign_in(ADA)
    asked(visitor, plan)
    again = visitor.press(NEXT, {"due": old})
    assert "The sum or the date has changed" in again.text
    assert taken(shop, customer) == [19900] * 2
    assert "3 of 6 payments made" in visitor.press(NEXT).text
