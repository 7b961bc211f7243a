"""Using a card that one item was just given for other items, too: a checklist, one confirm, one result per line."""

from functools import partial

from chalice import Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import elsewhere
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import owned
from chalicelib.errors import NotFound
from chalicelib.web import asked, cards, guard, page, several
from chalicelib.wiring import portal


@guard.customer
def choose(visit: Visit, item: str) -> Response:
    """What else the item's card could pay for, nothing ticked."""
    account = portal().account(visit)
    return checklist(visit, account, owned(account, asked.object_id(item)))


@guard.customer_post
def use(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Charge what was ticked to the card."""
    account, attempt = portal().account(visit, fresh=True), asked.attempt(form)
    found = owned(account, asked.object_id(item))
    if found.card is None or form.get("card") != found.card.id:
        raise NotFound
    ticked = [each.id for each in account.items() if each.holder == found.holder and form.get(each.id)]
    if not ticked:
        return checklist(visit, account, found)
    lines = several.carried_out(account, ticked, attempt, partial(cards.charge_to, card_id=found.card.id))
    return several.told(visit, "What was changed", attempt, lines)


def checklist(visit: Visit, account: Account, item: Subscription) -> Response:
    """The page with the boxes."""
    settings = portal().settings()
    return page.render(
        "card_elsewhere.html",
        visit=visit,
        item=item,
        lines=elsewhere.could_use(account, item, settings),
        apart=elsewhere.apart(account, item, settings),
        attempt=asked.new_attempt(),
    )
