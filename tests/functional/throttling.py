"""DynamoDB says it has too much to do, from a chosen call on: answers in its own words, below the client's retries."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse

from chalicelib.storage import dynamodb

TRIES = 1 + dynamodb.RETRIES
REFUSED = {
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded.",
}


@dataclass
class Throttle:
    """Counts calls from 1. Those from `first` on, at most `times` of them, are refused."""

    first: int = 0
    times: int = 10**6
    calls: list[str] = field(default_factory=list)

    def answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        """DynamoDB's refusal, or None to let the request through."""
        self.calls.append(event_name.rsplit(".", 1)[-1])
        number = len(self.calls)
        if not self.first or not self.first <= number < self.first + self.times:
            return None
        answer = AWSResponse(request.url, 400, {"content-type": "application/x-amz-json-1.0"}, None)
        answer._content = json.dumps(REFUSED).encode()
        return answer


def soon(attempts: int, response: Any, **_: Any) -> float | None:
    """The client tries again as often as ever, but without its pauses of up to two seconds."""
    refused = response is not None and response[0].status_code == 400 and REFUSED["message"] in str(response[1])
    return 0.001 if refused and attempts < TRIES else None


@contextmanager
def throttled(first: int = 0, times: int = 10**6) -> Iterator[Throttle]:
    """Meanwhile the portal's own client meets it; whoever else looks at the table does not."""
    events, throttle = dynamodb.client().meta.events, Throttle(first, times)
    events.register("before-send.dynamodb", throttle.answer)
    events.register_first("needs-retry.dynamodb", soon)
    try:
        yield throttle
    finally:
        events.unregister("before-send.dynamodb", throttle.answer)
        events.unregister("needs-retry.dynamodb", soon)
