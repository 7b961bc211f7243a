"""One id leads from a page's log lines to those of the worker that did the rest."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import trace
from chalicelib.config import Config
from chalicelib.storage.queue import SqsQueue
from chalicelib.web import work
from chalicelib.web.logs import Lines


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


def test_a_message_of_an_older_version_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    trace.follow("of somebody else")
    seen: list[dict[str, Any]] = []
    monkeypatch.setitem(work.KINDS, "sign_in", lambda *_: seen.append(line("in the worker")))
    work.message({"kind": "sign_in"})
    assert "trace" not in seen[0]
