"""What SQS does on AWS: call the app's functions for messages. And the thread in which that happens here."""

import logging
import threading
from typing import Any

from chalice.app import SQSEventConfig

from local.gateway import LambdaContext
from local.timers import TimedJobs

log = logging.getLogger(__name__)


class QueueWorker:
    """Hands queued messages to the functions that ask for them.

    A message is deleted when its function succeeded. One that failed (by `batchItemFailures`, or the whole batch by an
    exception) comes back when its visibility time is over, and after five tries lies in the dead-letter queue.
    """

    def __init__(self, app: Any, sqs: Any, queue_url: str) -> None:
        self._app, self._sqs, self._queue = app, sqs, queue_url
        self._lock = threading.Lock()
        self._failed: list[str] = []
        name = queue_url.rsplit("/", 1)[-1]
        asking = [c for c in app.event_sources if isinstance(c, SQSEventConfig) and c.queue == name]
        self._source: SQSEventConfig | None = asking[0] if asking else None

    def drain(self) -> int:
        """Handle messages until none is waiting. Gives how many were taken."""
        taken = 0
        with self._lock:
            while batch := self._receive():
                self._handle(batch)
                taken += len(batch)
        return taken

    def bring_back(self) -> None:
        """Let failed messages be tried again now, as if their visibility time were over."""
        with self._lock:
            waiting, self._failed = self._failed, []
            for receipt in waiting:
                self._sqs.change_message_visibility(QueueUrl=self._queue, ReceiptHandle=receipt, VisibilityTimeout=0)

    def forget(self) -> None:
        """The queue was emptied: nothing is waiting to come back."""
        with self._lock:
            self._failed.clear()

    def _receive(self) -> list[dict[str, Any]]:
        if self._source is None:
            return []
        most = min(self._source.batch_size, 10)
        answer = self._sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=most, WaitTimeSeconds=0, AttributeNames=["All"]
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _handle(self, batch: list[dict[str, Any]]) -> None:
        assert self._source is not None
        event = {"Records": [_record(message, self._queue) for message in batch]}
        failed = self._call(self._source.name, event, {message["MessageId"] for message in batch})
        for message in batch:
            if message["MessageId"] in failed:
                self._failed.append(message["ReceiptHandle"])
            else:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    def _call(self, name: str, event: dict[str, Any], everything: set[str]) -> set[str]:
        """Ids of the messages that were not handled."""
        try:
            answer = self._app.handler_map[name](event, LambdaContext(name, 60)) or {}
        except Exception:  # the outermost boundary: Lambda, too, catches all and lets the batch come back
            log.exception("%s failed", name)
            return everything
        return {item["itemIdentifier"] for item in answer.get("batchItemFailures", [])}


def _record(message: dict[str, Any], queue_url: str) -> dict[str, Any]:
    """A message in the shape Lambda gets it in."""
    attributes = message.get("Attributes", {})
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {
            "ApproximateReceiveCount": str(attributes.get("ApproximateReceiveCount", "1")),
            "SentTimestamp": str(attributes.get("SentTimestamp", "0")),
            "SenderId": "local",
            "ApproximateFirstReceiveTimestamp": str(attributes.get("ApproximateFirstReceiveTimestamp", "0")),
        },
        "messageAttributes": {},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue_url.rsplit('/', 1)[-1]}",
        "awsRegion": "us-east-1",
    }


class Background:
    """A thread that drains the queue ten times a second and starts timed jobs when their time comes."""

    def __init__(self, worker: QueueWorker, jobs: TimedJobs) -> None:
        self._worker, self._jobs = worker, jobs
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue and timed jobs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done, then end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            try:
                self._worker.drain()
                self._jobs.run_due()
            except Exception:  # the outermost boundary: the emulator may be stopping; say so and go on
                log.exception("the queue could not be read")
