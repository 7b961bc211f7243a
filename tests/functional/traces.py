"""Everything a request could have changed, to be compared before and after."""

from typing import Any

from chalicelib.billing.intents import BillingEvent
from chalicelib.storage.packing import unpack
from local.portal import BUCKET, QUEUE, TABLE
from tests.stack import TestStack

WRITES = {"POST", "DELETE"}


def traces(stack: TestStack) -> dict[str, Any]:
    """Writes at Stripe, every row of the table, stored files, waiting messages, mails."""
    calls = stack.stripe.call("GET", "requests.json")
    return {
        "written at Stripe": [call["path"] for call in calls if call["method"] in WRITES],
        "rows": rows(stack),
        "files": [each["Key"] for each in stack.aws.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])],
        "waiting": waiting(stack),
        "mails": len(stack.outbox.all()),
    }


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What is not as it was, by name."""
    return [name for name in before if before[name] != after[name]]


def rows(stack: TestStack, kind: str = "") -> dict[tuple[str, str], Any]:
    """All rows of the table, or those whose sort key begins with `kind`, by their keys."""
    scan = stack.aws.client("dynamodb").get_paginator("scan")
    found = [row for page in scan.paginate(TableName=TABLE, ConsistentRead=True) for row in page["Items"]]
    return {(row["pk"]["S"], row["sk"]["S"]): row for row in found if row["sk"]["S"].startswith(kind)}


def published(stack: TestStack) -> list[str]:
    """The types of all billing events so far, in no order."""
    return [unpack(row["data"]["B"], BillingEvent).type for row in rows(stack, "OUTBOX").values()]


def waiting(stack: TestStack) -> int:
    """Messages in the queue."""
    sqs = stack.aws.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])
