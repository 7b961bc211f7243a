"""One action on several items at once: each line is an attempt of its own, with a result of its own."""

import hashlib
import logging
from collections.abc import Mapping, Sequence

from chalice import Response
from msgspec import Struct

from chalicelib.access.sessions import Visit
from chalicelib.billing.account import Account, Subscription
from chalicelib.billing.desk import owned
from chalicelib.errors import PortalError
from chalicelib.web import page, results
from chalicelib.web.acting import Action, unless_unknown
from chalicelib.web.results import Message
from chalicelib.wiring import portal

log = logging.getLogger(__name__)


class Result(Struct, frozen=True):
    """What became of one line."""

    item: Subscription
    message: Message


def carried_out(account: Account, items: Sequence[str], attempt: str, action: Action) -> dict[str, Message | None]:
    """Do it for one item after the other. Under each id: None when its attempt tells what became of it, else why not.

    Sent again, every line gives the result it gave before.
    """
    return {item: _tried(account, item, line_attempt(attempt, item), action) for item in items}


def told(visit: Visit, heading: str, attempt: str, lines: Mapping[str, Message | None]) -> Response:
    """One result per line, as everything stands now; what needs somebody comes first."""
    account = portal().account(visit, fresh=True)
    found = [_said(owned(account, item), line_attempt(attempt, item), refused) for item, refused in lines.items()]
    found.sort(key=lambda line: line.message.tone != "bad")
    return page.render("several.html", visit=visit, heading=heading, results=found)


def line_attempt(attempt: str, item: str) -> str:
    """The key of one line's own attempt."""
    return f"{attempt[:40]}-{hashlib.sha256(item.encode()).hexdigest()[:12]}"


def _tried(account: Account, item: str, attempt: str, action: Action) -> Message | None:
    try:
        with unless_unknown(attempt):
            action(portal().desk, account, item, key=attempt)
    except PortalError as trouble:
        log.info("a line was refused", extra={"trouble": type(trouble).__name__})
        return Message("bad", trouble.title, trouble.say)
    return None


def _said(item: Subscription, attempt: str, refused: Message | None) -> Result:
    intent = portal().desk.runner.intents.get(item.holder, attempt)
    return Result(item, refused or results.message(intent, item, portal().settings()) or results.NOT_DONE)
