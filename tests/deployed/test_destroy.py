"""Taking a portal away: its pages at once, its data only when that is asked for, and never anybody else's."""

import pytest
from botocore.exceptions import ClientError

from tests.deployed.merchant import Refusal
from tests.deployed.tenant import FUNCTIONS, Tenant
from tests.functional.visitor import Visitor


def exists(tenant: Tenant) -> set[str]:
    """What of the tenant's is there on AWS."""
    aws = tenant.aws
    looks = {
        "table": lambda: aws.client("dynamodb").describe_table(TableName=tenant.table),
        "bucket": lambda: aws.client("s3").head_bucket(Bucket=tenant.bucket),
        "queue": tenant.queue,
        "functions": lambda: [
            aws.client("lambda").get_function_configuration(FunctionName=tenant.function(name)) for name in FUNCTIONS
        ],
    }
    return {name for name, look in looks.items() if there(look)} | ({"secrets"} if tenant.secret_values() else set())


def there(look: object) -> bool:
    """Whether AWS has it."""
    try:
        look()  # type: ignore[operator]
    except ClientError:
        return False
    return True


def kept(north: Tenant) -> int:
    """Items that are there for good: counters and links go by themselves when their time is over."""
    table = north.aws.client("dynamodb")
    for_good = {"FilterExpression": "attribute_not_exists(#ttl)", "ExpressionAttributeNames": {"#ttl": "ttl"}}
    return sum(page["Count"] for page in table.get_paginator("scan").paginate(TableName=north.table, **for_good))


def test_destroying_asks_first(north: Tenant, visitor: Visitor) -> None:
    with pytest.raises(Refusal, match="--yes"):
        north.merchant.ops("destroy", north.stage)
    assert visitor.open("/sign-in").status == 200


def test_destroying_takes_the_portal_away_and_leaves_the_data(north: Tenant, visitor: Visitor) -> None:
    items = kept(north)
    north.merchant.ops("destroy", north.stage, "--yes")
    assert exists(north) == {"table", "bucket", "queue", "secrets"}
    assert kept(north) == items > 0
    assert visitor.raw("GET", "/sign-in").status == 404
    assert not [endpoint for endpoint in north.endpoints() if endpoint.url.startswith(north.portal_url)]
    roles = {role["RoleName"] for role in north.aws.client("iam").list_roles()["Roles"]}
    assert not [role for role in roles if role.startswith(north.table)]


def test_the_data_goes_when_that_is_asked_for_and_the_neighbours_stays(north: Tenant, south: Tenant) -> None:
    north.merchant.ops("destroy", north.stage, "--data-too", "--yes")
    assert exists(north) == set()
    assert exists(south) == {"table", "bucket", "queue", "functions", "secrets"}
    page = Visitor(south).open("/sign-in")  # type: ignore[arg-type]
    assert page.status == 200
    assert "South Studio" in page.text


def test_a_bare_deployment_shows_one_page_and_mails_nobody_until_it_is_finished(north: Tenant) -> None:
    north.provision()
    north.merchant.chalice("deploy", "--stage", north.stage)
    north.front.api = north.merchant.deployed(north.stage)["rest_api"]["rest_api_id"]
    visitor, mails = Visitor(north), len(north.aws.mails())  # type: ignore[arg-type]
    for path in ("/", "/sign-in"):
        page = visitor.raw("GET", path)
        assert (page.status, "This portal isn’t ready yet" in page.text) == (503, True), path
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": north.front.origin}
    assert visitor.raw("POST", "/sign-in", b"email=ada%40mail.example", form).status == 503
    assert (north.waiting(), len(north.aws.mails())) == (0, mails)

    north.merchant.ops("finish", north.stage, "--public-url", north.portal_url)
    assert "North Studio" in visitor.open("/sign-in").text
