"""The CloudFormation template of what outlives every deployment: data, queue, sender, logs, alarms.

Resource types: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from typing import Any

from chalicelib.metrics import NAMESPACE
from ops.stage import FUNCTIONS, Stage

Resource = dict[str, Any]
WORKER_SECONDS = 60
LOG_DAYS = 30
# kept when the stack goes, but not left behind by a making that failed
KEEP = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def template(stage: Stage, sender: str, alarms_to: str, own_sender: bool) -> dict[str, Any]:
    """The whole template. `own_sender`: this stack keeps the SES identity, which an account has only once."""
    resources = {
        "Table": table(stage),
        "Bucket": bucket(stage),
        "BucketPolicy": only_over_tls(),
        "Dead": dead_letters(stage),
        "Queue": queue(stage),
        "ConfigSet": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": stage.config_set}},
        "Alarms": alarm_topic(stage, alarms_to),
        **{f"Logs{name.title().replace('_', '')}": log_group(stage, name) for name in FUNCTIONS},
        **alarms(stage),
    }
    if own_sender:
        resources["Sender"] = identity(sender)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Tillkey: data of the stage {stage.name}",
        "Resources": resources,
        "Outputs": {
            "AlarmsTo": {"Value": alarms_to},
            "Sender": {"Value": sender},
            "OwnsSender": {"Value": "yes" if own_sender else "no"},
        },
    }


def table(stage: Stage) -> Resource:
    """One table, paid per request, swept by `ttl`, restorable to any second of the last 35 days."""
    kinds = {"pk": "S", "sk": "S", "due_kind": "S", "due": "N", "item": "S", "moment": "S"}
    properties = {
        "TableName": stage.table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": k} for n, k in kinds.items()],
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [index("due", ("due_kind", "due"), "KEYS_ONLY")],
        "LocalSecondaryIndexes": [index(name, ("pk", name), "ALL") for name in ("item", "moment")],
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    return {"Type": "AWS::DynamoDB::Table", **KEEP, "Properties": properties}


def bucket(stage: Stage) -> Resource:
    """Private, encrypted, owned by the account."""
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    properties = {
        "BucketName": stage.bucket,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
        "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    }
    return {"Type": "AWS::S3::Bucket", **KEEP, "Properties": properties}


def only_over_tls() -> Resource:
    """Nobody reads receipts over plain HTTP."""
    arn = {"Fn::GetAtt": ["Bucket", "Arn"]}
    refuse = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
        # nobody reaches AWS from a loopback address; an emulator of it on this machine speaks plain HTTP
        "Condition": {"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
    }
    document = {"Version": "2012-10-17", "Statement": [refuse]}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}}


def dead_letters(stage: Stage) -> Resource:
    """Where a message lies that failed five times, for the longest SQS keeps one."""
    properties = {
        "QueueName": f"{stage.queue}-dead",
        "MessageRetentionPeriod": 14 * 86400,
        "SqsManagedSseEnabled": True,
    }
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def queue(stage: Stage) -> Resource:
    """Invisible for six times what the worker may take (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)."""
    properties = {
        "QueueName": stage.queue,
        "VisibilityTimeout": 6 * WORKER_SECONDS,
        "MessageRetentionPeriod": 4 * 86400,
        "SqsManagedSseEnabled": True,
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5},
    }
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def identity(sender: str) -> Resource:
    """An address or, better, a domain with DKIM. It stays when the stack goes: other stages may send by it."""
    return {"Type": "AWS::SES::EmailIdentity", **KEEP, "Properties": {"EmailIdentity": sender}}


def log_group(stage: Stage, function: str) -> Resource:
    """Made before Lambda would make it without an end."""
    properties = {"LogGroupName": f"/aws/lambda/{stage.function(function)}", "RetentionInDays": LOG_DAYS}
    return {"Type": "AWS::Logs::LogGroup", "Properties": properties}


def alarm_topic(stage: Stage, alarms_to: str) -> Resource:
    """Alarms go to one mailbox, which has to confirm once."""
    subscription = {"Protocol": "email", "Endpoint": alarms_to}
    return {
        "Type": "AWS::SNS::Topic",
        "Properties": {"TopicName": f"{stage.table}-alarms", "Subscription": [subscription]},
    }


def alarms(stage: Stage) -> dict[str, Resource]:
    """What the merchant is woken for; the guide says what each means and what to do."""
    dead, work = {"QueueName": f"{stage.queue}-dead"}, {"QueueName": stage.queue}
    own = {"stage": stage.name}
    found = {
        "DeadLetters": alarm(stage, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dead, 1, "Maximum"),
        "QueueAge": alarm(stage, "AWS/SQS", "ApproximateAgeOfOldestMessage", work, 900, "Maximum"),
        "Throttles": alarm(stage, "AWS/Lambda", "Throttles", {"FunctionName": stage.function("api_handler")}, 1),
        "Drift": alarm(stage, NAMESPACE, "drift", own, 1),
        "MailFailures": alarm(stage, NAMESPACE, "mail_failures", own, 5),
        "StripeErrors": alarm(stage, NAMESPACE, "stripe_errors", own, 20),
    }
    for name in FUNCTIONS:
        errors = {"FunctionName": stage.function(name)}
        found[f"Errors{name.title().replace('_', '')}"] = alarm(stage, "AWS/Lambda", "Errors", errors, 1)
    return {f"Alarm{name}": each for name, each in found.items()}


def alarm(
    stage: Stage, namespace: str, metric: str, dimensions: dict[str, str], least: int, statistic: str = "Sum"
) -> Resource:
    """At `least` this much within five minutes; silence is good news."""
    properties = {
        "AlarmName": f"{stage.table} {metric} {next(iter(dimensions.values()))}",
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": statistic,
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": least,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [{"Ref": "Alarms"}],
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def keys(first: str, second: str) -> list[dict[str, str]]:
    """A key schema."""
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]


def index(name: str, key: tuple[str, str], projection: str) -> dict[str, Any]:
    """An index of the table."""
    return {"IndexName": name, "KeySchema": keys(*key), "Projection": {"ProjectionType": projection}}
