"""The work queue on SQS."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from chalicelib import trace
from chalicelib.config import Config
from chalicelib.errors import Busy


class SqsQueue:
    """Sends messages to this stack's queue; the worker function reads them in batches."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def send(self, message: Mapping[str, object], delay: int = 0) -> None:
        """Hand over one message, seen `delay` seconds later, with the id of the request it was sent for.

        Raises Busy when SQS is out of reach after retries.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        body = json.dumps({**message, "trace": trace.current()})
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay)
        except (BotoCoreError, ClientError) as error:
            raise Busy from error

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config as Limits

        limits = Limits(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"})
        endpoint = self._config.aws_endpoint or None
        return boto3.client("sqs", region_name=self._config.region, endpoint_url=endpoint, config=limits)

    @cached_property
    def _url(self) -> str:
        return str(self._client.get_queue_url(QueueName=self._config.queue)["QueueUrl"])
