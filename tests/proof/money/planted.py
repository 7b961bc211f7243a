"""Bugs, each planted in a process under test only, that these proofs must find."""

import time

from chalicelib import clock
from chalicelib.billing import runner
from chalicelib.billing.intents import BillingEvent, Intent, Outcome
from chalicelib.billing.runner import Attempt, Effect, Publish, Runner
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.storage import intents
from chalicelib.storage.intents import DynamoIntents


def plant(name: str) -> None:
    """Plant one of them, or none."""
    if name:
        BUGS[name]()


def _call_before_record() -> None:
    def run(self: Runner, intent: Intent, effect: Effect, publish: Publish) -> Outcome:
        attempt = Attempt(intent)
        outcome = effect(attempt)
        self.intents.start(intent, clock.now())
        return self._close(attempt, outcome, publish)

    runner.Runner.run = run  # type: ignore[method-assign]


def _event_apart_from_the_outcome() -> None:
    together = DynamoIntents.finish

    def finish(self: DynamoIntents, intent: Intent, outcome: Outcome, event: BillingEvent | None) -> None:
        together(self, intent, outcome, None)
        if event:
            intents.outbox_row(event, event.created + 60).save()

    DynamoIntents.finish = finish  # type: ignore[method-assign]


def _recorded_but_never_due() -> None:
    start = DynamoIntents.start

    def started(self: DynamoIntents, intent: Intent, now: float) -> Intent | None:
        # the sweep looks at it in a year
        return start(self, intent, now + 365 * 86400)

    DynamoIntents.start = started  # type: ignore[method-assign]


def _writes_back_what_it_read() -> None:
    def use_card(self: StripeGateway, subscription: str, card: str, key: str) -> None:
        path = f"/v1/subscriptions/{subscription}"
        read = self.calls.read(path) or {}
        # long enough for another client to come between, however the machine is loaded
        time.sleep(0.5)
        end = read["cancel_at_period_end"]
        self.calls.write(path, key, default_payment_method=card, cancel_at_period_end=end)

    StripeGateway.use_card = use_card  # type: ignore[method-assign]


BUGS = {
    "call before record": _call_before_record,
    "event apart from the outcome": _event_apart_from_the_outcome,
    "recorded but never due": _recorded_but_never_due,
    "a card change writes back the end it read": _writes_back_what_it_read,
}
