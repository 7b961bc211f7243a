"""The saved payment methods of an account: what each is used for, and removing one that nothing needs any more."""

from msgspec import Struct

from chalicelib import clock
from chalicelib.billing import policy
from chalicelib.billing.account import Account, Card, Holder, Subscription
from chalicelib.billing.charged import charged_items
from chalicelib.billing.desk import Desk, use_card_in_schedule
from chalicelib.billing.facts import Home
from chalicelib.billing.intents import BillingEvent, Intent, Outcome
from chalicelib.billing.runner import Attempt
from chalicelib.errors import NotAllowed, NotFound


class Kept(Struct, frozen=True):
    """A saved payment method. `pays` are the running items charged to it, `others` what could be charged instead.

    `worry` is "" or how its expiry matters: "expired", "expiring". Nobody need care when nothing is charged to it.
    """

    card: Card
    pays: tuple[Subscription, ...]
    others: tuple[Card, ...]

    @property
    def worry(self) -> str:
        """Only what will be charged again, or is owed, makes an expiry a worry."""
        if not any(item.next_payment or item.overdue for item in self.pays):
            return ""
        return "expired" if self.card.expired else "expiring" if self.card.expiring else ""


def kept(holder: Holder) -> tuple[Kept, ...]:
    """The holder's saved payment methods, those in use first."""
    all_ = [Kept(card, _pays(holder, card), _others(holder, card)) for card in holder.cards]
    return tuple(sorted(all_, key=lambda one: not one.pays))


def owned_card(account: Account, card_id: str) -> tuple[Holder, Kept]:
    """This account's saved payment method with its holder. Raises NotFound for foreign and missing ids alike."""
    for holder in account.holders:
        for one in kept(holder):
            if one.card.id == card_id:
                return holder, one
    raise NotFound


def made_before(desk: Desk, account: Account, key: str) -> Intent | None:
    """The attempt with this key, of any of the account's holders."""
    found = (desk.runner.intents.get(holder.id, key) for holder in account.holders)
    return next((intent for intent in found if intent and intent.kind == "remove_card"), None)


def remove(desk: Desk, account: Account, card_id: str, key: str, instead: str = "") -> Outcome:
    """Remove a saved payment method. What is charged to it is charged to `instead` from now on; nothing is charged now.

    Raises NotFound for a method that is not this account's, NotAllowed while something needs it and `instead` is "",
    StripeUnavailable, OutcomeUnknown.
    """
    earlier = made_before(desk, account, key)
    if earlier and earlier.outcome and earlier.item == card_id:
        return earlier.outcome
    holder, one = owned_card(account, card_id)
    if instead and instead not in {card.id for card in one.others}:
        raise NotFound
    decision = policy.remove_card(one.pays, replaced=bool(instead))
    if not decision.allowed:
        raise NotAllowed(decision.why)
    params = {"label": one.card.label, "instead": instead}
    intent = Intent(key, "remove_card", account.mailbox, holder.id, card_id, clock.now(), params=params)
    return desk.runner.run(intent, lambda attempt: _replace_and_detach(desk, attempt), removed_event)


def find_out_remove(desk: Desk, attempt: Attempt) -> Outcome:
    """After a crash or silence: gone is gone; what was begun by charging items to another card is brought to its end.

    Nothing was begun while every item still has the old card, or when it was removed for nothing else to replace.
    """
    intent = attempt.intent
    card = desk.gateway.card(intent.item)
    if card is None or card.customer != intent.holder:
        return _removed(desk, attempt)
    instead = intent.params.get("instead", "")
    moved = [s for s in desk.gateway.subscriptions_of(intent.holder) if instead and s.default_card == instead]
    return _replace_and_detach(desk, attempt) if moved else Outcome("not_done")


def removed_event(intent: Intent, outcome: Outcome) -> BillingEvent:
    """What other systems are told."""
    data = {"card": intent.item, "label": intent.params.get("label", "")}
    return BillingEvent(f"{intent.id}-removed", "card.removed", intent.mailbox, intent.holder, "", intent.created, data)


def _replace_and_detach(desk: Desk, attempt: Attempt) -> Outcome:
    """As Stripe has it now, not as the page had it: an item begun meanwhile would be left without a card."""
    card, instead = attempt.intent.item, attempt.intent.params.get("instead", "")
    home = _now(desk, attempt.intent.holder)
    using = charged_items(home, card)
    owing = [bill.id for bill in home.bills if bill.status == "open" and bill.default_card == card]
    if (using or owing) and not instead:
        raise NotAllowed(policy.IN_USE)
    for item in using:
        attempt.step(f"card-{item.id}", desk.gateway.use_card, item.id, instead)
        use_card_in_schedule(desk, item.schedule, instead, attempt, f"schedule-{item.id}")
    for bill in owing:
        attempt.step(f"bill-{bill}", desk.gateway.use_card_for_bill, bill, instead)
        desk.refresh("bill", bill, attempt)
    attempt.step("detach", desk.gateway.remove_card, card)
    for item in using:
        desk.refresh("subscription", item.id, attempt)
    return _removed(desk, attempt)


def _removed(desk: Desk, attempt: Attempt) -> Outcome:
    desk.refresh("card", attempt.intent.item, attempt)
    desk.refresh("customer", attempt.intent.holder, attempt)
    return Outcome("done", card=attempt.intent.params.get("label", ""))


def _now(desk: Desk, holder: str) -> Home:
    """What decides which card is charged, read from Stripe. Bills as mirrored: theirs is changed only with the item."""
    customer = desk.gateway.customer(holder)
    known = desk.mirror.home(holder, fresh=True)
    if customer is None or known is None:
        raise NotFound
    return Home(holder, customer, desk.gateway.subscriptions_of(holder), bills=known.bills)


def _pays(holder: Holder, card: Card) -> tuple[Subscription, ...]:
    return tuple(item for item in holder.items() if item.ended is None and item.card and item.card.id == card.id)


def _others(holder: Holder, card: Card) -> tuple[Card, ...]:
    return tuple(other for other in holder.cards if other.id != card.id and not other.expired)
