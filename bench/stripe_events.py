"""Rows about Stripe's webhooks: the door's check, and what one event costs from the door to the page."""

import json
import time
from collections.abc import Callable, Iterator

import requests

from bench.meter import counted
from bench.packages import LEAN, Build
from bench.processes import Failed, run
from bench.rows import Row, against
from bench.shop import Reader
from local.stripe.webhooks import signature
from local.stripe_process import SECRET_KEY, WEBHOOK_SECRET
from tests.shop import MASTERCARD, Shop
from tests.stack import TestStack

ROUNDS, TIMES = 9, 300


class Webhooks:
    """One customer whose card is changed at Stripe."""

    def __init__(self, stack: TestStack, build: Build) -> None:
        self._stack, self._build, self._shop = stack, build, Shop(stack)
        self._reader = Reader(stack, "webhook@mail.example", 2)

    def rows(self) -> Iterator[Callable[[], Row | list[Row]]]:
        """The door, then the way behind it."""
        yield self.door
        yield self.duplicate
        yield self.end_to_end

    def door(self) -> Row:
        """Verify and parse, ours against the SDK's `construct_event`."""
        body, now = self._body(), int(time.time())
        header = signature(WEBHOOK_SECRET, body.encode(), now)
        orders = {"path": self._build.path, "body": body, "header": header, "secret": WEBHOOK_SECRET}
        given = orders | {"now": now, "rounds": ROUNDS, "times": TIMES}
        figures = run("webhook", given, {"LANG": "C.UTF-8"})
        if not figures["same"]:
            raise Failed("the two read different events")
        rounds = [(mine * 1000, theirs * 1000) for mine, theirs in figures["rounds"]]
        return against("webhook door: verify and parse", LEAN, "ms of CPU, against construct_event", rounds, 0.2)

    def duplicate(self) -> Row:
        """What DynamoDB is asked when an event comes that is known already."""
        body, now = self._body().encode(), int(self._stack.clock.now())
        header = {"Stripe-Signature": signature(WEBHOOK_SECRET, body, now), "Content-Type": "application/json"}
        for _ in range(2):
            with counted() as meter:
                answer = requests.post(f"{self._stack.portal_url}/webhooks/stripe", body, headers=header, timeout=10)
        if answer.json() != {"known": True}:
            raise Failed(f"the door said {answer.text}")
        return Row("webhook door, known event: DynamoDB calls", "source", "calls", len(meter.names), budget=1)

    def end_to_end(self) -> list[Row]:
        """The subscription's card changes at Stripe; door, queue and worker bring it to the mirror."""
        card, before = self._shop.card(self._reader.holder, MASTERCARD), len(self._shop.calls())
        self._stack.settle()
        before = len(self._shop.calls())
        self._shop.v1.subscriptions.update(self._reader.item, {"default_payment_method": card})
        with counted() as meter:
            self._stack.settle()
        asked = len(self._shop.calls()) - before - 1
        page = self._reader.visitor.open(f"/items/{self._reader.item}")
        if "•••• 4444" not in page.text:
            raise Failed("the change did not arrive")
        name = "one webhook, door to mirror"
        return [
            Row(f"{name}: Stripe calls", "source", "calls", asked),
            Row(f"{name}: DynamoDB read units", "source", "units", meter.read),
            Row(f"{name}: DynamoDB write units", "source", "units", meter.written),
            Row(f"{name}: DynamoDB calls", "source", "calls", len(meter.names)),
        ]

    def _body(self) -> str:
        asked = {"type": "customer.subscription.created", "limit": 1}
        found = requests.get(f"{self._stack.stripe.url}/v1/events", asked, auth=(SECRET_KEY, ""), timeout=10).json()
        return json.dumps(found["data"][0], indent=2)
