"""Nobody can try out stolen cards here, and nobody in trouble is kept from making it good."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from stripe import CardError

from chalicelib import clock
from tests.functional.document import Element
from tests.functional.neighbours import ADA, bought_before_we_came
from tests.functional.visitor import Page, Visitor
from tests.functional.wire import Wire, session_of
from tests.shop import CHARGE_FAILS, DECLINED, MASTERCARD, Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only
NEW = "Add a new card"
HOUR = 3600
After = Callable[[float], None]


@pytest.fixture
def after(stack: TestStack) -> Iterator[After]:
    """Makes the portal's time stand still, so many seconds after now."""
    began = stack.clock.now()
    yield lambda seconds: clock.use(lambda: began + seconds) and None
    clock.use(stack.clock.now)


@pytest.fixture(autouse=True)
def _quiet_at_the_end(stack: TestStack) -> Iterator[None]:
    """Events under way arrive before the next test empties everything."""
    yield
    stack.settle()


def bought(stack: TestStack, shop: Shop, visitor: Visitor) -> str:
    """Ada signs in and has a subscription, one renewal of which failed."""
    with bought_before_we_came(stack):
        customer = shop.customer(ADA)
        item = shop.subscription(customer)
        shop.v1.subscriptions.update(item, {"default_payment_method": shop.card(customer, CHARGE_FAILS)})
        stack.clock.move_to(stack.clock.later("P32D"))
        visitor.sign_in(ADA)
    return item


def opens_form(visitor: Visitor, item: str) -> Page:
    visitor.open(f"/items/{item}/card")
    return visitor.press(NEW)


def save(form: Page) -> str:
    """The button of a card form."""
    return next(says for says in form.buttons if says.startswith("Save card"))


