"""What each role may do, held against all that its function did while the other tests of this folder ran."""

from typing import Any

import pytest

from tests.deployed import permissions
from tests.deployed.emulator import ACCOUNT, REGION, Judgement
from tests.deployed.permissions import Grant
from tests.deployed.tenant import FUNCTIONS, Tenant


def seen(tenant: Tenant, function: str) -> list[Judgement]:
    """All that a function of the portal asked for, by the name of its own session: not what tests did in its name."""
    role, name = tenant.role(function), tenant.function(function)
    return [each for each in tenant.aws.judgements() if each.role == role and each.who.endswith(f"/{name}")]


def policy(tenant: Tenant, function: str) -> dict[str, Any]:
    """What its role allows."""
    return permissions.policies(tenant.aws, tenant.role(function))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_that_a_function_asked_for_was_refused(north: Tenant, south: Tenant, function: str) -> None:
    calls = [call for tenant in (north, south) for call in seen(tenant, function)]
    assert calls, "run all tests of this folder: this one reads what they left"
    assert [call for call in calls if not call.allowed] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_statement_of_a_functions_policy_is_unused(north: Tenant, function: str) -> None:
    assert permissions.unused(policy(north, function), seen(north, function)) == set()


def test_no_action_is_allowed_that_no_function_needs(north: Tenant) -> None:
    allowed = {grant for name in FUNCTIONS for grant in permissions.grants(policy(north, name))}
    calls = [call for name in FUNCTIONS for call in seen(north, name)]
    needed = {grant.action for grant in allowed if any(grant.covers(call) for call in calls)}
    assert {grant.action for grant in allowed} - needed - permissions.BY_AWS_ITSELF.keys() == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_resource_is_this_stages_own_and_only_what_lies_inside_it_is_left_open(
    north: Tenant, function: str
) -> None:
    for grant in permissions.grants(policy(north, function)):
        assert "*" not in grant.action
        assert north.stage in grant.resource, grant
        assert grant.resource.count("*") <= 1, grant
        assert grant.resource.removesuffix("/index/*").removesuffix("/*").removesuffix(":*").count("*") == 0, grant


def test_a_statement_too_many_and_one_that_only_looks_used_are_seen(north: Tenant) -> None:
    table, calls = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{north.table}", seen(north, "sweep")
    for action, resource in (("dynamodb:DeleteTable", table), ("dynamodb:GetItem", f"{table}-other")):
        known = policy(north, "sweep")
        known["Statement"].append({"Sid": "Planted", "Effect": "Allow", "Action": action, "Resource": resource})
        assert permissions.unused(known, calls) == {"Planted"}


def test_a_grant_covers_what_it_names_and_nothing_else() -> None:
    grant = Grant("", "dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/tillkey-a/index/*")
    for action, arn, covered in (
        ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/tillkey-a/index/due", True),
        ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/tillkey-a", False),
        ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/tillkey-ab/index/due", False),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:1:table/tillkey-a/index/due", False),
    ):
        assert grant.covers(Judgement("", action, arn, True)) is covered
