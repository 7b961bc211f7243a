"""Running one of the stage's timers now, with the event its schedule would bring."""

import json
from datetime import UTC, datetime

from chalicelib import clock
from ops.aws import Account, plainly
from ops.stage import Stage, Trouble

TIMERS = ("sweep", "reconcile", "expiring")


def run(account: Account, stage: Stage, timer: str) -> str:
    """Invoke the function and wait for it; gives what it said it did. Raises Trouble when it failed.

    Event: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """
    moment = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "version": "0",
        "id": f"by-hand-{moment}",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": stage.account,
        "time": moment,
        "region": stage.region,
        "resources": [],
        "detail": {},
    }
    with plainly(f"run {timer}"):
        answer = account.client("lambda").invoke(FunctionName=stage.function(timer), Payload=json.dumps(event))
    said = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise Trouble(f"{timer} failed; its log is /aws/lambda/{stage.function(timer)}")
    return said
