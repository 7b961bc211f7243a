"""The functions behind the pages: where they run, what queue and clock hand them, what becomes of failures."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.deployed.extra_functions import called, twin
from tests.deployed.people import ADA, OTTO, RITA, Cast
from tests.deployed.tenant import Tenant, until
from tests.functional.visitor import Visitor
from tests.shop import Shop

# https://docs.aws.amazon.com/eventbridge/latest/ref/events.html, which Chalice reads whole
TICK = {
    "version": "0",
    "id": "tick",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "111122223333",
    "time": "2026-11-23T08:00:00Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": {},
}
OURS = ("app", "chalicelib.web.work", "chalice.app")
LAYER = ("boto3", "botocore", "stripe", "pynamodb", "fpdf", "PIL._imaging", "jinja2", "aws_lambda_powertools")
NOT_HERE = ("flask", "werkzeug", "pytest", "mypy", "playwright", "hypercorn", "ministack", "local", "ops", "tests")


def test_functions_run_in_an_interpreter_that_has_nothing_installed_but_the_package(north: Tenant) -> None:
    with twin(north, "probe.installed", "worker") as name:
        assert called(north, name) == []
    with twin(north, "probe.origins", "worker") as name:
        found = called(north, name, [*OURS, *LAYER, *NOT_HERE])
    assert [module for module in NOT_HERE if found[module]] == []
    assert all("/code/" in (found[module] or "") for module in OURS), found
    assert all("/layer_0/" in (found[module] or "") for module in LAYER), found


def test_no_function_has_a_secret_in_its_environment(north: Tenant) -> None:
    functions = north.aws.client("lambda").list_functions(MaxItems=50)["Functions"]
    secrets = north.secret_values()
    assert len(secrets) == 2
    for function in functions:
        told = json.dumps(function["Environment"])
        assert not [secret for secret in secrets if secret in told], function["FunctionName"]


def test_addresses_that_lead_off_this_machine_are_refused_before_anything_is_served(north: Tenant) -> None:
    event = sign_in_page()
    with twin(north, "app.app", "api_handler", {"STRIPE_API_BASE": "https://stripe.evil.example"}) as name:
        assert called(north, name, event)["statusCode"] == 500
    with twin(north, "app.app", "api_handler") as name:
        assert called(north, name, event)["statusCode"] == 200


def sign_in_page() -> dict[str, object]:
    """What API Gateway hands over for a plain page."""
    context = {
        "resourcePath": "/sign-in",
        "httpMethod": "GET",
        "path": "/api/sign-in",
        "requestId": "r",
        "identity": {},
    }
    return {
        "resource": "/sign-in",
        "path": "/sign-in",
        "httpMethod": "GET",
        "headers": {"accept": "text/html"},
        "multiValueHeaders": {"accept": ["text/html"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {**context, "identity": {}},
        "body": None,
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("timer", ["sweep", "reconcile", "expiring"])
def test_a_timed_job_runs_by_hand(north: Tenant, timer: str) -> None:
    said = north.merchant.chalice("invoke", "--stage", north.stage, "-n", timer, typed=json.dumps(TICK))
    assert isinstance(json.loads(said), dict), said
    assert f"{timer}: {{" in north.merchant.ops("run", north.stage, timer)


def test_a_timed_job_is_run_by_its_rule(north: Tenant) -> None:
    rules = north.aws.client("events").list_rules(NamePrefix=f"tillkey-{north.stage}")["Rules"]
    assert {rule["Name"].removeprefix(f"tillkey-{north.stage}-").removesuffix("-event") for rule in rules} == {
        "sweep",
        "reconcile",
        "expiring",
    }
    # brought forward when the stage was opened, from five minutes to one
    until(lambda: [line for line in north.log("sweep") if line.startswith("REPORT")], "the sweep to be run", 90)
    lines = [json.loads(line) for line in north.log("sweep") if line.startswith("{") and '"logger"' in line]
    assert lines
    assert [line for line in lines if not line.get("trace")] == []


def test_a_forged_event_is_refused_at_the_door_and_a_true_one_told_twice_is_worked_once(
    north: Tenant, visitor: Visitor, shop: Shop, cast: Cast
) -> None:
    forged = {"Stripe-Signature": "t=1,v1=00", "Content-Type": "application/json"}
    assert visitor.raw("POST", "/webhooks/stripe", b'{"id": "evt_1"}', forged).status == 400
    shop.v1.customers.update(cast.ada, {"name": "Ada King"})
    north.settle()
    event = north.stripe.call("GET", "deliveries.json")[-1]["event"]
    north.stripe.call("POST", f"events/{event}/resend")
    north.settle()
    told = [d for d in north.stripe.call("GET", "deliveries.json") if d["event"] == event]
    assert [attempt["status"] for delivery in told for attempt in delivery["attempts"]] == [200, 200]


def test_a_poisoned_message_parks_in_the_dead_letters_while_the_others_of_its_batch_are_done(
    north: Tenant, shop: Shop, cast: Cast
) -> None:
    sqs = north.aws.client("sqs")
    body = json.dumps({"kind": "no such kind"})
    good = [json.dumps({"kind": "refresh", "what": "subscription", "id": cast.membership}) for _ in range(4)]
    with quick_returns(north):
        entries = [{"Id": str(number), "MessageBody": text} for number, text in enumerate([good[0], body, *good[1:]])]
        sqs.send_message_batch(QueueUrl=north.queue(), Entries=entries)
        until(lambda: north.waiting("-dead") == 1, "the message to be parked")
        until(lambda: north.waiting() == 0, "the queue to be empty")
    parked = sqs.receive_message(QueueUrl=north.queue("-dead"), AttributeNames=["All"])["Messages"]
    assert [message["Body"] for message in parked] == [body]
    sqs.delete_message(QueueUrl=north.queue("-dead"), ReceiptHandle=parked[0]["ReceiptHandle"])


def test_what_the_queue_lost_and_what_stripe_never_answered_is_found_by_the_sweep(
    north: Tenant, ada: Visitor, visitor: Visitor, shop: Shop, cast: Cast
) -> None:
    visitor.sign_in(OTTO)
    with worker_asleep(north):
        shop.v1.customers.update(cast.ada, {"name": "Ada, Countess of Lovelace"})
        north.stripe.flush()
        until(north.waiting, "the event's message")
        north.aws.client("sqs").purge_queue(QueueUrl=north.queue())
        silence = {"method": "POST", "path": f"^/v1/subscriptions/{cast.lessons}", "status": 500, "after": True}
        north.stripe.call("POST", "faults", {**silence, "times": 99})
        visitor.open(f"/items/{cast.lessons}")
        visitor.follow("Cancel")
        assert "Canceling" not in visitor.press("Cancel subscription").text
        north.stripe.call("DELETE", "faults")
        north.fall_due("event", "intent")
        done = north.invoke("sweep", TICK)
    assert done["events"] >= 1
    assert done["attempts"] == 1
    north.settle()
    assert "Canceling" in visitor.open(f"/items/{cast.lessons}").text
    assert "Countess" in ada.open("/").text


def test_the_daily_job_tells_whose_card_expires_and_nobody_else(north: Tenant, ada: Visitor, visitor: Visitor) -> None:
    visitor.sign_in(RITA)
    north.settle()
    before = len(north.mails(ADA))
    assert north.fall_due("expiry-") >= 2
    assert north.invoke("expiring", TICK) == {"notices": 1}
    mail = north.mailbox(RITA)[0]
    assert "4242" in mail.text
    assert "Rita’s Portrait Hour" in mail.text
    assert f"{north.portal_url}/items/" in mail.text
    assert north.invoke("expiring", TICK) == {"notices": 0}
    north.settle()
    assert len(north.mails(ADA)) == before


@contextmanager
def worker_asleep(tenant: Tenant) -> Iterator[None]:
    """Messages wait while the context lasts."""
    tenant.settle()
    lambdas = tenant.aws.client("lambda")
    mapping = tenant.merchant.deployed(tenant.stage)["worker-sqs-event-source"]["event_uuid"]
    lambdas.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    lambdas.update_event_source_mapping(UUID=mapping, Enabled=True)


@contextmanager
def quick_returns(tenant: Tenant) -> Iterator[None]:
    """Failed messages come back at once, instead of after six minutes."""
    sqs, queue = tenant.aws.client("sqs"), tenant.queue()
    usual = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    yield
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=usual)


def test_logs_name_no_customer_and_no_secret(north: Tenant, ada: Visitor) -> None:
    lines = [line for name in ("api_handler", "worker", "sweep", "reconcile", "expiring") for line in north.log(name)]
    assert len(lines) > 20
    told = [line for line in lines if ADA in line or re.search(r"@mail\.example|whsec_|sk_test_|\b\d{3} \d{3}\b", line)]
    assert told == []


def test_the_mirror_is_filled_for_everybody_from_the_operators_computer(north: Tenant) -> None:
    said = north.merchant.ops("import", north.stage)
    assert "customers are filled" in said
    assert "compared with Stripe: nothing differs" in said
