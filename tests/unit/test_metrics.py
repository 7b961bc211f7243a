"""Figures: one line each in CloudWatch's format on Lambda, an ordinary log line elsewhere, and never in the way."""

import json
import logging
import re
from pathlib import Path

import pytest

from chalicelib import config, metrics
from chalicelib.billing import figures
from chalicelib.billing.intents import Intent, Outcome, PaidBill
from ops import data_stack
from ops.stage import Stage

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def on_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a function of the stage shop."""
    known = dict.fromkeys(("TABLE", "BUCKET", "QUEUE"), "x")
    keys = {"STRIPE_PUBLISHABLE_KEY": "pk_test_a", "SECRETS_PATH": "/tillkey/shop"}
    for name, value in {**known, **keys, "STAGE": "shop", "AWS_LAMBDA_FUNCTION_NAME": "tillkey-shop"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(metrics, "load", config.load.__wrapped__)


def test_on_lambda_a_figure_is_one_line_that_cloudwatch_understands(
    on_lambda: None, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics.count("recovered", 4900, currency="usd")
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["recovered"], said["stage"], said["currency"]) == ([4900.0], "shop", "usd")
    (directive,) = said["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Tillkey"
    assert sorted(directive["Dimensions"][0]) == ["currency", "stage"]
    assert directive["Metrics"] == [{"Name": "recovered", "Unit": "Count"}]


def test_elsewhere_it_is_an_ordinary_line(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.INFO):
        metrics.count("sign_ins")
    assert [(record.metric, record.value) for record in caplog.records] == [("sign_ins", 1)]  # type: ignore[attr-defined]
    assert capsys.readouterr().out == ""


def test_what_cannot_be_counted_stops_nothing(
    on_lambda: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(metrics, "_print", fails)
    metrics.count("sign_ins")
    assert "a figure was not counted" in caplog.text


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, dict[str, str]]]:
    """What was counted during the test."""
    found: list[tuple[str, float, dict[str, str]]] = []
    monkeypatch.setattr(metrics, "count", lambda name, value=1, **more: found.append((name, value, more)))
    return found


def an_intent(kind: str) -> Intent:
    """One attempt."""
    return Intent("attempt-1", kind, "ada@mail.example", "cus_ada", "sub_1", 0.0)


def test_money_that_came_in_is_counted_by_currency_and_only_what_was_paid(
    counted: list[tuple[str, float, dict[str, str]]],
) -> None:
    bills = (
        PaidBill("in_1", "paid", 4900, "usd"),
        PaidBill("in_2", "paid", 100, "usd"),
        PaidBill("in_3", "declined", 7, "usd"),
    )
    figures.count(an_intent("change_card"), Outcome("declined", bills=bills))
    figures.count(an_intent("pay"), Outcome("done", bills=(PaidBill("in_4", "paid", 500, "jpy"),)))
    assert counted == [("recovered", 5000, {"currency": "usd"}), ("recovered", 500, {"currency": "jpy"})]


def test_cancellations_are_counted_and_what_was_not_done_is_not(
    counted: list[tuple[str, float, dict[str, str]]],
) -> None:
    figures.count(an_intent("cancel"), Outcome("done"))
    figures.count(an_intent("undo"), Outcome("done"))
    figures.count(an_intent("cancel"), Outcome("not_done"))
    assert [name for name, *_ in counted] == ["cancels", "cancels_undone"]


def test_every_figure_is_documented_and_every_alarm_watches_one_that_is_counted() -> None:
    source = "".join(path.read_text() for path in (ROOT / "chalicelib").rglob("*.py"))
    used = set(re.findall(r"metrics\.count\(\s*\"(\w+)\"", source)) | {"cancels", "cancels_undone"}
    documented = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE))
    assert documented == used
    alarms = data_stack.alarms(Stage("shop", "123456789012", "eu-west-1")).values()
    watched = {each["Properties"]["MetricName"] for each in alarms if each["Properties"]["Namespace"] == "Tillkey"}
    assert watched <= used
