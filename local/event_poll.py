"""Stripe's events without webhooks: asked for every few seconds and passed through the portal's door."""

import logging
import os
import threading
from pathlib import Path

from chalicelib import clock
from chalicelib.billing import reconcile
from chalicelib.billing.inbox import Inbox, Queue
from chalicelib.billing.ports import Gateway
from chalicelib.errors import PortalError

log = logging.getLogger(__name__)
EVERY, LONGEST_WAIT = 3, 60
# An event may be listed a little after the moment it bears, and this machine's clock is not Stripe's.
OVERLAP = 120


class EventPoll:
    """A thread that asks for events. The time of the file `seen` is the moment up to which they are known."""

    def __init__(self, gateway: Gateway, inbox: Inbox, queue: Queue, seen: Path) -> None:
        self._gateway, self._inbox, self._queue, self._seen = gateway, inbox, queue, seen
        if not seen.exists():
            self._remember(clock.now())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="Stripe's events", daemon=True)

    def start(self) -> None:
        """Begin, at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; a call to Stripe that hangs is not waited for, what it would have brought comes at the next start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(3)

    def poll(self) -> bool:
        """Ask once. False, with one line in the log, when Stripe is out of reach; nothing is lost by it."""
        now = clock.now()
        start = self._seen.stat().st_mtime - OVERLAP
        try:
            reconcile.since(self._gateway, self._inbox, self._queue, now, start)
        except PortalError as trouble:
            if not self._stopping.is_set():
                log.warning("Stripe’s events could not be read; trying again: %s", _reason(trouble))
            return False
        self._remember(now)
        return True

    def _remember(self, moment: float) -> None:
        self._seen.touch()
        os.utime(self._seen, (moment, moment))

    def _run(self) -> None:
        wait = 0
        while not self._stopping.wait(wait):
            try:
                fine = self.poll()
            except Exception:  # the outermost boundary: an answer nobody foresaw; say so and go on
                log.exception("Stripe’s events could not be read")
                fine = False
            wait = EVERY if fine else min(max(2 * wait, EVERY), LONGEST_WAIT)


def _reason(trouble: PortalError) -> str:
    """In one short line: what Stripe or the network said, if an error of ours stands for it."""
    cause = trouble.__cause__ or trouble
    return f"{type(cause).__name__} {' '.join(str(cause).split())[:160]}".strip()
