"""What outlives deployments: data, queue, logs, alarms."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib import clock
from ops.cloudformation import DataStack
from ops.data_stack import LOG_DAYS
from ops.finding import Finding, counted, fine, wrong
from ops.patient import Patient
from ops.provision import Provision, Wishes
from ops.stage import FUNCTIONS

# as the alarm has it
LATE_SECONDS = 900
COUNTED = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


def stack(patient: Patient) -> Iterator[Finding]:
    """The data stack is as this version wants it."""
    status = DataStack(patient.account, patient.stage.data_stack).status()
    if not status or status.endswith("_FAILED"):
        missing = f"the stack {patient.stage.data_stack} is {status or 'missing'}"
        yield wrong(missing, f"{patient.command('provision')} --from …")
        return
    planned = list(Provision(patient.account, patient.stage, Wishes(), patient.root).plan())
    if planned:
        what = ", ".join(" ".join(line.split()) for line in planned[:3]) + (" …" if planned[3:] else "")
        yield wrong(f"this version wants it otherwise ({what})", patient.command("provision"))
    else:
        yield fine(f"the stack {patient.stage.data_stack} is as this version wants it")


def table(patient: Patient) -> Iterator[Finding]:
    """The table is swept and can be restored."""
    client, name = patient.client("dynamodb"), patient.stage.table
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    restorable = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if ttl not in {"ENABLED", "ENABLING"}:
        yield wrong(f"expired records stay in {name}", patient.command("provision"))
    if restorable != "ENABLED":
        yield wrong(f"{name} could not be restored", patient.command("provision"))
    if ttl in {"ENABLED", "ENABLING"} and restorable == "ENABLED":
        yield fine(f"{name} is swept, and can be restored to any second of the last 35 days")


def logs(patient: Patient) -> Iterator[Finding]:
    """Logs come to an end."""
    wanted = [f"/aws/lambda/{patient.stage.function(name)}" for name in FUNCTIONS]
    pages = patient.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=wanted[0])
    ending = {group["logGroupName"] for page in pages for group in page["logGroups"] if group.get("retentionInDays")}
    endless = [name for name in wanted if name not in ending]
    if endless:
        how = f"aws logs put-retention-policy --log-group-name {endless[0]} --retention-in-days {LOG_DAYS}"
        yield wrong(f"{', '.join(endless)} would be kept for ever", how)
    else:
        yield fine("logs come to an end")


def queue(patient: Patient) -> Iterator[Finding]:
    """No work waits for long."""
    waiting, seconds = messages(patient, patient.stage.queue), age(patient)
    told = f"{counted(waiting, 'message')} in the queue, the oldest of the last minutes had waited {seconds} s"
    if seconds >= LATE_SECONDS:
        worker = patient.stage.function("worker")
        yield wrong(told, f"mails and figures are late; aws logs tail /aws/lambda/{worker} --since 1h says why")
    else:
        yield fine(told if waiting or seconds else "nothing waits in the queue")


def dead_letters(patient: Patient) -> Iterator[Finding]:
    """There are no dead letters."""
    dead, worker = f"{patient.stage.queue}-dead", patient.stage.function("worker")
    found = messages(patient, dead)
    if found:
        arn = patient.stage.arn("sqs", dead)
        yield wrong(
            f"{counted(found, 'message')} failed five times and went to the dead letters",
            f"find the cause by aws logs tail /aws/lambda/{worker} --since 1d --filter-pattern ERROR; when it is gone, "
            f"aws sqs start-message-move-task --source-arn {arn}",
        )
    else:
        yield fine("no dead letters")


def alarms(patient: Patient) -> Iterator[Finding]:
    """Alarms reach somebody."""
    topic = patient.stage.arn("sns", f"{patient.stage.table}-alarms")
    attributes = patient.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    if int(attributes["SubscriptionsConfirmed"]):
        yield fine("alarms reach a mailbox")
    elif int(attributes["SubscriptionsPending"]):
        yield wrong("nobody hears the alarms yet", "confirm the mail from AWS Notifications in the --from mailbox")
    else:
        to = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint …"
        yield wrong("nobody hears the alarms", to)


def messages(patient: Patient, name: str) -> int:
    """How many a queue holds, those being handled included."""
    client = patient.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=[*COUNTED])["Attributes"]
    return sum(int(attributes[each]) for each in COUNTED)


def age(patient: Patient) -> int:
    """Seconds the oldest message had waited in the last quarter of an hour; CloudWatch says nothing of an empty queue.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    until = datetime.fromtimestamp(clock.now(), UTC)
    found = patient.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": patient.stage.queue}],
        StartTime=until - timedelta(minutes=15),
        EndTime=until,
        Period=60,
        Statistics=["Maximum"],
    )
    return int(max((point["Maximum"] for point in found["Datapoints"]), default=0))