def fills_in(shop: Shop, form: Page, number: str) -> str:
    """What Stripe's field does at Stripe, and whether the bank refuses or not. Gives the form's id."""
    element: Element = form.form(save(form))[0]
    setup = element["data-client-secret"].partition("_secret")[0]
    made = shop.v1.payment_methods.create(
        {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    )
    with suppress(CardError):
        shop.v1.setup_intents.confirm(setup, {"payment_method": made.id, "return_url": "http://127.0.0.1/"})
    return setup


def calls(shop: Shop, path: str = r"/v1/.*") -> int:
    """Of the portal: the shop's own here never retrieve a setup, nor create one."""
    return sum(re.fullmatch(path, found) is not None for _, found in shop.calls())


def presses_pay(visitor: Visitor, item: str) -> Page:
    pay = next(says for says in visitor.open(f"/items/{item}").buttons if says.startswith("Pay"))
    return visitor.press(pay)


def test_the_sixth_card_form_within_an_hour_says_when_it_is_possible_again(
    stack: TestStack, shop: Shop, visitor: Visitor, after: After
) -> None:
    item = bought(stack, shop, visitor)
    for minute in range(5):
        after(minute * 60)
        assert opens_form(visitor, item).status == 200
    after(18 * 60)
    pause = opens_form(visitor, item)
    assert (pause.status, pause.headers["retry-after"]) == (429, str(42 * 60))
    assert pause.heading == "Please wait a little"
    assert "You can add a card again in 42 minutes" in pause.text
    assert "Nothing was charged and nothing has changed." in pause.text
    assert calls(shop, "/v1/setup_intents") == 5
    after(HOUR)
    assert opens_form(visitor, item).status == 200


def test_a_day_of_forms_and_declined_cards_costs_ten_calls_and_a_card_saved_in_the_last_form_can_be_used(
    stack: TestStack, shop: Shop, visitor: Visitor, after: After
) -> None:
    item, form = bought(stack, shop, visitor), None
    for number in range(15):
        after(number * HOUR / 3)
        page = opens_form(visitor, item)
        form = page if page.status == 200 else form
    assert calls(shop, "/v1/setup_intents") == 9
    assert form
    visitor.page = form
    setup = fills_in(shop, form, MASTERCARD)
    done = visitor.press(save(form), {"setup_intent": setup})
    assert "Card changed, and $49.00 is paid" in done.text


def test_a_form_that_failed_is_looked_at_no_more_often_than_the_rest_of_ten(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    item = bought(stack, shop, visitor)
    form = opens_form(visitor, item)
    setup, seen = fills_in(shop, form, DECLINED), []
    for number in range(15):
        fields = {"setup_intent": setup, "attempt": f"{number:024}", "csrf": session_of(visitor)[1]}
        seen.append(visitor.send(f"/items/{item}/card/finish", fields).status)
        visitor.page = form
    assert seen == [402] * 9 + [429] * 6
    assert calls(shop, f"/v1/setup_intents(/{setup})?") == 1 + 9  # opened, looked at


def test_forms_and_cards_that_were_never_offered_here_are_not_even_looked_up(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    item = bought(stack, shop, visitor)
    csrf, before = session_of(visitor)[1], shop.calls()
    for number in range(30):
        made_up = {"csrf": csrf, "attempt": f"{number:024}", "setup_intent": f"seti_{number}", "card": f"pm_{number}"}
        assert visitor.send(f"/items/{item}/card/finish", made_up).status == 404
        assert visitor.send(f"/items/{item}/card", made_up).status == 404
    assert shop.calls() == before


def test_a_payment_that_failed_five_times_is_paused_while_a_new_card_a_cancellation_and_receipts_are_not(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    item = bought(stack, shop, visitor)
    for _ in range(5):
        assert "wasn’t paid" in presses_pay(visitor, item).text
    before = shop.calls()
    pause = presses_pay(visitor, item)
    assert (pause.status, pause.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert 3500 < int(pause.headers["retry-after"]) <= 3600
    assert "You can try again in 60 minutes." in pause.text or "in 59" in pause.text
    assert shop.calls() == before

    receipt = next(link["href"] for link in visitor.open(f"/items/{item}").links if "/receipts/" in link["href"])
    assert visitor.open(visitor.origin + receipt).status == 200
    form = opens_form(visitor, item)
    setup = fills_in(shop, form, MASTERCARD)
    done = visitor.press(save(form), {"setup_intent": setup})
    assert "Card changed, and $49.00 is paid" in done.text
    visitor.open(f"/items/{item}/cancel")
    assert "won’t be charged again" in visitor.press("Cancel subscription").text


def test_what_succeeds_does_not_count(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    with bought_before_we_came(stack):
        customer = shop.customer(ADA)
        item, cards = shop.subscription(customer), [shop.card(customer, MASTERCARD), shop.card(customer)]
        visitor.sign_in(ADA)
    for number in range(6):
        visitor.open(f"/items/{item}/card")
        assert "Card changed" in visitor.press("Use this card", {"card": cards[number % 2]}).text


def test_repeating_one_attempt_neither_counts_nor_asks_stripe(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    item = bought(stack, shop, visitor)
    form = visitor.open(f"/items/{item}")
    pay = next(says for says in form.buttons if says.startswith("Pay"))
    first = visitor.press(pay)
    before = shop.calls()
    for _ in range(6):
        visitor.page = form
        assert visitor.press(pay).heading == first.heading
    assert shop.calls() == before


def test_while_stripe_is_out_of_reach_no_try_is_used_up(stack: TestStack, shop: Shop, visitor: Visitor) -> None:
    item = bought(stack, shop, visitor)
    stack.stripe.call("POST", "faults", {"status": 429, "path": "/v1/setup_intents|/v1/invoices", "times": 99})
    for _ in range(7):
        assert (opens_form(visitor, item).status, presses_pay(visitor, item).status) == (503, 503)
    stack.stripe.call("DELETE", "faults")
    assert opens_form(visitor, item).status == 200
    assert "wasn’t paid" in presses_pay(visitor, item).text


def test_one_customer_being_paused_pauses_no_other(
    stack: TestStack, shop: Shop, visitor: Visitor, wire: Wire, another_visitor: Callable[[], Visitor]
) -> None:
    item = bought(stack, shop, visitor)
    session, csrf = session_of(visitor)
    fields = {"csrf": csrf, "attempt": "a" * 24}
    assert [wire.post(f"/items/{item}/card/new", session, fields).status for _ in range(7)] == [200] * 5 + [429] * 2
    eve = another_visitor()
    hers = shop.subscription(shop.customer("eve@mail.example"))
    eve.sign_in("eve@mail.example")
    assert opens_form(eve, hers).status == 200
