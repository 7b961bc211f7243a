"""A role's policies held against what the role was seen to do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.deployed.emulator import Emulator, Judgement

# What AWS needs or does with a function's role without the function asking, and the emulator does without the role.
BY_AWS_ITSELF = {
    "logs:CreateLogStream": "Lambda writes what the function prints",
    "logs:PutLogEvents": "Lambda writes what the function prints",
    "sqs:ReceiveMessage": "Lambda reads the queue for the worker",
    "sqs:DeleteMessage": "Lambda removes what the worker has done",
    "sqs:GetQueueAttributes": "Lambda looks how much is waiting",
    "s3:ListBucket": "never called: who has it hears of a missing file that it is missing, not that it is forbidden",
}


@dataclass(frozen=True)
class Grant:
    """One action on one resource, as a statement allows it."""

    sid: str
    action: str
    resource: str

    def covers(self, seen: Judgement) -> bool:
        """Whether this is what allowed it."""
        return seen.action == self.action and matches(self.resource, seen.on)


def grants(policy: Mapping[str, Any]) -> Iterator[Grant]:
    """All that a policy allows."""
    for statement in policy["Statement"]:
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                yield Grant(statement.get("Sid", ""), action, resource)


def listed(value: str | list[str]) -> list[str]:
    """IAM lets one stand for a list of one."""
    return [value] if isinstance(value, str) else value


def matches(pattern: str, arn: str) -> bool:
    """IAM's wildcards."""
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), arn))


def policies(aws: Emulator, role: str) -> dict[str, Any]:
    """The role's one policy. Fails when it has more, or any that is attached."""
    iam = aws.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    assert len(names) == 1, names
    assert not iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    found: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=names[0])["PolicyDocument"]
    return found


def unused(policy: Mapping[str, Any], seen: Iterable[Judgement]) -> set[str]:
    """Statements nothing of which was needed, by their Sid."""
    calls = list(seen)
    used = {
        grant.sid
        for grant in grants(policy)
        if grant.action in BY_AWS_ITSELF or any(grant.covers(call) for call in calls)
    }
    return {statement.get("Sid", "") for statement in policy["Statement"]} - used


def wildcards(policy: Mapping[str, Any]) -> set[str]:
    """Actions and whole resources left open, as `action on resource`."""
    return {f"{grant.action} on {grant.resource}" for grant in grants(policy) if "*" in grant.action + grant.resource}
