"""The local Stripe as a running server on the loopback address."""

from __future__ import annotations

import threading
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from local.stripe import snapshot
from local.stripe.app import create_app
from local.stripe.store import World

HOST = "127.0.0.1"

# Seconds until a stop is noticed; it asks no more often than that.
POLL = 0.05


class _Quiet(WSGIRequestHandler):
    """Speaks HTTP/1.1, so that clients keep their connections, and leaves logging to the request log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Server:
    """One world behind one port (0 picks a free one), with its background threads.

    With a folder the world is taken up from there, unless `fresh`, and kept there.
    """

    def __init__(self, port: int = 0, folder: Path | None = None, *, fresh: bool = False) -> None:
        self.world = World()
        if folder is not None and not fresh:
            snapshot.load(self.world, folder)
        self.app = create_app(self.world)
        self._http = make_server(HOST, port, self.app, threaded=True, request_handler=_Quiet)
        self.url = self.world.base_url = f"http://{HOST}:{self._http.server_port}"
        self._keeper = snapshot.Keeper(self.world, folder)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(POLL,), name="local Stripe", daemon=True)

    def start(self) -> None:
        """Listen, deliver webhooks, and let things fall due."""
        self.world.deliveries.start()
        self._keeper.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop in order, saving last."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self.world.deliveries.stop()
        self._keeper.stop()
