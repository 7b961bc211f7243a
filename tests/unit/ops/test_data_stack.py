"""The data stack's template."""

import json

from chalicelib.storage.table import Row
from ops import data_stack
from ops.stage import FUNCTIONS, Stage

SHOP = Stage("shop", "123456789012", "eu-west-1")
TEMPLATE = data_stack.template(SHOP, "northlight.example", "help@northlight.example", own_sender=True)
RESOURCES = TEMPLATE["Resources"]


def test_the_table_is_the_one_the_models_describe() -> None:
    table = RESOURCES["Table"]["Properties"]
    described = Row._get_schema()
    assert sort(table["AttributeDefinitions"]) == sort(described["attribute_definitions"])
    assert table["KeySchema"] == [dict(key) for key in described["key_schema"]]
    for kind, name in (("Global", "global_secondary_indexes"), ("Local", "local_secondary_indexes")):
        indexes = table[f"{kind}SecondaryIndexes"]
        ours = {i["IndexName"]: (i["KeySchema"], i["Projection"]["ProjectionType"]) for i in indexes}
        models = {
            i["index_name"]: (in_order(i["key_schema"]), i["projection"]["ProjectionType"]) for i in described[name]
        }
        assert ours == models


def in_order(schema: list[dict[str, str]]) -> list[dict[str, str]]:
    """DynamoDB wants the partition key first; so does PynamoDB when it makes the table."""
    return sorted((dict(key) for key in schema), key=lambda key: key["KeyType"])


def sort(definitions: object) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in definitions)  # type: ignore[attr-defined]


def test_data_outlives_the_stack_but_not_a_making_that_failed() -> None:
    kept = {name for name, each in RESOURCES.items() if each.get("DeletionPolicy") == "RetainExceptOnCreate"}
    assert kept == {"Table", "Bucket", "Sender"}
    assert all(RESOURCES[name]["UpdateReplacePolicy"] == "Retain" for name in kept)


def test_data_is_swept_restorable_encrypted_and_closed() -> None:
    table, bucket = RESOURCES["Table"]["Properties"], RESOURCES["Bucket"]["Properties"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert "AES256" in json.dumps(bucket["BucketEncryption"])
    assert RESOURCES["Queue"]["Properties"]["SqsManagedSseEnabled"] is True


def test_a_message_stays_hidden_six_times_as_long_as_the_worker_may_take() -> None:
    queue = RESOURCES["Queue"]["Properties"]
    assert queue["VisibilityTimeout"] == 6 * data_stack.WORKER_SECONDS
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5


def test_every_function_has_a_log_with_an_end_and_an_alarm() -> None:
    groups = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert {g["LogGroupName"] for g in groups} == {f"/aws/lambda/{SHOP.function(name)}" for name in FUNCTIONS}
    assert {g["RetentionInDays"] for g in groups} == {data_stack.LOG_DAYS}
    alarms = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    watched = {d["Value"] for a in alarms if a["MetricName"] == "Errors" for d in a["Dimensions"]}
    assert watched == {SHOP.function(name) for name in FUNCTIONS}
    assert len({a["AlarmName"] for a in alarms}) == len(alarms)
    assert all(a["AlarmActions"] == [{"Ref": "Alarms"}] for a in alarms)


def test_a_sender_another_stage_has_is_left_out() -> None:
    template = data_stack.template(SHOP, "northlight.example", "help@northlight.example", own_sender=False)
    assert "Sender" not in template["Resources"]


def test_the_template_is_small_enough_to_be_sent_inline() -> None:
    assert len(json.dumps(TEMPLATE).encode()) < 51_200
