"""What each function may do."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ops import policies
from ops.stage import FUNCTIONS, Stage

SHOP, OTHER = (Stage(name, "123456789012", "eu-west-1") for name in ("shop", "other"))
DOCUMENTS = policies.documents(SHOP, "northlight.example")

# Every resource that is not one single thing, and why.
REVIEWED = {
    r"arn:aws:dynamodb:[^:]+:\d+:table/tillkey-shop/index/\*": "the table's own three indexes",
    r"arn:aws:s3:::tillkey-shop-\d+/\*": "the files in the stage's own bucket",
    r"arn:aws:ssm:[^:]+:\d+:parameter/tillkey/shop/\*": "the stage's own two secrets",
    r"arn:aws:logs:[^:]+:\d+:log-group:/aws/lambda/tillkey-shop(-\w+)?:\*": "the streams of its own log group",
}


def statements(documents: dict[str, dict[str, Any]] = DOCUMENTS) -> Iterator[tuple[str, dict[str, Any]]]:
    for function, document in documents.items():
        for statement in document["Statement"]:
            yield function, statement


def test_every_function_has_a_policy_of_its_own() -> None:
    assert set(DOCUMENTS) == set(FUNCTIONS)


@pytest.mark.parametrize(("function", "statement"), [*statements()])
def test_actions_are_named_one_by_one(function: str, statement: dict[str, Any]) -> None:
    assert statement["Effect"] == "Allow"
    assert [action for action in statement["Action"] if not re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action)] == []


@pytest.mark.parametrize(("function", "statement"), [*statements()])
def test_resources_are_the_stages_own_and_wildcards_are_reviewed(function: str, statement: dict[str, Any]) -> None:
    for resource in statement["Resource"]:
        assert "*" not in resource or any(re.fullmatch(known, resource) for known in REVIEWED), resource
        assert "shop" in resource or resource.endswith("identity/northlight.example"), resource


@pytest.mark.parametrize("known", REVIEWED)
def test_no_reviewed_wildcard_is_left_over(known: str) -> None:
    assert any(re.fullmatch(known, resource) for _, each in statements() for resource in each["Resource"])


def test_only_a_traced_stage_may_write_traces_which_belong_to_no_resource() -> None:
    traced = policies.documents(SHOP, "northlight.example", traced=True)
    added = {function: traced[function]["Statement"][len(each["Statement"]) :] for function, each in DOCUMENTS.items()}
    assert {function: [(s["Action"], s["Resource"]) for s in more] for function, more in added.items()} == {
        function: [(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"])] for function in FUNCTIONS
    }


def test_two_stages_share_no_resource_but_the_sender() -> None:
    def owned(documents: dict[str, dict[str, Any]]) -> set[str]:
        return {resource for _, each in statements(documents) for resource in each["Resource"]}

    shared = owned(DOCUMENTS) & owned(policies.documents(OTHER, "northlight.example"))
    assert shared == {"arn:aws:ses:eu-west-1:123456789012:identity/northlight.example"}


def test_only_the_worker_mails_and_only_the_api_touches_files() -> None:
    may: dict[str, set[str]] = {function: set() for function in DOCUMENTS}
    for function, statement in statements():
        may[function] |= set(statement["Action"])
    assert {function for function, actions in may.items() if "ses:SendEmail" in actions} == {"worker"}
    assert {function for function, actions in may.items() if "s3:PutObject" in actions} == {"api_handler"}
    assert {function for function, actions in may.items() if "sqs:ReceiveMessage" in actions} == {"worker"}
