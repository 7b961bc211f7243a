"""Two merchants in one account: whatever belongs to one is worth nothing at the other."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.deployed import trespass
from tests.deployed.emulator import ACCOUNT, REGION
from tests.deployed.extra_functions import credentials
from tests.deployed.people import ADA, MIA, Cast
from tests.deployed.tenant import FUNCTIONS, Tenant
from tests.functional.signing_in import OVER, asked, mailed, pressed, typed
from tests.functional.visitor import SESSION, Visitor
from tests.shop import Shop

SOUTH = "tillkey-south"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_role_of_each_function_is_refused_everything_of_the_other_merchants(
    north: Tenant, south: Tenant, function: str
) -> None:
    thief = credentials(north, function)
    assert "read the table" in trespass.allowed(thief, north), (
        "what it may do at home works, so refusals mean something"
    )
    assert trespass.allowed(thief, south) == set()


PLANTED: dict[str, tuple[dict[str, Any], set[str]]] = {
    "table": (
        {"Action": "dynamodb:GetItem", "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{SOUTH}"},
        {"read the table"},
    ),
    "every table": (
        {"Action": "dynamodb:PutItem", "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/tillkey-*"},
        {"write the table", "write in a transaction"},
    ),
    "index": (
        {"Action": "dynamodb:Query", "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{SOUTH}/index/*"},
        {"read an index"},
    ),
    "bucket": ({"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{SOUTH}-{ACCOUNT}/*"}, {"write the bucket"}),
    "queue": (
        {"Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{SOUTH}"},
        {"send to the queue"},
    ),
    "secrets": (
        {"Action": "ssm:GetParameters", "Resource": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/tillkey/*"},
        {"read the secrets"},
    ),
    "mail": (
        {"Action": "ses:SendEmail", "Resource": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/*"},
        {"mail in its name"},
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_one_arn_too_wide_is_seen(north: Tenant, south: Tenant, planted: str) -> None:
    statement, seen = PLANTED[planted]
    with trespass.widened(north.role("sweep"), north, statement):
        assert trespass.allowed(credentials(north, "sweep"), south) == seen
    south.aws.client("sqs").purge_queue(QueueUrl=south.queue())


def test_a_session_of_one_portal_is_nothing_to_the_other(
    north: Tenant, south: Tenant, ada: Visitor, visitor_of: Callable[[Tenant], Visitor]
) -> None:
    assert ada.signed_in
    there = visitor_of(south)
    there.cookies = dict(ada.cookies)
    page = there.open("/")
    assert "/sign-in" in page.path
    assert SESSION not in there.cookies


def test_links_and_codes_of_one_portal_open_nothing_at_the_other_and_are_not_spent_by_trying(
    north: Tenant, south: Tenant, visitor_of: Callable[[Tenant], Visitor]
) -> None:
    here, there = visitor_of(north), visitor_of(south)
    asked(here, MIA)
    token, code = mailed(north, MIA)  # type: ignore[arg-type]
    there.cookies = dict(here.cookies)
    assert OVER in pressed(there, token).text
    typed(there, code)
    assert not there.signed_in
    assert pressed(here, token).status == 200
    assert here.signed_in


def test_the_same_address_at_both_merchants_is_two_customers(
    south: Tenant, ada: Visitor, visitor_of: Callable[[Tenant], Visitor]
) -> None:
    there = visitor_of(south)
    assert "South Studio" in there.sign_in(ADA).text
    there.press("Sign out on all devices")
    assert ada.open("/").status == 200
    assert ada.signed_in


def test_an_event_signed_by_one_merchants_stripe_is_refused_by_the_others_door(
    north: Tenant, south: Tenant, shop: Shop, cast: Cast
) -> None:
    shop.v1.webhook_endpoints.create({"url": f"{south.portal_url}/webhooks/stripe", "enabled_events": ["*"]})
    shop.v1.customers.update(cast.ada, {"name": "Ada Byron"})
    north.stripe.flush()
    told = [d for d in north.stripe.call("GET", "deliveries.json") if d["url"].startswith(south.portal_url)]
    assert told
    assert {attempt["status"] for delivery in told for attempt in delivery["attempts"]} == {400}
