"""Ten thousand scripted tries with cards: at most ten calls to Stripe for any customer in any day."""

from collections import Counter
from collections.abc import Callable

import pytest
from stripe import CardError

from chalicelib import clock
from tests.functional.neighbours import bought_before_we_came
from tests.functional.visitor import Visitor
from tests.functional.wire import Wire, session_of
from tests.shop import DECLINED, Shop
from tests.stack import TestStack

TRIES, CUSTOMERS = 10_000, 4
EACH = TRIES // CUSTOMERS


class Script:
    """A signed-in somebody with a list of stolen cards, who opens forms and says that they are filled in."""

    def __init__(self, stack: TestStack, shop: Shop, wire: Wire, number: int) -> None:
        self._shop, self._wire = shop, wire
        visitor, mailbox = Visitor(stack), f"script-{number}@mail.example"
        with bought_before_we_came(stack):
            self.item = shop.subscription(shop.customer(mailbox))
            visitor.sign_in(mailbox)
        self._session, self._csrf = session_of(visitor)
        self._setup = "seti_none"
        self.seen: Counter[int] = Counter()

    def tries(self, number: int) -> None:
        """Another form, or another look at the last one, or an id that was made up."""
        kind, fields = number % 4, {"csrf": self._csrf, "attempt": f"{number:024}"}
        if kind < 2:
            answer = self._wire.post(f"/items/{self.item}/card/new", self._session, fields)
            if answer.status == 200:
                self._setup = answer.body.decode().split('data-client-secret="')[1].partition("_secret")[0]
                self._is_declined()
        elif kind == 2:
            answer = self._wire.post(
                f"/items/{self.item}/card/finish", self._session, {**fields, "setup_intent": self._setup}
            )
        else:
            answer = self._wire.post(f"/items/{self.item}/card", self._session, {**fields, "card": f"pm_{number}"})
        self.seen[answer.status] += 1

    def _is_declined(self) -> None:
        made = self._shop.v1.payment_methods.create(
            {"type": "card", "card": {"number": DECLINED, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
        )
        with pytest.raises(CardError):
            self._shop.v1.setup_intents.confirm(
                self._setup, {"payment_method": made.id, "return_url": "http://127.0.0.1/"}
            )


@pytest.mark.root_only
def test_ten_thousand_tries_cost_ten_calls_a_customer_and_day(
    stack: TestStack, shop: Shop, wire: Wire, figure: Callable[[str], None]
) -> None:
    scripts = [Script(stack, shop, wire, number) for number in range(CUSTOMERS)]
    stack.settle()
    before = stack.stripe.call("GET", "requests.json")[-1]["number"]
    began = stack.clock.now()
    for number in range(EACH):
        # within the eight hours of one session
        clock.use(lambda now=began + number * 7.5 * 3600 / EACH: now)  # type: ignore[misc]
        for script in scripts:
            script.tries(number)
    clock.use(stack.clock.now)
    made = stack.stripe.call("GET", f"requests.json?after={before}")
    ours = [call for call in made if not call["path"].endswith("/confirm") and call["path"] != "/v1/payment_methods"]
    figure(f"{TRIES} tries by {CUSTOMERS} customers: {len(ours)} calls to Stripe; answers {dict(scripts[0].seen)}")
    assert len(ours) <= 10 * CUSTOMERS
    assert all(sum(script.seen.values()) == EACH and script.seen[429] > EACH // 4 for script in scripts)
    assert {"POST", "GET"} == {call["method"] for call in ours}
