"""Actions on cards, each counted before it is begun: see `access/card_tries.py`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chalicelib.access.card_tries import CardTries
from chalicelib.billing import pay
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import Desk, made_before, owned
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.billing.intents import Outcome
from chalicelib.billing.policy import Decision
from chalicelib.billing.ports import CardSetup
from chalicelib.settings.merchant import Settings
from chalicelib.web.acting import Action
from chalicelib.wiring import portal

SUCCEEDED = {"done", "processing"}
Rule = Callable[[Subscription, Settings], Decision]


def tries() -> CardTries:
    """The counts of tries with cards."""
    return CardTries(portal().counters)


def opening(item: Subscription, open_form: Callable[[], CardSetup]) -> CardSetup:
    """Open a card form of this item, counted, and remembered for the look at it later."""
    tries().open_form(item.holder)
    with free_if_unavailable(lambda: tries().form_succeeded(item.holder)):
        setup = open_form()
    tries().opened(item.holder, item.id, setup.id)
    return setup


def charging(action: Action, rule: Rule) -> Action:
    """The same action with its tries counted, unless `rule` refuses it anyway or this very attempt was made before."""

    def counted(desk: Desk, account: Account, item_id: str, *, key: str) -> Outcome:
        item = owned(account, item_id)
        earlier = made_before(desk, item, key)
        if earlier and earlier.outcome:
            return earlier.outcome
        if earlier or not rule(item, desk.settings()).allowed:
            return action(desk, account, item_id, key=key)
        tries().charge(item.id)
        with free_if_unavailable(lambda: tries().charge_succeeded(item.id)):
            outcome = action(desk, account, item_id, key=key)
        if outcome.status in SUCCEEDED:
            tries().charge_succeeded(item.id)
        return outcome

    return counted


def finishing(setup: str) -> Action:
    """Use the card that a form opened here has saved; the look at the form counts until the card is in use."""

    def counted(desk: Desk, account: Account, item_id: str, *, key: str) -> Outcome:
        item = owned(account, item_id)
        earlier = made_before(desk, item, key)
        if earlier and earlier.outcome:
            return earlier.outcome
        tries().look_at_form(item.holder, item.id, setup)
        with free_if_unavailable(lambda: tries().form_succeeded(item.holder)):
            outcome = pay.finish_new_card(desk, account, item_id, setup, key)
        if outcome.status in SUCCEEDED:
            tries().form_succeeded(item.holder)
        return outcome

    return counted


@contextmanager
def free_if_unavailable(give_back: Callable[[], None]) -> Iterator[None]:
    """What never reached Stripe does not count."""
    try:
        yield
    except StripeUnavailable:
        give_back()
        raise
