"""One merchant's deployed portal: its own checkout, its own Stripe account, its own public address."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from stripe import StripeClient

from local.stripe_process import PUBLISHABLE_KEY, SECRET_KEY, StripeProcess
from tests.deployed.emulator import ACCOUNT, Emulator, Mail
from tests.deployed.front import Front
from tests.deployed.merchant import Merchant

FUNCTIONS = ("api_handler", "worker", "sweep", "reconcile", "expiring")
# much longer than anything takes on a machine that has nothing else to do
PATIENCE = 150
Found = TypeVar("Found")


@dataclass(frozen=True)
class Address:
    """What browsers call the portal's origin."""

    origin: str


class Tenant:
    """A stage from `provision` to `destroy`."""

    def __init__(self, stage: str, aws: Emulator, stripe: StripeProcess, folder: Path) -> None:
        self.stage, self.aws, self.stripe = stage, aws, stripe
        self._read: dict[str, int] = {}
        self.cast: Any = None
        self.front = Front(aws.url)
        self.portal_url, self.place = self.front.url, Address(self.front.origin)
        # the two addresses that a real stack finds by itself
        there = {"STRIPE_API_BASE": stripe.url, "STRIPE_OPERATOR_KEY": SECRET_KEY}
        self.merchant = Merchant(folder, {**aws.environment(), **there})

    # What the merchant does

    def provision(self) -> None:
        """All that comes before the first deployment, as the guide says."""
        given = ("--from", f"support@{self.stage}.example", "--publishable-key", PUBLISHABLE_KEY)
        self.merchant.ops("provision", self.stage, *given, "--architecture", "x86_64")
        self.merchant.ops("secret", self.stage, typed=SECRET_KEY)
        self.merchant.fill_in_settings(self.stage, f"{self.stage.title()} Studio")
        config = self.merchant.configuration
        config["environment_variables"] = {"STRIPE_API_BASE": self.stripe.url}
        self.merchant.configure(config)

    def deploy(self) -> str:
        """`ops deploy`. Gives what it printed."""
        said = self.merchant.ops("deploy", self.stage, "--public-url", self.portal_url)
        self.front.api = self.merchant.deployed(self.stage)["rest_api"]["rest_api_id"]
        return said

    def hurry(self) -> None:
        """Bring the most frequent timer forward, from every five minutes to every minute."""
        rule = {"Name": f"tillkey-{self.stage}-sweep-event", "ScheduleExpression": "rate(1 minute)", "State": "ENABLED"}
        self.aws.client("events").put_rule(**rule)

    def fall_due(self, *kinds: str) -> int:
        """Let the time be over that rows of these kinds (by how their `due_kind` begins) wait for. Gives how many."""
        table = self.aws.client("dynamodb")
        names = table.scan(TableName=self.table, ProjectionExpression="pk, sk, due_kind")["Items"]
        found = [row for row in names if row.get("due_kind", {}).get("S", "").startswith(kinds)]
        for row in found:
            table.update_item(
                TableName=self.table,
                Key={"pk": row["pk"], "sk": row["sk"]},
                UpdateExpression="SET due = :long_ago",
                ExpressionAttributeValues={":long_ago": {"N": "1"}},
            )
        return len(found)

    def stop(self) -> None:
        """Stop what belongs to it here."""
        self.front.stop()
        self.stripe.stop()

    # What it is called on AWS

    @property
    def table(self) -> str:
        """Its table, and its queue."""
        return f"tillkey-{self.stage}"

    @property
    def bucket(self) -> str:
        """Its bucket."""
        return f"tillkey-{self.stage}-{ACCOUNT}"

    @property
    def secrets(self) -> str:
        """Where its secrets lie."""
        return f"/tillkey/{self.stage}"

    def secret_values(self) -> list[str]:
        """The secrets themselves."""
        found = self.aws.client("ssm").get_parameters_by_path(Path=self.secrets, WithDecryption=True)
        return [parameter["Value"] for parameter in found["Parameters"]]

    def queue(self, suffix: str = "") -> str:
        """Address of its queue; `-dead` for the one with what failed."""
        return str(self.aws.client("sqs").get_queue_url(QueueName=self.table + suffix)["QueueUrl"])

    def function(self, name: str) -> str:
        """What Lambda calls a function of app.py."""
        return self.table if name == "api_handler" else f"{self.table}-{name}"

    def role(self, name: str) -> str:
        """Name of the role a function has."""
        arn = self.aws.client("lambda").get_function_configuration(FunctionName=self.function(name))["Role"]
        return str(arn).rpartition("/")[2]

    def endpoints(self) -> list[Any]:
        """The webhook endpoints its Stripe knows."""
        base: Any = {"api": self.stripe.url}
        found = StripeClient(SECRET_KEY, base_addresses=base).v1.webhook_endpoints.list({"limit": 100})
        return list(found.data)

    # What becomes visible

    def mailbox(self, address: str) -> list[Mail]:
        """Mails to one address, newest first, once there are more than when last asked."""

        def found() -> list[Mail]:
            mails = self.mails(address)
            return mails if len(mails) > self._read.get(address, 0) else []

        mails = until(found, f"another mail to {address}")
        self._read[address] = len(mails)
        return mails

    def mails(self, address: str) -> list[Mail]:
        """Mails this merchant has sent to one address so far, newest first."""
        domain = f"@{self.stage}.example"
        return [mail for mail in self.aws.mails() if mail.to == address and domain in mail.sender]

    def waiting(self, suffix: str = "") -> int:
        """Messages in a queue, those being handled included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.aws.client("sqs").get_queue_attributes(QueueUrl=self.queue(suffix), AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def settle(self) -> None:
        """Return when Stripe has told everything and the worker has done everything."""
        self.stripe.flush()
        until(lambda: self.waiting() == 0, "the queue to be empty")

    def invoke(self, name: str, event: Any = None) -> Any:
        """Call a function directly. Gives what it gave; fails with what it raised."""
        answer = self.aws.client("lambda").invoke(
            FunctionName=self.function(name), Payload=json.dumps(event or {}).encode()
        )
        body = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, body
        return body

    def log(self, name: str) -> list[str]:
        """All lines a function has logged."""
        page = self.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{self.function(name)}", limit=10000)
        return [event["message"] for event in page["events"]]


def until(look: Callable[[], Found], what: str, seconds: float = PATIENCE) -> Found:
    """What `look` gives as soon as it is true. Fails when it never is."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)
    return found
