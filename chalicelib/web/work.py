"""What is done without a page: messages from the queue, and the rounds of the clock."""

import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from chalicelib import clock, trace
from chalicelib.billing import cancel, inbox, pay, pay_found, payoff, payoff_end, reconcile, resume, wallet
from chalicelib.billing.intents import BillingEvent
from chalicelib.billing.ports import EventHint
from chalicelib.billing.runner import Case
from chalicelib.errors import PortalError
from chalicelib.events import outbox
from chalicelib.notices import recovered
from chalicelib.notices.card_expiring import Notice
from chalicelib.settings.merchant import Settings
from chalicelib.web import links
from chalicelib.wiring import Portal, portal

log = logging.getLogger(__name__)


class NothingDone(Exception):
    """Every message of a batch failed; each has a log line of its own."""


def batch(event: dict[str, Any]) -> Any:
    """A batch of queue messages; those that fail are reported one by one and come again, the others are done.

    Raises NothingDone when all failed. What went wrong is not in it: Lambda prints it past our log lines.
    Event and answer: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    processor = BatchProcessor(event_type=EventType.SQS)
    context: Any = None
    try:
        return process_partial_response(event, _record, processor, context)
    except BatchProcessingError:
        raise NothingDone from None


def _record(record: SQSRecord) -> None:
    trace.follow("")
    try:
        message(json.loads(record.body))
    except Exception as error:  # the boundary of one message: it comes again, and the log says why
        note = {"sqs_message": record.message_id, "trouble": type(error).__name__}
        log.warning("a message comes again", extra=note, exc_info=not isinstance(error, PortalError))
        raise


def message(body: Mapping[str, Any]) -> None:
    """Do what one message asks for. An unknown kind fails and ends in the dead-letter queue."""
    trace.follow(str(body.get("trace", "")))
    KINDS[body["kind"]](portal(), body)


def sweep() -> dict[str, int]:
    """Every few minutes: whatever a crash, a lost message or a silent Stripe left undone."""
    parts = portal()
    done = {
        "events": inbox.sweep(parts.inbox, parts.queue, clock.now()),
        "attempts": parts.runner.sweep(_cases(parts)),
        "published": outbox.sweep(parts.outbox, parts.queue, clock.now()),
        "notices": parts.mailings.card_expiring.sweep(clock.now()),
        "failed": parts.mailings.payment_failed.sweep(parts.settings, clock.now()),
    }
    log.info("sweep", extra=done)
    return done


def hourly() -> dict[str, int]:
    """Every hour: events Stripe has and we never finished, and a few holders whose lists may differ (drift)."""
    parts = portal()
    found = reconcile.by_events(parts.gateway, parts.inbox, parts.queue, clock.now())
    compared, drift = reconcile.by_sample(parts.sync, parts.mirror, clock.now())
    done = {"events": found, "compared": compared, "drift": drift}
    log.info("reconcile", extra=done)
    return done


def daily() -> dict[str, int]:
    """Every day: hand over the notices about cards that expire. The queue sends them."""
    parts = portal()
    done = {"notices": parts.mailings.card_expiring.begin(parts.settings())}
    log.info("expiring", extra=done)
    return done


def _stripe_event(parts: Portal, body: Mapping[str, Any]) -> None:
    inbox.work(body, partial(_follow, parts), parts.inbox)


def _follow(parts: Portal, hint: EventHint) -> None:
    parts.sync.follow(hint)
    if hint.object in {"invoice", "subscription"} and hint.customer:
        payoff_end.tend(parts.desk, hint.customer)
    if hint.type == "invoice.paid" and hint.customer:
        _tell_recovered(parts, hint)


def _tell_recovered(parts: Portal, hint: EventHint) -> None:
    known = parts.mailings.failed_bills
    event = recovered.told_of(hint.customer, hint.object_id, known, parts.mirror, clock.now())
    if event and parts.outbox.add(event):
        parts.queue.send({"kind": "outbox", "event": event.id})


def _refresh(parts: Portal, body: Mapping[str, Any]) -> None:
    parts.sync.refresh(body["what"], body["id"])


def _repair(parts: Portal, body: Mapping[str, Any]) -> None:
    reconcile.by_lists(parts.sync, body["holder"])


def _publish(parts: Portal, body: Mapping[str, Any]) -> None:
    settings = parts.settings()

    def by_mail(event: BillingEvent) -> None:
        parts.confirmations.tell(event, settings, links.absolute(settings, "item", item=event.item))

    outbox.publish(body["event"], parts.outbox, (by_mail,))


def _sign_in(parts: Portal, body: Mapping[str, Any]) -> None:
    settings = parts.settings()
    parts.answering.answer(body, settings, links.absolute(settings, "sign_in_link"))


def _card_notices(parts: Portal, body: Mapping[str, Any]) -> None:
    parts.mailings.card_expiring.begin(parts.settings())


def _card_notice(parts: Portal, body: Mapping[str, Any]) -> None:
    settings = parts.settings()
    notice = Notice(body["expiry"], body["days"])
    parts.mailings.card_expiring.deliver(notice, settings, partial(_item_page, settings))


def _payment_failed(parts: Portal, body: Mapping[str, Any]) -> None:
    settings = parts.settings()
    bill = (body["holder"], body["bill"])
    parts.mailings.payment_failed.deliver(*bill, body["day"], settings, partial(_item_page, settings))


def _item_page(settings: Settings, item: str) -> str:
    return links.absolute(settings, "item", item=item)


KINDS: dict[str, Callable[[Portal, Mapping[str, Any]], None]] = {
    "stripe_event": _stripe_event,
    "refresh": _refresh,
    "repair": _repair,
    "outbox": _publish,
    "sign_in": _sign_in,
    "card_notices": _card_notices,
    "card_notice": _card_notice,
    "payment_failed": _payment_failed,
}


def _cases(parts: Portal) -> dict[str, Case]:
    desk = parts.desk
    return {
        "cancel": Case(lambda attempt: cancel.find_out_cancel(desk, attempt), cancel.canceled_event),
        "undo": Case(lambda attempt: cancel.find_out_undo(desk, attempt), cancel.kept_event),
        "change_card": Case(lambda attempt: pay_found.find_out_card(desk, attempt), pay.card_event),
        "remove_card": Case(lambda attempt: wallet.find_out_remove(desk, attempt), wallet.removed_event),
        "pay": Case(lambda attempt: pay_found.find_out_pay(desk, attempt), pay.paid_event),
        **dict.fromkeys(payoff_end.KINDS, payoff.case(desk)),
        resume.KIND: resume.case(desk),
    }
