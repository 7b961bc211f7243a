"""The worker behind the sign-in page: decides whether a mail goes out, and to which stored address."""

import logging
from collections.abc import Mapping
from typing import Any

from chalicelib import clock
from chalicelib.access.asking import Ask
from chalicelib.access.links import LIFE, Desk
from chalicelib.access.mailboxes import Directory, Mailbox
from chalicelib.mail import messages
from chalicelib.mail.addresses import deliverable
from chalicelib.mail.mailer import Mailer, MailRefused
from chalicelib.settings.merchant import Settings

log = logging.getLogger(__name__)


class Answering:
    """Answers one ask after the other. Safe to repeat: queues deliver at least once."""

    def __init__(self, directory: Directory, desk: Desk, mailer: Mailer) -> None:
        self._directory, self._desk, self._mailer = directory, desk, mailer

    def answer(self, message: Mapping[str, Any], settings: Settings, landing: str) -> None:
        """Mail a link and a code if the address is known. `landing` is the absolute address of the landing page.

        Raises Busy, StripeUnavailable or MailUnavailable when the message should be delivered again, BadRequest when
        it is none of ours. An ask older than a link lives is dropped: the person has long gone.
        """
        ask = Ask.read(message)
        if not ask.granted or clock.now() - ask.asked_at > LIFE:
            log.info("sign-in not answered", extra={"reason": "limit" if not ask.granted else "late"})
            return
        mailbox = self._directory.checked(ask.address)
        if mailbox.holders:
            self._mail(ask, mailbox, settings, landing)
        else:
            self._desk.issue_nothing(mailbox.ref, ask.browser)

    def _mail(self, ask: Ask, mailbox: Mailbox, settings: Settings, landing: str) -> None:
        secrets = self._desk.issue(ask.id, mailbox.ref, ask.browser, ask.next)
        if secrets is None:
            return
        for stored in recipients(mailbox, ask.address):
            message = messages.sign_in_link(settings, stored, f"{landing}#{secrets.token}", secrets.code, LIFE // 60)
            try:
                self._mailer.send(message)
            except MailRefused:
                log.warning("sign-in mail refused", extra={"mailbox": mailbox.ref[:12]})
        self._desk.mailed(ask.id)


def recipients(mailbox: Mailbox, typed: str) -> tuple[str, ...]:
    """Stored addresses to write to: the one spelled as typed if it is stored so, else every stored spelling once."""
    stored = tuple(dict.fromkeys(deliverable(holder.address) for holder in mailbox.holders))
    spelled = deliverable(typed)
    return (spelled,) if spelled in stored else stored
