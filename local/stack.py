"""The whole local stack: emulated AWS, local Stripe, the portal between them, and one clock for all."""

import importlib
import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from waitress.server import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from chalicelib import config, wiring
from chalicelib.storage import table
from local import merchant, pages
from local.aws import REGION, Aws, make_bucket, make_queue
from local.clock import SharedClock
from local.demo.people import PEOPLE
from local.gateway import Gateway
from local.outbox import Outbox
from local.stripe_process import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, StripeProcess
from local.worker import Background, QueueWorker, TimedJobs

DAY = 86400
TABLE, BUCKET, QUEUE = "tillkey-local", "tillkey-local", "tillkey-local"


@dataclass(frozen=True)
class Place:
    """Where a stack listens (three ports from `port`) and where it keeps its data."""

    port: int
    folder: Path
    keep: bool = True

    @property
    def origin(self) -> str:
        """The portal's scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"


class Stack:
    """All parts, started by `start` and stopped by `stop`. Nothing runs by itself until `run_in_background`."""

    def __init__(self, place: Place, stage: str = "") -> None:
        self.place, self.stage = place, stage
        self._running = ExitStack()

    def start(self) -> None:
        """Start everything, make what is missing, serve. Raises DidNotStart; what did start is stopped again."""
        try:
            self._start_outside()
            self._load_portal()
            self.provision()
            self.stripe.forget_webhooks_but_to(self.webhook_url)
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
        self.stripe = StripeProcess(self.place.port + 1, self.place.folder / "stripe")
        self._running.callback(self.stripe.stop)
        self.outbox = Outbox(self.place.folder / "outbox")

    def _load_portal(self) -> None:
        """Import the app with this stack's environment, while the others are still starting."""
        os.environ.update(environment(self.place))
        config.load.cache_clear()
        self.app = importlib.import_module("app").app
        self.gateway = Gateway(self.app, self.stage)
        self.stripe.wait()
        self.aws.wait()
        self.clock = SharedClock(self.stripe)
        self.clock.follow()

    def provision(self) -> None:
        """Make what a stack needs, as far as it is missing: table, queue, bucket, sender, settings, webhooks."""
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
        self.jobs = TimedJobs(self.app, self.clock.now)
        self.stripe.send_webhooks_to(self.webhook_url)

    def _serve(self) -> None:
        site = DispatcherMiddleware(lambda *call: self.gateway(*call), {"/_local": pages.create(self)})
        server = create_server(site, host="127.0.0.1", port=self.place.port, threads=8, ident="Tillkey local")
        thread = threading.Thread(target=server.run, name="portal", daemon=True)
        thread.start()
        self._running.callback(server.close)

    # What people and tests do with it

    @property
    def portal_url(self) -> str:
        """The address all pages of the portal lie under."""
        return self.place.origin + (f"/{self.stage}" if self.stage else "")

    @property
    def webhook_url(self) -> str:
        """Where Stripe sends its events."""
        return f"{self.portal_url}/webhooks/stripe"

    def scenarios(self) -> list[dict[str, str]]:
        """Demo mailboxes and what each shows."""
        return [{"mailbox": person.mailbox, "shows": person.shows} for person in PEOPLE]

    def dead_part(self) -> str:
        """Name of a child process that has ended by itself, or ""."""
        return next((part.name for part in (self.aws.process, self.stripe.process) if part.ended), "")

    def settle(self) -> None:
        """Deliver webhooks and handle the queue until neither has anything left."""
        self.stripe.flush()
        while self.worker.drain():
            self.stripe.flush()

    def advance(self, duration: str) -> None:
        """Move time by an ISO 8601 duration, a day at a time, and run what falls due. Raises ValueError."""
        end = self.clock.later(duration)
        self.settle()
        while (now := int(self.clock.now())) < end:
            self.clock.move_to(min(end, now + DAY))
            self.worker.bring_back()
            self.settle()
            self.jobs.run_due()
        self.settle()


def environment(place: Place) -> dict[str, str]:
    """The environment the portal finds on AWS, pointing at this machine."""
    aws, stripe = f"http://127.0.0.1:{place.port + 2}", f"http://127.0.0.1:{place.port + 1}"
    return {
        "STAGE": "local",
        "TABLE": TABLE,
        "BUCKET": BUCKET,
        "QUEUE": QUEUE,
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API_BASE": stripe,
        "STRIPE_JS_URL": f"{stripe}/endive/stripe.js",
        "AWS_ENDPOINT_URL": aws,
        "AWS_ENDPOINT_URL_SESV2": f"{place.origin}/_local/ses",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
