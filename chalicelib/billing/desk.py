"""What every action needs at hand, and the checks they share."""

import logging
from collections.abc import Callable

from msgspec import Struct

from chalicelib import clock
from chalicelib.billing import home as fold
from chalicelib.billing import view_item
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.errors import StillMoving, StripeUnavailable
from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.billing.intents import Intent, Outcome
from chalicelib.billing.policy import Decision
from chalicelib.billing.ports import Gateway, Mirror
from chalicelib.billing.runner import Attempt, Runner
from chalicelib.billing.sync import Sync
from chalicelib.errors import Busy, NotAllowed, NotFound
from chalicelib.settings.merchant import Settings

log = logging.getLogger(__name__)


class Desk(Struct, frozen=True):
    """The parts an action works with."""

    gateway: Gateway
    mirror: Mirror
    sync: Sync
    runner: Runner
    settings: Callable[[], Settings]

    def refresh(self, kind: str, object_id: str, attempt: Attempt | None = None) -> None:
        """Show an action's effect at once; when that fails the action still stands, and the queue reads again.

        The attempt, if there is one, is then told that pages show its effect late.
        """
        try:
            self.sync.refresh(kind, object_id)
        except (StripeUnavailable, StillMoving, Busy):
            log.warning("mirror refreshed later", extra={"kind": kind, "object": object_id})
            if attempt:
                attempt.late = True
            self.runner.queue.send({"kind": "refresh", "what": kind, "id": object_id})


def use_card_in_schedule(desk: Desk, schedule: str, card: str, attempt: Attempt, step: str = "schedule") -> None:
    """Charge what a schedule drives to that card, in all its phases; nothing where there is no schedule ("")."""
    if schedule:
        attempt.step(step, desk.gateway.use_card_in_schedule, schedule, card)
        desk.refresh("schedule", schedule, attempt)


def owned(account: Account, item: str) -> Subscription:
    """This account's subscription or plan. Raises NotFound for foreign and missing ids alike."""
    found = account.item(item)
    if found is None:
        raise NotFound
    return found


def fresh_subscription(desk: Desk, item: Subscription) -> SubscriptionFacts:
    """The subscription as Stripe has it now, of the customer we know. Raises NotFound otherwise."""
    now = desk.gateway.subscription(item.id)
    if now is None or now.customer != item.holder:
        raise NotFound
    return now


def fresh_item(desk: Desk, now: SubscriptionFacts) -> Subscription:
    """The item as these fresh facts make it, with its schedule read anew; the rest as the mirror has it."""
    known = desk.mirror.home(now.customer, fresh=True) or fold.empty(now.customer)
    schedule = desk.gateway.schedule(now.schedule) if now.schedule else None
    home = fold.with_fact(fold.with_fact(known, schedule) if schedule else known, now)
    facts = next(facts for facts in home.subscriptions if facts.id == now.id)
    return view_item.item(facts, home, clock.now(), desk.settings())


def allowed_or_repeated(desk: Desk, item: Subscription, attempt: str, decision: Decision) -> Outcome | None:
    """None when policy allows; the recorded outcome when this very attempt is already over; else NotAllowed."""
    if decision.allowed:
        return None
    earlier = earlier_outcome(desk, item, attempt)
    if earlier is None:
        raise NotAllowed(decision.why)
    return earlier


def earlier_outcome(desk: Desk, item: Subscription, attempt: str) -> Outcome | None:
    """What became of this very attempt at this item, or None when it is not over or was never begun."""
    earlier = made_before(desk, item, attempt)
    return earlier.outcome if earlier else None


def made_before(desk: Desk, item: Subscription, attempt: str) -> Intent | None:
    """This very attempt at this item, if it was begun."""
    earlier = desk.runner.intents.get(item.holder, attempt)
    return earlier if earlier and item.is_called(earlier.item) else None
