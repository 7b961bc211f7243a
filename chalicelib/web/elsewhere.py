"""Using a card that one item was just given for other items, too: a checklist, one confirm, one result per line."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalice import Blueprint, Response

from chalicelib.access.sessions import Visit
from chalicelib.billing import elsewhere
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import owned
from chalicelib.billing.errors import OutcomeUnknown
from chalicelib.errors import NotFound, PortalError
from chalicelib.web import asked, cards, forms, guard, page, results
from chalicelib.web.links import ROUTES
from chalicelib.web.results import Message
from chalicelib.wiring import portal

bp = Blueprint(__name__)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """What became of one line."""

    item: Subscription
    message: Message


@bp.route(ROUTES["card_elsewhere"], methods=["GET"])
@guard.customer
def choose(visit: Visit, item: str) -> Response:
    """What else the item's card could pay for, nothing ticked."""
    account = portal().account(visit)
    return checklist(visit, account, owned(account, asked.object_id(item)))


@bp.route(ROUTES["card_elsewhere"], methods=["POST"], content_types=forms.TYPES)
@guard.customer_post
def use(visit: Visit, form: dict[str, str], item: str) -> Response:
    """Charge what was ticked to the card. Sent again, it gives the same results and does nothing anew."""
    account, attempt = portal().account(visit, fresh=True), asked.attempt(form)
    found = owned(account, asked.object_id(item))
    chosen = [each.id for each in account.items() if each.holder == found.holder and form.get(each.id)]
    if found.card is None or form.get("card") != found.card.id:
        raise NotFound
    if not chosen:
        return checklist(visit, account, found)
    refusals = {each: tried(account, each, found.card.id, line_attempt(attempt, each)) for each in chosen}
    return outcome(visit, found.id, attempt, refusals)


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


def tried(account: Account, item: str, card: str, attempt: str) -> Message | None:
    """Charge one item to the card. None when its attempt tells what became of it, else why nothing was done."""
    try:
        cards.charge_to(portal().desk, account, item, card, attempt)
    except OutcomeUnknown:
        log.warning("outcome unknown", extra={"attempt": attempt})
    except PortalError as trouble:
        log.info("a line was refused", extra={"trouble": type(trouble).__name__})
        return Message("bad", trouble.title, trouble.say)
    return None


def outcome(visit: Visit, item: str, attempt: str, refusals: Mapping[str, Message | None]) -> Response:
    """One result per line, as everything stands now."""
    account = portal().account(visit, fresh=True)
    lines = [said(owned(account, each), line_attempt(attempt, each), refused) for each, refused in refusals.items()]
    return page.render("card_elsewhere_done.html", visit=visit, item=owned(account, item), results=told(lines))


def said(item: Subscription, attempt: str, refused: Message | None) -> Result:
    """The words for one line."""
    intent = portal().desk.runner.intents.get(item.holder, attempt)
    return Result(item, refused or results.message(intent, item, portal().settings()) or results.NOT_DONE)


def told(lines: Sequence[Result]) -> list[Result]:
    """What needs somebody first."""
    return sorted(lines, key=lambda line: line.message.tone != "bad")


def line_attempt(attempt: str, item: str) -> str:
    """The key of one line's own attempt."""
    return f"{attempt[:40]}-{hashlib.sha256(item.encode()).hexdigest()[:12]}"
