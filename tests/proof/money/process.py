"""`python -m tests.proof.money.process`: the portal in processes that live for one request, and may be killed in it.

It loads the app once and then, for each line it reads ("SECONDS", by how much the portal's time is ahead of real time),
begins a process of its own that serves one request on PORT; its number is written to standard output. BUG plants a bug.
"""

import importlib
import os
import signal
import sys
import time
from typing import NoReturn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import stripe

from chalicelib import clock, config
from chalicelib.billing import stripe_calls
from chalicelib.storage import dynamodb, table
from chalicelib.wiring import portal
from local.gateway import Gateway
from tests.proof.money import planted


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class Alone(WSGIServer):
    """Has no business with names of this machine."""

    request_queue_size = 16

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])
        self.setup_environ()


def main() -> None:
    """Load everything that no call is needed for, then begin a process for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    stripe.HTTPClient.INITIAL_DELAY = stripe_calls.PAUSE = 0.001  # type: ignore[attr-defined]
    planted.plant(os.environ.get("BUG", ""))
    app = importlib.import_module("app").app
    table.connect(config.load())
    dynamodb.client()
    assert portal().desk
    server = Alone(("127.0.0.1", int(os.environ["PORT"])), Quiet)
    server.set_app(Gateway(app, os.environ.get("PREFIX", "")))
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            serve_one(server, float(line))
        print(child, flush=True)


def serve_one(server: WSGIServer, moved_by: float) -> NoReturn:
    """What a process is for."""
    clock.use(lambda: time.time() + moved_by)
    server.handle_request()
    os._exit(0)


if __name__ == "__main__":
    main()
