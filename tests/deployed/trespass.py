"""What somebody who holds one tenant's role tries at another tenant's door, and what AWS lets them do."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.deployed.tenant import Tenant

DENIED = {"AccessDenied", "AccessDeniedException", "403", "Forbidden", "AuthorizationError"}
KEY = {"pk": {"S": "trespass"}, "sk": {"S": "trespass"}}
Try = Callable[[], Any]


def allowed(thief: boto3.Session, victim: Tenant) -> set[str]:
    """The names of the tries that were not refused."""
    return {name for name, attempt in tries(thief, victim).items() if let_through(attempt)}


def let_through(attempt: Try) -> bool:
    """Whether AWS did it, or refused it for another reason than permissions."""
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"] not in DENIED
    return True


def tries(thief: boto3.Session, victim: Tenant) -> Mapping[str, Try]:
    """Everything of the victim's that is worth having, by name."""
    url = victim.aws.url
    table, s3, sqs = thief.client("dynamodb", endpoint_url=url), thief.client("s3", endpoint_url=url), victim.queue()
    queue, ssm = thief.client("sqs", endpoint_url=url), thief.client("ssm", endpoint_url=url)
    mail, functions = thief.client("sesv2", endpoint_url=url), thief.client("lambda", endpoint_url=url)
    at, there = {"TableName": victim.table}, {"Bucket": victim.bucket}
    text = {"Subject": {"Data": "hello"}, "Body": {"Text": {"Data": "hello"}}}
    return {
        "read the table": lambda: table.get_item(Key=KEY, **at),
        "query the table": lambda: table.query(
            KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": KEY["pk"]}, **at
        ),
        "read an index": lambda: table.query(
            IndexName="due",
            KeyConditionExpression="due_kind = :kind",
            ExpressionAttributeValues={":kind": {"S": "outbox"}},
            **at,
        ),
        "scan the table": lambda: table.scan(**at),
        "write the table": lambda: table.put_item(Item=KEY, **at),
        "write in a transaction": lambda: table.transact_write_items(TransactItems=[{"Put": {"Item": KEY, **at}}]),
        "delete from the table": lambda: table.delete_item(Key=KEY, **at),
        "list the bucket": lambda: s3.list_objects_v2(**there),
        "read the bucket": lambda: s3.get_object(Key="receipts/one.pdf", **there),
        "write the bucket": lambda: s3.put_object(Key="receipts/one.pdf", Body=b"", **there),
        "send to the queue": lambda: queue.send_message(QueueUrl=sqs, MessageBody="{}", DelaySeconds=900),
        "receive from the queue": lambda: queue.receive_message(QueueUrl=sqs),
        "read the secrets": lambda: ssm.get_parameters(Names=[f"{victim.secrets}/stripe_secret_key"]),
        "mail in its name": lambda: mail.send_email(
            FromEmailAddress=f"help@{victim.stage}.example",
            Destination={"ToAddresses": ["somebody@mail.example"]},
            Content={"Simple": text},
        ),
        "call its functions": lambda: functions.invoke(FunctionName=victim.function("sweep"), Payload=b"{}"),
    }


@contextmanager
def widened(role: str, tenant: Tenant, statement: Mapping[str, Any]) -> Iterator[None]:
    """The bug we look for: a role's policy with one statement too many, while the context lasts."""
    iam = tenant.aws.client("iam")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    iam.put_role_policy(RoleName=role, PolicyName="planted", PolicyDocument=json.dumps(document))
    yield
    iam.delete_role_policy(RoleName=role, PolicyName="planted")
