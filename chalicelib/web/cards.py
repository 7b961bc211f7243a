"""Changing the card of one item: a saved one, or a new one entered in Stripe's field."""

from functools import partial

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import pay, policy
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.declines import Decline
from chalicelib.billing.desk import Desk, owned
from chalicelib.billing.errors import Declined
from chalicelib.billing.intents import Outcome
from chalicelib.errors import BadRequest, NotAllowed, NotFound
from chalicelib.web import acting, asked, card_problems, counted, guard, links, page
from chalicelib.web.acting import Action
from chalicelib.wiring import portal


@guard.customer
def choose(visit: Visit, item: str) -> Response:
    """The saved cards of the customer that owns the item."""
    return card_list(visit, portal().account(visit), asked.object_id(item))


@guard.customer_post
def use(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Charge the item to a saved card, and what is open at once."""
    if not form.get("card"):
        raise BadRequest("Nothing was changed, because no card was chosen. Go back and choose one.")
    card = asked.object_id(form["card"])
    return acting.carried_out(visit, form, item, partial(charge_to, card_id=card))


@guard.customer
def start_again(visit: Visit, item: str) -> Response:
    """A card form belongs to one moment; whoever comes by link starts from the list."""
    return page.redirect("card", item=owned(portal().account(visit), asked.object_id(item)).id)


@guard.customer_post
def enter(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Stripe's card field, for the customer that owns the item."""
    account, attempt = portal().account(visit), asked.attempt(form)
    found = changeable(account, asked.object_id(item))
    setup = counted.opening(found, lambda: pay.start_new_card(portal().desk, account, item, attempt))
    return card_form(visit, found, setup.client_secret)


@guard.customer
def returned(visit: Visit, item: str) -> Response:
    """Back from a bank that took the whole page; a form carries on, for reading a page changes nothing.

    Who had to sign in again meanwhile comes without what the bank sent along, and starts from the list.
    """
    found = owned(portal().account(visit), asked.object_id(item))
    if not asked.query("setup_intent"):
        return page.redirect("card", item=found.id)
    return page.render(
        "card_return.html",
        visit=visit,
        item=found,
        setup_intent=asked.object_id(asked.query("setup_intent")),
        attempt=asked.attempt({"attempt": asked.query("attempt")}),
    )


@guard.customer_post
def finish(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Use the card that was just saved, or say why it was not."""
    setup = asked.object_id(form.get("setup_intent", ""))
    try:
        return acting.carried_out(visit, form, item, counted.finishing(setup))
    except Declined as refusal:
        decline = card_problems.explain(refusal.decline_code)
        return card_list(visit, portal().account(visit), item, decline, refusal.status)


def charge_to(desk: Desk, account: Account, item_id: str, card_id: str, key: str) -> Outcome:
    """Change the card; when it is the one in use already, only pay what is open with it.

    Raises NotFound, before anything is counted or asked of Stripe, for a card that the list does not offer.
    """
    item = owned(account, item_id)
    in_use = item.card is not None and item.card.id == card_id
    holder = account.holder(item.holder)
    if not in_use and card_id not in {card.id for card in (holder.cards if holder else ())}:
        raise NotFound
    only_pays = in_use and item.overdue and desk.settings().charge_overdue_on_card_change
    action: Action = pay.pay if only_pays else partial(pay.change_card, card_id=card_id)
    return counted.charging(action, policy.change_card)(desk, account, item_id, key=key)


def changeable(account: Account, item: str) -> Subscription:
    """The account's item, if its card may be changed. Raises NotFound, and NotAllowed with the reason."""
    found = owned(account, item)
    decision = policy.change_card(found, portal().settings())
    if not decision.allowed:
        raise NotAllowed(decision.why)
    return found


def card_list(visit: Visit, account: Account, item: str, decline: Decline | None = None, status: int = 200) -> Response:
    """The form with the saved cards. Raises NotFound, and NotAllowed when there is no card to change."""
    found = changeable(account, item)
    holder = account.holder(found.holder)
    return page.render(
        "card.html",
        status=status,
        visit=visit,
        item=found,
        cards=holder.cards if holder else (),
        decline=decline,
        attempt=asked.new_attempt(),
        new_attempt=asked.new_attempt(),
    )


def card_form(visit: Visit, item: Subscription, client_secret: str) -> Response:
    """The page with Stripe's field. A bank that takes the whole page sends the customer back to `card_return`."""
    attempt = asked.new_attempt()
    return page.render(
        "card_new.html",
        visit=visit,
        item=item,
        attempt=attempt,
        client_secret=client_secret,
        publishable_key=portal().config.stripe_publishable_key,
        return_url=links.absolute(portal().settings(), "card_return", {"attempt": attempt}, item=item.id),
        declines=card_problems.by_code(),
        stripe_js=portal().config.stripe_js_url,
    )
