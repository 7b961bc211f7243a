"""One whole local stack per test process, emptied in a few milliseconds between tests."""

import logging
import os
import socket
from pathlib import Path

from chalicelib import clock, config
from chalicelib.storage import table
from local.outbox import Mail
from local.portal import Place
from local.stack import Stack


class TestStack(Stack):
    """The local stack with no thread of its own handling the queue: a test says when, by `settle`."""

    __test__ = False

    def reset(self, prefix: str = "") -> None:
        """Empty everything and serve at `prefix` ("" or "/api"). Time goes on from real now, by the stack's clock."""
        clock.use(self.clock.now)
        self.stage = self.gateway.stage = prefix.strip("/")
        self.stripe.reset()
        self.empty_aws()
        self.clock.follow()
        self.outbox.clear()
        self.provision()

    def empty_aws(self) -> None:
        """Empty the emulated AWS alone and make the table anew."""
        self.aws.reset()
        table.connect(config.load())
        table.Row.create_table(wait=True)

    def skip(self, duration: str) -> None:
        """Move time in one step: all that falls due at Stripe happens and arrives, but no timer of ours runs."""
        self.settle()
        self.clock.move_to(self.clock.later(duration))
        self.worker.bring_back()
        self.settle()

    def mailbox(self, address: str) -> list[Mail]:
        """Mails to one address, newest first, after everything under way has been handled."""
        self.settle()
        return [mail for mail in self.outbox.all() if mail.to == address]


class Troubles(logging.Handler):
    """Collects errors the portal logged, so that a test in which one happened does not pass unnoticed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.seen.append(self.format(record))


def place_for(worker: str, folder: Path) -> Place:
    """A place for the stack of one test process, each with a range of ports of its own."""
    number = int(worker.removeprefix("gw")) if worker.startswith("gw") else 40
    return Place(three_free_ports(20000 + number * 200), folder, keep=False)


def three_free_ports(start: int) -> int:
    """The first of three free ports in a row, below those the system hands out by itself."""
    own = start + os.getpid() % 50 * 3
    return next(port for port in [*range(own, 32000, 3), *range(start, own, 3)] if _free(port))


def _free(port: int) -> bool:
    for candidate in range(port, port + 3):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                return False
    return True
