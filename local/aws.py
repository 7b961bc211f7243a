"""Emulated AWS: ministack as a child process, and what one stack needs in it."""

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config as BotoConfig

from local.children import Child, DidNotStart

ROOT = Path(__file__).resolve().parent.parent
MINISTACK = ROOT / ".venv-aws" / "bin" / "ministack"
REGION = "us-east-1"
TRIES = 5
# On AWS six times the function's timeout; here short, so that a failed message comes back while one watches.
VISIBILITY_SECONDS = 10
# the one pair the emulator knows; it checks the signature of presigned links
DUMMY_KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class Aws:
    """A running emulator. With a folder its state is kept there across clean stops."""

    def __init__(self, port: int, folder: Path, keep: bool) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._clients: dict[str, Any] = {}
        if not MINISTACK.exists():
            raise DidNotStart("the emulated AWS is not installed: make setup")
        env = os.environ | {
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(_made(folder / "tmp")),
        }
        if keep:
            state = {"PERSIST_STATE": "1", "STATE_DIR": str(_made(folder / "state"))}
            env |= state | {"S3_PERSIST": "1", "S3_DATA_DIR": str(_made(folder / "s3"))}
        self.process = Child("The emulated AWS", [str(MINISTACK)], folder / "log", env)

    def wait(self) -> None:
        """Return when it answers. Raises DidNotStart."""
        self.process.wait_for(f"{self.url}/_ministack/health")

    def stop(self) -> None:
        """Stop it; it saves its state first."""
        self.process.stop()

    def reset(self) -> None:
        """Forget everything, in a few milliseconds."""
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_ministack/reset", method="POST"), timeout=5).close()

    def client(self, service: str) -> Any:
        """The boto3 client of one service of the emulator."""
        if service not in self._clients:
            self._clients[service] = self._make_client(service)
        return self._clients[service]

    def _make_client(self, service: str) -> Any:
        config = BotoConfig(retries={"max_attempts": 1}, connect_timeout=2, read_timeout=25)
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, config=config, **DUMMY_KEYS)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_queue(sqs: Any, name: str) -> str:
    """The work queue with its dead-letter queue behind it, made if missing. Gives its address."""
    dead: str = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": TRIES})
    attributes = {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": redrive}
    address: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return address


def make_bucket(s3: Any, name: str) -> None:
    """The bucket for receipts and logos, made if missing."""
    if name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=name)
