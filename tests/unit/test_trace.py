"""One id leads from a page's log lines to those of the worker that did the rest."""

import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from chalice import Chalice

from chalicelib import trace
from chalicelib.config import Config
from chalicelib.errors import Busy
from chalicelib.storage.queue import SqsQueue
from chalicelib.web import middleware, work
from chalicelib.web.logs import Lines
from local.gateway import LambdaContext


class Sqs:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def send_message(self, MessageBody: str, **_: object) -> None:
        """One message."""
        self.bodies.append(json.loads(MessageBody))


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    """No other test is traced to this one."""
    yield
    trace.follow("")


def line(message: str) -> dict[str, Any]:
    """A log line as it would be written now."""
    record = logging.makeLogRecord({"msg": message, "levelname": "INFO", "name": "x"})
    found: dict[str, Any] = json.loads(Lines().format(record))
    return found


def test_page_message_and_worker_carry_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    queue, sqs = SqsQueue(Config("shop", "t", "b", "q", "r", "", "", "")), Sqs()
    queue.__dict__.update(_client=sqs, _url="https://sqs")
    trace.follow("request-1")
    assert line("on the page")["trace"] == "request-1"
    queue.send({"kind": "sign_in"})
    trace.follow("")
    seen: list[dict[str, Any]] = []
    monkeypatch.setitem(work.KINDS, "sign_in", lambda *_: seen.append(line("in the worker")))
    work.message(sqs.bodies[0])
    assert seen[0]["trace"] == "request-1"


def test_a_line_that_cannot_be_written_stops_nothing_and_is_missed() -> None:
    class Unspeakable:
        def __str__(self) -> str:
            raise RuntimeError("no words")

    for odd in ({"msg": "%d", "args": ("ada",)}, {"msg": "x", "what": Unspeakable()}):
        record = logging.makeLogRecord({"levelname": "INFO", "name": "x", **odd})
        assert json.loads(Lines().format(record))["message"] == "a line could not be written"


def batch(*bodies: str) -> dict[str, Any]:
    """Messages as Lambda hands them over."""
    records = [{"messageId": str(n), "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)]
    return {"Records": records}


def test_a_message_that_fails_comes_again_and_says_why_under_its_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(work.KINDS, "sign_in", lambda *_: None)
    trace.follow("of somebody else")
    answer = work.batch(batch('{"kind":"sign_in"}', '{"kind":"unheard of","trace":"request-1"}', "no JSON"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    said = [(each.__dict__["sqs_message"], each.__dict__["trouble"]) for each in caplog.records]
    assert said == [("1", "KeyError"), ("2", "JSONDecodeError")]
    assert trace.current() == "", "the last was nobody's"


def test_when_all_fail_the_function_fails_and_names_no_reason_outside_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object) -> None:
        raise Busy from ValueError("ada@mail.example")

    monkeypatch.setitem(work.KINDS, "sign_in", refused)
    with pytest.raises(work.NothingDone) as failed:
        work.batch(batch('{"kind":"sign_in","trace":"request-1"}'))
    told = "".join(traceback.format_exception(failed.value)) + caplog.text
    assert ("Busy" in str(caplog.records[0].__dict__), "ada@" in told) == (True, False)


def test_what_a_timer_begins_carries_the_id_of_its_run() -> None:
    app = Chalice(app_name="timed", configure_logs=False)
    app.register_middleware(middleware.traced, "scheduled")
    seen: list[str] = []
    job = app.schedule("rate(5 minutes)", name="job")(lambda _: seen.append(trace.current()))
    run = LambdaContext("job")
    words = dict.fromkeys(("version", "id", "account", "time", "region", "source", "detail-type"), "")
    job({**words, "resources": [], "detail": {}}, run)
    assert seen == [run.aws_request_id]


def test_a_message_of_an_older_version_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    trace.follow("of somebody else")
    seen: list[dict[str, Any]] = []
    monkeypatch.setitem(work.KINDS, "sign_in", lambda *_: seen.append(line("in the worker")))
    work.message({"kind": "sign_in"})
    assert "trace" not in seen[0]
