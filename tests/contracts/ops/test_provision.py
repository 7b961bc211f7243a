"""Provisioning a stage in an account: made once, the same ever after, and nothing lost when it stops half way."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ops import data_stack
from ops.aws import Account
from ops.cloudformation import DataStack
from ops.provision import Provision, Wishes
from ops.stage import Trouble
from tests.contracts.ops.conftest import WISHES, config_of

Make = Callable[..., Provision]
NOTHING = Wishes()


def test_the_plan_names_everything_and_makes_nothing(provision: Make, account: Account, clone: Path) -> None:
    planned = list(provision().plan())
    assert any("Table (AWS::DynamoDB::Table)" in line for line in planned)
    assert "write   settings.shop.yaml" in planned
    assert account.client("dynamodb").list_tables()["TableNames"] == []
    assert [path.name for path in clone.iterdir()] == [".chalice"]


def test_all_is_there_afterwards(provision: Make, account: Account, clone: Path) -> None:
    list(provision().apply())
    table = account.client("dynamodb").describe_table(TableName="tillkey-shop")["Table"]
    assert {index["IndexName"] for index in table["LocalSecondaryIndexes"]} == {"item", "moment"}
    ttl = account.client("dynamodb").describe_time_to_live(TableName="tillkey-shop")["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "ttl")
    sqs = account.client("sqs")
    attributes = sqs.get_queue_attributes(
        QueueUrl=sqs.get_queue_url(QueueName="tillkey-shop")["QueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] in (5, "5")
    closed = account.client("s3").get_public_access_block(Bucket=f"tillkey-shop-{account.id}")
    assert set(closed["PublicAccessBlockConfiguration"].values()) == {True}
    assert account.client("sesv2").get_email_identity(EmailIdentity="northlight.example")
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/tillkey-shop")["logGroups"]
    assert {group["retentionInDays"] for group in groups} == {data_stack.LOG_DAYS}
    assert len(groups) == 5
    assert config_of(clone)["environment_variables"]["SECRETS_PATH"] == "/tillkey/shop"  # type: ignore[index]
    assert len(list((clone / ".chalice").glob("policy-shop-*.json"))) == 5


def test_a_second_run_finds_nothing_to_do(provision: Make, clone: Path) -> None:
    list(provision().apply())
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    assert list(provision(wishes=NOTHING).plan()) == []
    said = list(provision(wishes=NOTHING).apply())
    assert said == ["the stack tillkey-data-shop is as it should be", "the configuration is as it should be"]
    assert {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()} == before


def test_what_was_chosen_is_remembered_and_what_was_added_by_hand_stays(provision: Make, clone: Path) -> None:
    list(provision(wishes=replace(WISHES, architecture="x86_64", tracing="on")).apply())
    file = clone / ".chalice" / "config.json"
    config = json.loads(file.read_text())
    config["stages"]["shop"]["environment_variables"]["STRIPE_API_BASE"] = "http://127.0.0.1:1"
    file.write_text(json.dumps(config))
    list(provision(wishes=replace(NOTHING, publishable_key="pk_test_other")).apply())
    now = config_of(clone)
    assert (now["lambda_architecture"], now["xray"]) == ("x86_64", True)
    environment = now["environment_variables"]
    assert isinstance(environment, dict)
    assert (environment["STRIPE_PUBLISHABLE_KEY"], environment["STRIPE_API_BASE"]) == (
        "pk_test_other",
        "http://127.0.0.1:1",
    )
    policy = clone / ".chalice" / "policy-shop-sweep.json"
    assert "xray:PutTraceSegments" in policy.read_text()
    list(provision(wishes=replace(NOTHING, tracing="off")).apply())
    assert "xray" not in config_of(clone)
    assert "xray" not in policy.read_text()


def test_data_is_there_after_the_stack_was_changed(
    provision: Make, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(provision().apply())
    client = account.client("dynamodb")
    client.put_item(TableName="tillkey-shop", Item={"pk": {"S": "KEPT"}, "sk": {"S": "KEPT"}})
    monkeypatch.setattr(data_stack, "LOG_DAYS", 60)
    assert list(provision().plan()) == [f"change  {name} (AWS::Logs::LogGroup)" for name in LOGS]
    list(provision().apply())
    found = client.get_item(TableName="tillkey-shop", Key={"pk": {"S": "KEPT"}, "sk": {"S": "KEPT"}})
    assert found["Item"]["pk"] == {"S": "KEPT"}


LOGS = ["LogsApiHandler", "LogsExpiring", "LogsReconcile", "LogsSweep", "LogsWorker"]


def test_a_making_that_fails_says_why_leaves_nothing_and_can_be_repeated(provision: Make, account: Account) -> None:
    bucket = in_the_way(account)
    with pytest.raises(Trouble, match=r"tillkey-data-shop: Bucket failed: .*already exists"):
        list(provision().apply())
    assert account.client("dynamodb").list_tables()["TableNames"] == []
    account.client("s3").delete_bucket(Bucket=bucket)
    list(provision().apply())
    assert DataStack(account, "tillkey-data-shop").status() == "CREATE_COMPLETE"


def in_the_way(account: Account) -> str:
    """A bucket of the same name that the stack did not make."""
    name = account.stage("shop").bucket
    account.client("s3").create_bucket(Bucket=name)
    return name


def test_a_stack_left_half_made_is_made_anew(provision: Make, account: Account) -> None:
    bucket = in_the_way(account)
    body = json.dumps(data_stack.template(account.stage("shop"), "a.example", "a@a.example", own_sender=False))
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(StackName="tillkey-data-shop", TemplateBody=body, OnFailure="ROLLBACK")
    stack = DataStack(account, "tillkey-data-shop")
    wait_until(lambda: stack.status() == "ROLLBACK_COMPLETE")
    account.client("s3").delete_bucket(Bucket=bucket)
    list(provision().apply())
    assert stack.status() == "CREATE_COMPLETE"


def wait_until(true: Callable[[], bool]) -> None:
    """A few seconds at most."""
    import time

    deadline = time.monotonic() + 15
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_domain_that_another_stage_sends_by_is_used_and_left_to_it(provision: Make, account: Account) -> None:
    list(provision("shop").apply())
    list(provision("other").apply())
    outputs = {name: DataStack(account, f"tillkey-data-{name}").outputs() for name in ("shop", "other")}
    assert (outputs["shop"]["OwnsSender"], outputs["other"]["OwnsSender"]) == ("yes", "no")


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        (replace(WISHES, sender=""), "--from"),
        (replace(WISHES, sender="northlight.example"), "--from"),
        (replace(WISHES, publishable_key=""), "--publishable-key"),
        (replace(WISHES, publishable_key="sk_test_secret"), "--publishable-key"),
        (replace(WISHES, domain="billing.northlight.example"), "go together"),
        (replace(WISHES, domain="http://billing.northlight.example/", certificate="x"), "no host name"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(
    provision: Make, account: Account, wishes: Wishes, says: str
) -> None:
    with pytest.raises(Trouble, match=says):
        provision(wishes=wishes)
    assert account.client("dynamodb").list_tables()["TableNames"] == []


def test_without_credentials_or_region_it_says_what_to_do(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    import boto3

    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(Trouble, match="There are no AWS credentials"):
        Account()
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(Trouble, match="No region is set"):
        Account()
