"""The AWS that the package is deployed to: ministack with every permission enforced, in a process of its own."""

import json
import sys
import urllib.request
import venv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.children import Child

ROOT = Path(__file__).resolve().parent.parent.parent
INTERPRETER = ROOT / ".venv-aws" / "bin" / "python"
REGION, ACCOUNT = "eu-west-1", "111122223333"
# an account's number is the key of its root, whom no policy stops
OPERATOR = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}


@dataclass(frozen=True)
class Judgement:
    """One answer to: may this role do this with that? `who` is the ARN of the role's session or of the root."""

    who: str
    action: str
    on: str
    allowed: bool

    @property
    def role(self) -> str:
        """Name of the role that asked, or "" for anybody else."""
        return self.who.split("/")[1] if ":assumed-role/" in self.who else ""


@dataclass(frozen=True)
class Mail:
    """A mail that left."""

    sender: str
    to: str
    subject: str
    text: str


class Emulator:
    """A running AWS. What it leaves on disk lies in `folder`."""

    def __init__(self, port: int, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.host = f"execute-api.127.0.0.1:{port}"
        self._record = folder / "judgements.jsonl"
        bare, temporary = folder / "bare", folder / "tmp"
        temporary.mkdir(parents=True)
        venv.create(bare, symlinks=True)
        command = [INTERPRETER, Path(__file__).with_name("judged_aws.py"), bare / "bin" / "python", self._record]
        # functions inherit this environment, so there is next to nothing in it
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(temporary),
        }
        self.process = Child("The emulated AWS", [str(part) for part in command], folder / "log", env)
        self.client = cache(self._client)

    def wait(self) -> None:
        """Return when it answers. Raises DidNotStart."""
        self.process.wait_for(f"{self.url}/_ministack/health")

    def stop(self) -> None:
        """Stop it and all its functions."""
        self.process.stop()

    def environment(self) -> dict[str, str]:
        """What a program needs to act here as the account's owner."""
        return {**OPERATOR, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def _client(self, service: str) -> Any:
        keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "test"}
        limits = Config(retries={"total_max_attempts": 1}, read_timeout=60)
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, config=limits, **keys)

    def mails(self) -> list[Mail]:
        """All mails sent, newest first."""
        with urllib.request.urlopen(f"{self.url}/_ministack/ses/messages", timeout=10) as answer:
            found = json.load(answer)["messages"].get(ACCOUNT, [])
        return [Mail(one["Source"], ",".join(one["To"]), one["Subject"], one["BodyText"]) for one in reversed(found)]

    def judgements(self) -> list[Judgement]:
        """All that was asked, oldest first."""
        return [Judgement(**json.loads(line)) for line in self._record.read_text().splitlines()]


def interpreter_of_functions() -> str:
    """Version of Python that functions run here, as Chalice names it: that of the tests."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"
