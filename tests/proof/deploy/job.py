"""`python -m tests.proof.deploy.job job|worker|sweep`: one function of the app in a process that may be killed.

It lives on the day of the proof. Each answer of the index of cards is counted in the file READS names.
"""

import importlib
import os
import sys
import time
from typing import Any

import boto3

from chalicelib import clock, config
from chalicelib.storage import dynamodb, table
from local.portal import QUEUE
from local.timers import TimedJobs
from local.worker import QueueWorker
from tests.proof.deploy.customers import THE_DAY

MINUTES = 4


def main(what: str) -> None:
    """Run the daily job, the sweep of an hour later, or the queue's worker for as long as it is let."""
    began = time.time()
    moved = THE_DAY - began + (3600 if what == "sweep" else 0)
    clock.use(lambda: time.time() + moved)
    app = importlib.import_module("app").app
    table.connect(config.load())
    events = dynamodb.client().meta.events
    events.register("before-parameter-build.dynamodb.Query", note_index)
    events.register("after-call.dynamodb.Query", count)
    if what != "worker":
        TimedJobs(app, clock.now).run({"job": "expiring", "sweep": "sweep"}[what])
        return
    sqs = boto3.client("sqs")
    worker = QueueWorker(app, sqs, sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    while time.time() - began < MINUTES * 60:
        worker.drain()
        time.sleep(0.1)


def note_index(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Remember what is asked, for when the answer comes."""
    kinds = [value["S"] for value in params["ExpressionAttributeValues"].values() if "S" in value]
    context["of cards"] = params.get("IndexName") == "due" and any(kind.startswith("expiry-") for kind in kinds)


def count(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Note how many items a read of the index brought, at once, so that being killed forgets nothing."""
    if context["of cards"]:
        with open(os.environ["READS"], "a") as file:
            file.write(f"{parsed['ScannedCount']}\n")


if __name__ == "__main__":
    main(sys.argv[1])
