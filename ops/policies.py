"""What each function may do: one role per function, this stage's resources only, no wildcard action.

Action names: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Sequence
from typing import Any

from ops.stage import Stage

Statement = dict[str, Any]

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
SEND = ("sqs:SendMessage", "sqs:GetQueueUrl")
RECEIVE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def documents(stage: Stage, sender: str, traced: bool = False) -> dict[str, dict[str, Any]]:
    """The policy of every function. `sender` is the address or domain SES knows."""
    tracing = (TRACING,) if traced else ()
    everyone = {name: (logs(stage, name), table(stage)) for name in PARTS}
    return {
        name: {"Version": "2012-10-17", "Statement": [*everyone[name], *parts(stage, sender), *tracing]}
        for name, parts in PARTS.items()
    }


def table(stage: Stage) -> Statement:
    """The one table. Its indexes are named by `*`: there are three, and all belong to the table."""
    name = stage.arn("dynamodb", f"table/{stage.table}")
    return allow("Table", (*READ, *WRITE), name, f"{name}/index/*")


def bucket(stage: Stage) -> tuple[Statement, ...]:
    """Receipts and the logo; listing makes S3 say "not found" instead of "forbidden" for what is not there yet."""
    return (
        allow("Files", ("s3:GetObject", "s3:PutObject"), f"arn:aws:s3:::{stage.bucket}/*"),
        allow("MissingFiles", ("s3:ListBucket",), f"arn:aws:s3:::{stage.bucket}"),
    )


def queue(stage: Stage, *actions: str) -> Statement:
    """The work queue."""
    return allow("Work", actions, stage.arn("sqs", stage.queue))


def secrets(stage: Stage) -> Statement:
    """Both secrets. They are encrypted under the account's own SSM key, which serves whoever SSM lets through."""
    return allow("Secrets", ("ssm:GetParameters",), stage.arn("ssm", f"parameter{stage.secrets}/*"))


def mail(stage: Stage, sender: str) -> Statement:
    """Mail from the merchant's address only."""
    config_set = stage.arn("ses", f"configuration-set/{stage.config_set}")
    return allow("Mail", ("ses:SendEmail",), stage.arn("ses", f"identity/{sender}"), config_set)


def logs(stage: Stage, function: str) -> Statement:
    """Its own log group, which the data stack made; streams have names of Lambda's choosing."""
    group = stage.arn("logs", f"log-group:/aws/lambda/{stage.function(function)}")
    return allow("Logs", ("logs:CreateLogStream", "logs:PutLogEvents"), f"{group}:*")


def allow(sid: str, actions: Sequence[str], *resources: str) -> Statement:
    """One statement."""
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


# X-Ray has no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
TRACING = allow("Tracing", ("xray:PutTraceSegments", "xray:PutTelemetryRecords"), "*")
PARTS = {
    "api_handler": lambda stage, sender: (secrets(stage), *bucket(stage), queue(stage, *SEND)),
    "worker": lambda stage, sender: (secrets(stage), queue(stage, *SEND, *RECEIVE), mail(stage, sender)),
    "sweep": lambda stage, sender: (secrets(stage), queue(stage, *SEND)),
    "reconcile": lambda stage, sender: (secrets(stage), queue(stage, *SEND)),
    "expiring": lambda stage, sender: (queue(stage, *SEND),),
}
