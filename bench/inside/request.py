"""Run by a bare interpreter with nothing but a package on its path: answers one event, `times` over.

Reads its orders as JSON from the first argument and writes its figures to the file they name. It ends by `os._exit`,
for Lambda never pays for the interpreter's shutdown; its CPU is the whole process's until then.
"""

import base64
import json
import os
import resource
import sys
import time


class Context:
    """What Lambda hands over beside the event."""

    function_name, function_version, memory_limit_in_mb = "bench", "$LATEST", 512
    aws_request_id = "00000000-0000-4000-8000-000000000000"
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"

    def get_remaining_time_in_millis(self):
        return 29000


def used():
    """Seconds of CPU so far and the most memory held, in MB (`ru_maxrss` would tell of the process that began us)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/status") as file:
        peak = next(line for line in file if line.startswith("VmHWM"))
    return usage.ru_utime + usage.ru_stime, int(peak.split()[1]) / 1024


def count_units(figures):
    """Let DynamoDB say what each call costs (of the shared client, which is there after the first page)."""
    from chalicelib.storage import dynamodb

    def ask(params, model, **_):
        figures["calls"].append(model.name)
        params["ReturnConsumedCapacity"] = "TOTAL"

    def add(parsed, **_):
        spent = parsed.get("ConsumedCapacity") or []
        figures["units"] += sum(part["CapacityUnits"] for part in ([spent] if isinstance(spent, dict) else spent))

    events = dynamodb.client().meta.events
    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", add)


def replay():
    """From now on DynamoDB's answers are those it gave before: waiting for an emulator makes what follows look slow."""
    from chalicelib.storage import dynamodb

    session, known = dynamodb.client()._endpoint.http_session, {}
    send = session.send

    def again(request):
        if request.body not in known:
            known[request.body] = send(request)
            assert known[request.body].content
        return known[request.body]

    session.send = again


def text(answer):
    """The page's words and tags."""
    body = answer["body"]
    return base64.b64decode(body).decode() if answer.get("isBase64Encoded") else body


def main():
    orders = json.loads(sys.argv[1])
    sys.path[:0] = orders["path"]
    from app import app

    answer = app(orders["event"], Context())
    cpu, memory = used()
    figures = {"cpu": cpu, "memory": memory, "modules": sorted(sys.modules), "calls": [], "units": 0.0}
    if orders["times"]:
        if orders["replayed"]:
            replay()
        for _ in range(orders["times"] // 5):
            app(orders["event"], Context())
        began = time.process_time()
        for _ in range(orders["times"]):
            answer = app(orders["event"], Context())
        figures["warm"] = (time.process_time() - began) / orders["times"]
    if orders["units"]:
        count_units(figures)
        answer = app(orders["event"], Context())
    with open(orders["figures"], "w") as file:
        json.dump(figures | {"status": answer["statusCode"], "page": text(answer)}, file)
    os._exit(0)


main()
