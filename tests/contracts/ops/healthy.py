"""A stage of which everything is in order, as far as the emulated AWS and the local Stripe can show it."""

import io
import json
import sys
import zipfile
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local.stripe_process import SECRET_KEY
from ops.aws import Account
from ops.configuration import Configuration
from ops.doctor import examine
from ops.finding import Finding
from ops.finish import Finish
from ops.patient import Patient
from ops.secret_store import STRIPE_KEY, SecretStore
from ops.webhook_endpoint import register
from tests.shop import Shop
from tests.stack import TestStack

HERE = f"python{sys.version_info.major}.{sys.version_info.minor}"
COMPILED = {"app.py": "", "__pycache__/app.cpython-311.pyc": ""}
SETTINGS = "company: {name: Northlight Studio, support_email: help@northlight.example, address: [Bristol]}"
RECORDS = {
    "northlight.example": ("google-site-verification=x", "v=spf1 include:amazonses.com ~all"),
    "_dmarc.northlight.example": ("v=DMARC1; p=none",),
}


class Site(ThreadingHTTPServer):
    """What customers reach, and where Stripe sends events: `status` and `to_events` are what they are answered."""

    status = to_events = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    """A status and nothing else."""

    server: Site

    def do_GET(self) -> None:
        """Any page."""
        self.answer(self.server.status)

    def do_POST(self) -> None:
        """An event."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(self.server.to_events)

    def answer(self, status: int) -> None:
        """Nothing but the status."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Nobody reads it."""


class Clinic:
    """A healthy stage, and the doctor's opinion of it."""

    def __init__(self, stack: TestStack, account: Account, site: Site, clone: Path) -> None:
        self.stack, self.account, self.site, self.clone = stack, account, site, clone
        self.stage, self.client, self.shop = account.stage("shop"), account.client, Shop(stack)
        self.records: dict[str, Sequence[str]] = dict(RECORDS)
        self.secrets = SecretStore(account, self.stage)

    def deploy(self) -> None:
        """As far as `ops deploy` does it, with functions in which nothing is."""
        for name in ("api_handler", "worker"):
            self.client("lambda").create_function(
                FunctionName=self.stage.function(name),
                Runtime=HERE,
                Role=f"arn:aws:iam::{self.account.id}:role/any",
                Handler="app.app",
                Code={"ZipFile": archive(COMPILED)},
            )
        mapping = self.client("lambda").create_event_source_mapping(
            EventSourceArn=self.stage.arn("sqs", self.stage.queue), FunctionName=self.stage.function("worker")
        )
        self.mapping = str(mapping["UUID"])
        self.api = str(self.client("apigateway").create_rest_api(name="tillkey")["id"])
        self.remember({"name": "rest_api", "rest_api_id": self.api}, {"name": "worker", "event_uuid": self.mapping})
        (self.clone / "settings.shop.yaml").write_text(SETTINGS)
        self.secrets.write(STRIPE_KEY, SECRET_KEY)
        self.finish()

    def remember(self, *resources: dict[str, str]) -> None:
        """Chalice's memory of its last deployment."""
        folder = self.clone / ".chalice" / "deployed"
        folder.mkdir()
        (folder / "shop.json").write_text(json.dumps({"resources": resources}))

    def finish(self) -> None:
        """As `ops finish` does it."""
        choices = self.patient.choices
        list(Finish(self.account, self.stage, choices, self.site.url, self.clone).apply())
        list(register(self.secrets, self.stage, self.site.url, choices.publishable_key))

    @property
    def patient(self) -> Patient:
        """The stage as somebody sees it who comes new."""
        choices = Configuration(self.clone).choices(self.stage)
        assert choices
        return Patient(self.account, self.stage, choices, lambda name: self.records.get(name, ()), self.clone)

    def signs_of(self, sign: str) -> list[str]:
        """The lines with this sign."""
        return [finding.words for finding in examine(self.patient) if finding.sign == sign]

    def findings(self) -> list[Finding]:
        """All lines."""
        return list(examine(self.patient))


def archive(files: dict[str, str]) -> bytes:
    """A zip of these."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return content.getvalue()
