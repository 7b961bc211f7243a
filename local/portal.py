"""The portal on this machine: emulated AWS around it, its mails in the outbox, its pages served."""

import importlib
import os
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from waitress.server import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from chalicelib import clock, config, wiring
from chalicelib.storage import table
from local import merchant, pages
from local.aws import REGION, Aws, make_bucket, make_queue
from local.children import Child
from local.gateway import Gateway
from local.outbox import Outbox
from local.timers import TimedJobs
from local.worker import Background, QueueWorker

TABLE, BUCKET, QUEUE = "tillkey-local", "tillkey-local", "tillkey-local"


@dataclass(frozen=True)
class Place:
    """Where a portal listens (three ports from `port`) and where it keeps its data."""

    port: int
    folder: Path
    keep: bool = True

    @property
    def origin(self) -> str:
        """The portal's scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"


class LocalPortal:
    """All but Stripe, which those that inherit add. Nothing runs by itself until `run_in_background`."""

    imitates_stripe = False

    def __init__(self, place: Place, stage: str = "") -> None:
        self.place, self.stage = place, stage
        self._running = ExitStack()

    def start(self) -> None:
        """Start everything, make what is missing, serve. Raises DidNotStart; what did start is stopped again."""
        try:
            self._start_outside()
            self._load_portal()
            self.provision()
            self._serve()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in reverse order; whatever has state saves it."""
        self._running.close()

    def run_in_background(self) -> None:
        """From now on handle the queue and timed jobs as they come."""
        background = Background(self.worker, self.jobs)
        self._running.callback(background.stop)
        background.start()

    # Parts

    def _start_outside(self) -> None:
        self.aws = Aws(self.place.port + 2, self.place.folder / "aws", self.place.keep)
        self._running.callback(self.aws.stop)
        self.outbox = Outbox(self.place.folder / "outbox")

    def _load_portal(self) -> None:
        """Import the app with this stack's environment, while the others are still starting."""
        os.environ.update(self.environment())
        config.load.cache_clear()
        self.app = importlib.import_module("app").app
        self.gateway = Gateway(self.app, self.stage)
        self.aws.wait()

    def provision(self) -> None:
        """Make what a stack needs, as far as it is missing: table, queue, bucket, sender, settings."""
        wiring.use(wiring.Portal())
        table.connect(config.load())
        if not table.Row.exists():
            table.Row.create_table(wait=True)
            table.Row.update_ttl(ignore_update_ttl_errors=True)
        sqs = self.aws.client("sqs")
        queue = make_queue(sqs, QUEUE)
        make_bucket(self.aws.client("s3"), BUCKET)
        self.sender = merchant.seed(self.portal_url).company.support_email
        self.worker = QueueWorker(self.app, sqs, queue)
        self.jobs = TimedJobs(self.app, clock.now)

    def _serve(self) -> None:
        site = DispatcherMiddleware(lambda *call: self.gateway(*call), {"/_local": pages.create(self)})
        server = create_server(site, host="127.0.0.1", port=self.place.port, threads=8, ident="Tillkey local")
        thread = threading.Thread(target=server.run, name="portal", daemon=True)
        thread.start()
        self._running.callback(server.close)

    def environment(self) -> dict[str, str]:
        """The environment the portal finds on AWS, pointing at this machine; Stripe’s part is added by who inherits."""
        aws = f"http://127.0.0.1:{self.place.port + 2}"
        return {
            "STAGE": "local",
            "TABLE": TABLE,
            "BUCKET": BUCKET,
            "QUEUE": QUEUE,
            "AWS_ENDPOINT_URL": aws,
            "AWS_ENDPOINT_URL_SESV2": f"{self.place.origin}/_local/ses",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    # What people and tests do with it

    @property
    def portal_url(self) -> str:
        """The address all pages of the portal lie under."""
        return self.place.origin + (f"/{self.stage}" if self.stage else "")

    def children(self) -> Sequence[Child]:
        """The child processes it needs to go on."""
        return (self.aws.process,)

    def dead_part(self) -> str:
        """Name of a child process that has ended by itself, or ""."""
        return next((child.name for child in self.children() if child.ended), "")
