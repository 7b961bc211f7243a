"""The same with all adapters: a subscription's life at the local Stripe, read by the gateway, kept in DynamoDB."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import wiring
from chalicelib.storage.mirror import DynamoMirror
from tests.event_orders import LIFE, interleave
from tests.proof.main.test_event_orders import ANY, TELLING, order_of
from tests.shop import MASTERCARD, Shop
from tests.stack import TestStack

SEEDS = (*ANY[:5], *TELLING[:15])


class Life:
    """Six things that happen to one subscription, which begins unpaid."""

    def __init__(self, shop: Shop) -> None:
        self._v1 = shop.v1
        customer = shop.customer("ada@mail.example")
        self._new_card = shop.card(customer, MASTERCARD)
        self.id = shop.subscription(customer, payment_behavior="default_incomplete")
        self._steps = (self._nothing_yet, self._pay, self._new_default, self._stop, self._go_on, self._end)
        assert len(self._steps) == len(LIFE)

    def change(self, number: int) -> None:
        """Let one of them happen."""
        self._steps[number]()

    def _update(self, **params: Any) -> None:
        self._v1.subscriptions.update(self.id, params)  # type: ignore[arg-type]

    def _nothing_yet(self) -> None:
        assert self._v1.subscriptions.retrieve(self.id).status == "incomplete"

    def _pay(self) -> None:
        self._v1.invoices.pay(str(self._v1.subscriptions.retrieve(self.id).latest_invoice))

    def _new_default(self) -> None:
        self._update(default_payment_method=self._new_card)

    def _stop(self) -> None:
        self._update(cancel_at_period_end=True)

    def _go_on(self) -> None:
        self._update(cancel_at_period_end=False)

    def _end(self) -> None:
        self._v1.subscriptions.cancel(self.id)


@pytest.mark.root_only
@pytest.mark.parametrize("seed", SEEDS)
def test_an_order_of_events_ends_where_stripe_ends(stack: TestStack, seed: int) -> None:
    life, gateway = Life(Shop(stack)), wiring.portal().gateway
    shown = interleave(order_of(seed), seed, DynamoMirror(), gateway, life.change, life.id)

    actual = gateway.subscription(life.id)
    assert actual is not None
    assert (actual.status, actual.default_card) == ("canceled", shown.default_card)
    assert shown == replace(actual, first_seen_as="subscription")
