"""Asking for a sign-in mail. The request never looks anybody up: it counts, enqueues, and answers the same to all."""

import secrets
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from chalicelib import clock
from chalicelib.access import addresses, tokens
from chalicelib.access.throttle import Throttle
from chalicelib.errors import BadRequest

KIND = "sign_in"


class Queue(Protocol):
    """Work for later."""

    def send(self, message: Mapping[str, object]) -> None:
        """Enqueue one message; it may be delivered more than once."""


class Ask(msgspec.Struct, frozen=True):
    """One press of "send me a link". `address` as typed, `browser` as its digest, `granted` unless a limit was hit."""

    id: str
    address: str
    browser: str
    next: str
    asked_at: float
    granted: bool
    kind: str = KIND

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "Ask":
        """From a queue message, which other versions may have given more. Raises BadRequest when it is none of ours."""
        try:
            return msgspec.convert(message, cls)
        except msgspec.ValidationError as error:
            raise BadRequest from error


class Asking:
    """Takes the wish for a sign-in mail."""

    def __init__(self, throttle: Throttle, queue: Queue) -> None:
        self._throttle, self._queue = throttle, queue

    def ask(self, typed: str, browser: str, source: str, next_path: str) -> None:
        """Count and enqueue, whoever `typed` is. Raises BadAddress for what cannot be an address at all.

        `browser` is the binding cookie, `source` the caller's IP address, `next_path` where the link shall lead.
        An ask beyond its mailbox's limit is enqueued, too, and dropped by the worker: the calls made here tell nothing.
        """
        mailbox, digest = addresses.ref(addresses.canonical(typed)), tokens.digest(browser)
        known = self._throttle.knows(mailbox, digest)
        if known or self._throttle.admits(source):
            granted = self._throttle.may_mail(mailbox, digest, known)
            ask = Ask(secrets.token_hex(16), typed.strip(), digest, next_path, clock.now(), granted)
            self._queue.send(msgspec.structs.asdict(ask))
