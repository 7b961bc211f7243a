"""The doctor finds nothing wrong with a healthy stage, and of each thing that is broken says just that one line."""

import json
from collections.abc import Callable, Iterator
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
import stripe

from chalicelib import clock
from chalicelib.storage import settings
from local.stripe_process import PUBLISHABLE_KEY
from ops import checks_stripe, cloudformation, commands, webhook_endpoint
from ops.__main__ import parser
from ops.aws import Account
from ops.checks_mail import dmarc
from ops.cloudformation import DataStack
from ops.doctor import examine, screen
from ops.finding import FINE, UNSEEN, WRONG
from ops.provision import Provision
from ops.secret_store import STRIPE_KEY, WEBHOOK_SECRET
from ops.stage import Trouble
from tests.contracts.ops.healthy import Clinic, Site, archive
from tests.stack import TestStack

# The emulator never comes to sign by an identity that CloudFormation made; tests of the mail checks cover the rest.
NEVER_HERE = "mails from northlight.example are not signed (DKIM is NOT_STARTED)"
ELSEWHERE = "whether Stripe mails customers about expiring cards and failed payments, too"
TRACKING: Any = {
    "Enabled": True,
    "MatchingEventTypes": ["OPEN"],
    "EventBridgeDestination": {"EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/default"},
}


@pytest.fixture
def clinic(
    whole_stack: TestStack,
    account: Account,
    provision: Callable[..., Provision],
    clone: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Clinic]:
    """A stage of which everything is in order."""
    whole_stack.stripe.reset()
    whole_stack.clock.follow()
    monkeypatch.setenv("STRIPE_OPERATOR_KEY", "sk_test_operator")
    monkeypatch.setenv("STRIPE_API_BASE", whole_stack.stripe.url)
    monkeypatch.setattr(checks_stripe, "PAUSE", 0)
    monkeypatch.setattr(cloudformation, "SECONDS", 0.1)
    before = clock.use(whole_stack.clock.now)
    list(provision().apply())
    with Site() as site:
        Thread(target=site.serve_forever, args=(0.05,), daemon=True).start()
        made = Clinic(whole_stack, account, site, clone)
        made.deploy()
        yield made
        site.shutdown()
    clock.use(before)


def test_a_healthy_stage_has_nothing_wrong(clinic: Clinic) -> None:
    customer = clinic.shop.customer("ada@northlight.example")
    clinic.shop.subscription(customer)
    clinic.shop.plan(customer)
    clinic.patient.sync.fill(customer)
    clinic.stack.stripe.flush()
    found = clinic.findings()
    assert [finding.words.partition(":")[0] for finding in found if finding.sign == WRONG] == [NEVER_HERE]
    assert [finding.words.partition(":")[0] for finding in found if finding.sign == UNSEEN] == [ELSEWHERE]
    assert any("compared: 1 customer" in finding.words for finding in found)
    assert len(found) < 30, "one screen"
    assert not [finding for finding in found if clinic.secrets.read(STRIPE_KEY) in finding.words]


def no_settings_file(clinic: Clinic) -> None:
    (clinic.clone / "settings.shop.yaml").unlink()


def no_sweeping(clinic: Clinic) -> None:
    off = {"AttributeName": "ttl", "Enabled": False}
    clinic.client("dynamodb").update_time_to_live(TableName="tillkey-shop", TimeToLiveSpecification=off)


def no_recovery(clinic: Clinic) -> None:
    off = {"PointInTimeRecoveryEnabled": False}
    clinic.client("dynamodb").update_continuous_backups(TableName="tillkey-shop", PointInTimeRecoverySpecification=off)


def endless_logs(clinic: Clinic) -> None:
    clinic.client("logs").delete_retention_policy(logGroupName="/aws/lambda/tillkey-shop-worker")


def late_work(clinic: Clinic) -> None:
    metric = {
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "tillkey-shop"}],
        "Value": 1200,
    }
    clinic.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[metric])


def dead_letter(clinic: Clinic) -> None:
    sqs = clinic.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="tillkey-shop-dead")["QueueUrl"], MessageBody="{}")


def no_listener(clinic: Clinic) -> None:
    sns = clinic.client("sns")
    for each in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def unconfirmed_listener(clinic: Clinic) -> None:
    no_listener(clinic)
    topic = clinic.stage.arn("sns", "tillkey-shop-alarms")
    clinic.client("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint=clinic.site.url)


def no_topic(clinic: Clinic) -> None:
    clinic.client("sns").delete_topic(TopicArn=clinic.stage.arn("sns", "tillkey-shop-alarms"))


def no_dead_letters(clinic: Clinic) -> None:
    sqs = clinic.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="tillkey-shop-dead")["QueueUrl"])


def sandbox(clinic: Clinic) -> None:
    clinic.client("sesv2").put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://northlight.example", ProductionAccessEnabled=False
    )


def no_spf(clinic: Clinic) -> None:
    clinic.records["northlight.example"] = ("something else",)


def spf_of_others(clinic: Clinic) -> None:
    clinic.records["northlight.example"] = ("v=spf1 include:other.example -all",)


def two_spf(clinic: Clinic) -> None:
    clinic.records["northlight.example"] = ("v=spf1 -all", "v=spf1 include:amazonses.com ~all")


def no_dmarc(clinic: Clinic) -> None:
    clinic.records["_dmarc.northlight.example"] = ()


def opens_counted(clinic: Clinic) -> None:
    clinic.client("sesv2").create_configuration_set_event_destination(
        ConfigurationSetName="tillkey-shop", EventDestinationName="opens", EventDestination=TRACKING
    )


def engagement_metrics(clinic: Clinic) -> None:
    options: Any = {"DashboardOptions": {"EngagementMetrics": "ENABLED"}}
    clinic.client("sesv2").put_configuration_set_vdm_options(ConfigurationSetName="tillkey-shop", VdmOptions=options)


def no_key(clinic: Clinic) -> None:
    clinic.client("ssm").delete_parameter(Name=f"/tillkey/shop/{STRIPE_KEY}")


def key_of_the_other_mode(clinic: Clinic) -> None:
    clinic.secrets.write(STRIPE_KEY, "rk_live_other")


def refused_key(clinic: Clinic) -> None:
    clinic.secrets.write(STRIPE_KEY, "gone_test_key")


def narrow_key(clinic: Clinic) -> None:
    clinic.secrets.write(STRIPE_KEY, PUBLISHABLE_KEY)


def no_webhook_secret(clinic: Clinic) -> None:
    clinic.client("ssm").delete_parameter(Name=f"/tillkey/shop/{WEBHOOK_SECRET}")


def two_webhook_secrets(clinic: Clinic) -> None:
    clinic.secrets.write(WEBHOOK_SECRET, clinic.secrets.read(WEBHOOK_SECRET) + " whsec_older")


def endpoint_id(clinic: Clinic) -> str:
    return str(next(webhook_endpoint.made_for(clinic.stage, clinic.shop.v1.webhook_endpoints)).id)


def no_endpoint(clinic: Clinic) -> None:
    clinic.shop.v1.webhook_endpoints.delete(endpoint_id(clinic))


def moved_endpoint(clinic: Clinic) -> None:
    clinic.shop.v1.webhook_endpoints.update(endpoint_id(clinic), {"url": "http://127.0.0.1:9/else"})


def endpoint_off(clinic: Clinic) -> None:
    clinic.shop.v1.webhook_endpoints.update(endpoint_id(clinic), {"disabled": True})


def fewer_events(clinic: Clinic) -> None:
    clinic.shop.v1.webhook_endpoints.update(endpoint_id(clinic), {"enabled_events": ["invoice.paid"]})


def another_endpoint(clinic: Clinic, **more: Any) -> None:
    known = {"url": f"{clinic.site.url}/webhooks/stripe", "enabled_events": list(webhook_endpoint.WANTED)}
    clinic.shop.v1.webhook_endpoints.create({**known, "metadata": {webhook_endpoint.MARK: "shop"}, **more})  # type: ignore[typeddict-item]


def older_endpoint(clinic: Clinic) -> None:
    another_endpoint(clinic, api_version=stripe.api_version)


def version_of_the_account(clinic: Clinic) -> None:
    no_endpoint(clinic)
    another_endpoint(clinic)


def refused_events(clinic: Clinic) -> None:
    clinic.site.to_events = 500
    clinic.shop.v1.customers.create({"email": "ada@northlight.example"})
    clinic.stack.stripe.flush()
    clinic.stack.clock.move_to(clinic.stack.clock.later("PT2H"))


def drift(clinic: Clinic) -> None:
    customer = clinic.shop.customer("ada@northlight.example")
    clinic.patient.sync.fill(customer)
    clinic.shop.v1.customers.update(customer, {"name": "Ada King"})


def endless_plan(clinic: Clinic) -> None:
    clinic.shop.subscription(clinic.shop.customer("ada@northlight.example"), metadata={"tillkey": "plan"})


def endless_plan_by_its_price(clinic: Clinic) -> None:
    subscription = clinic.shop.subscription(clinic.shop.customer("ada@northlight.example"))
    price = clinic.shop.v1.subscriptions.retrieve(subscription)["items"].data[0].price.id
    clinic.shop.v1.prices.update(price, {"metadata": {"installments": "6"}})


def plan_that_is_released(clinic: Clinic) -> None:
    plan = clinic.shop.plan(clinic.shop.customer("ada@northlight.example"))
    schedule = str(clinic.shop.v1.subscriptions.retrieve(plan).schedule)
    clinic.shop.v1.subscription_schedules.update(schedule, {"end_behavior": "release"})


def uncompiled(clinic: Clinic) -> None:
    code = archive({"app.py": ""})
    clinic.client("lambda").update_function_code(FunctionName="tillkey-shop", ZipFile=code)


def another_python(clinic: Clinic) -> None:
    clinic.client("lambda").update_function_configuration(FunctionName="tillkey-shop", Runtime="python3.14")


def whole_batches(clinic: Clinic) -> None:
    clinic.client("lambda").update_event_source_mapping(UUID=clinic.mapping, FunctionResponseTypes=[])


def nobody_at_the_queue(clinic: Clinic) -> None:
    clinic.client("lambda").update_event_source_mapping(UUID=clinic.mapping, Enabled=False)


def no_mapping(clinic: Clinic) -> None:
    clinic.client("lambda").delete_event_source_mapping(UUID=clinic.mapping)


def no_settings(clinic: Clinic) -> None:
    key = dict(zip(("pk", "sk"), ({"S": part} for part in settings.KEY), strict=True))
    clinic.client("dynamodb").delete_item(TableName="tillkey-shop", Key=key)


def failing_page(clinic: Clinic) -> None:
    clinic.site.status = 503


def own_domain(clinic: Clinic) -> None:
    file = clinic.clone / ".chalice" / "config.json"
    config = json.loads(file.read_text())
    certificate = f"arn:aws:acm:us-east-1:{clinic.account.id}:certificate/0-0"
    config["stages"]["shop"]["api_gateway_custom_domain"] = {
        "domain_name": "billing.northlight.example",
        "certificate_arn": certificate,
    }
    file.write_text(json.dumps(config))


def nothing_deployed(clinic: Clinic) -> None:
    clinic.client("lambda").delete_function(FunctionName="tillkey-shop")


@pytest.mark.parametrize(
    ("breaks", "line", "to_do"),
    [
        (no_settings_file, "this version wants it otherwise (write settings.shop.yaml)", "ops provision shop"),
        (no_sweeping, "expired records stay in tillkey-shop", "ops provision shop"),
        (no_recovery, "tillkey-shop could not be restored", "ops provision shop"),
        (endless_logs, "/aws/lambda/tillkey-shop-worker would be kept for ever", "put-retention-policy"),
        (late_work, "0 messages in the queue, the oldest of the last minutes had waited 1200 s", "aws logs tail"),
        (dead_letter, "1 message failed five times and went to the dead letters", "aws sqs start-message-move-task"),
        (no_listener, "nobody hears the alarms", "aws sns subscribe"),
        (unconfirmed_listener, "nobody hears the alarms yet", "confirm the mail"),
        (sandbox, "SES is in its sandbox", "production access"),
        (no_spf, "northlight.example has no SPF record", "v=spf1 include:amazonses.com"),
        (spf_of_others, "SPF of northlight.example does not name SES", "include:amazonses.com"),
        (two_spf, "northlight.example has 2 SPF records, and so none that counts", "one TXT record"),
        (no_dmarc, "northlight.example has no DMARC record", "_dmarc.northlight.example"),
        (opens_counted, "the SES configuration set tillkey-shop rewrites links", "event destinations"),
        (engagement_metrics, "the SES configuration set tillkey-shop rewrites links", "engagement tracking"),
        (no_key, "no Stripe key is stored", "ops secret shop"),
        (key_of_the_other_mode, "the stored Stripe key is not for test mode", "ops secret shop"),
        (refused_key, "Stripe refuses the stored key", "ops secret shop"),
        (narrow_key, "the stored Stripe key may not read customers", "docs/stripe-permissions.md"),
        (no_webhook_secret, "no webhook secret is stored", "ops finish shop"),
        (two_webhook_secrets, "the webhook secret is being replaced", "ops finish shop"),
        (no_endpoint, "Stripe has no webhook endpoint for this stage", "ops finish shop"),
        (moved_endpoint, "Stripe sends its events to http://127.0.0.1:9/else", "ops finish shop"),
        (endpoint_off, "the webhook endpoint is switched off at Stripe", "ops finish shop"),
        (fewer_events, "Stripe sends other events than we follow", "ops finish shop"),
        (older_endpoint, "an older webhook endpoint sends as well", "ops finish shop"),
        (version_of_the_account, "Stripe sends events of version None", "ops finish shop"),
        (refused_events, "1 event of the last day did not arrive everywhere, the oldest 2.0 hours ago", "Webhooks"),
        (drift, "the portal shows otherwise than Stripe (cus_", "tillkey-shop-reconcile"),
        (endless_plan, "Stripe would never stop charging 1 payment plan (sub_", "set an end"),
        (endless_plan_by_its_price, "Stripe would never stop charging 1 payment plan (sub_", "set an end"),
        (plan_that_is_released, "Stripe would never stop charging 1 payment plan (sub_", "set an end"),
        (uncompiled, "the package was built the slow way", "python -m ops deploy shop"),
        (another_python, "Tillkey", "python -m ops deploy shop"),
        (whole_batches, "a message that fails could be lost", "ops finish shop"),
        (nobody_at_the_queue, "nobody takes work from the queue", "--enabled"),
        (no_mapping, "nobody takes work from the queue", "ops deploy shop"),
        (no_settings, "no settings are applied", "ops settings shop"),
        (failing_page, "http://127.0.0.1", "aws logs tail /aws/lambda/tillkey-shop"),
        (own_domain, "API Gateway’s own address answers beside your domain", "ops finish shop"),
        (no_topic, "Alarms reach somebody: AWS no longer has it (GetTopicAttributes, NotFound", "docs/guide.md"),
        (no_dead_letters, "There are no dead letters: AWS no longer has it (GetQueueUrl, ", "docs/guide.md"),
        (nothing_deployed, "nothing is deployed yet", "ops deploy shop"),
    ],
)
def test_what_is_broken_is_said_in_its_own_line_with_what_to_do(
    clinic: Clinic, breaks: Callable[[Clinic], None], line: str, to_do: str
) -> None:
    breaks(clinic)
    (found,) = [words for words in clinic.signs_of(WRONG) if not words.startswith(NEVER_HERE)]
    assert found.startswith(line)
    assert to_do in found.removeprefix(line)


def test_with_its_own_domain_finished_only_that_answers(clinic: Clinic) -> None:
    own_domain(clinic)
    clinic.finish()
    assert "only billing.northlight.example answers" in clinic.signs_of(FINE)


def test_a_domain_below_one_with_dmarc_needs_none_of_its_own(clinic: Clinic) -> None:
    patient = clinic.patient
    patient.sender = "mail.northlight.example"
    assert [str(finding) for finding in dmarc(patient)] == ["✓ DMARC is set for northlight.example"]


def test_what_just_happened_is_not_yet_missed(clinic: Clinic) -> None:
    clinic.site.to_events = 500
    clinic.shop.v1.customers.create({"email": "ada@northlight.example"})
    clinic.stack.stripe.flush()
    assert "all events of the last day arrived" in clinic.signs_of(FINE)


def test_what_was_on_its_way_is_no_drift(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = clinic.shop.customer("ada@northlight.example")
    clinic.patient.sync.fill(customer)
    clinic.shop.v1.customers.update(customer, {"name": "Ada King"})
    meanwhile = SimpleNamespace(
        sleep=lambda seconds: clinic.shop.v1.customers.update(customer, {"name": "Ada Lovelace"})
    )
    monkeypatch.setattr(checks_stripe, "time", meanwhile)
    assert "the portal shows what Stripe has (compared: 1 customer)" in clinic.signs_of(FINE)


def test_without_the_operators_key_its_lines_say_so_and_the_others_stay(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = clinic.findings()
    monkeypatch.delenv("STRIPE_OPERATOR_KEY")
    after = clinic.findings()
    changed = [str(now) for was, now in zip(before, after, strict=True) if was != now]
    assert len(changed) == 2
    assert all(line.startswith("? ") and "STRIPE_OPERATOR_KEY" in line for line in changed)


def test_a_check_that_cannot_look_keeps_no_other_from_looking(clinic: Clinic) -> None:
    before, patient = clinic.findings(), clinic.patient
    patient.texts = None  # type: ignore[assignment]
    changed = [str(now) for was, now in zip(before, examine(patient), strict=True) if was != now]
    assert changed == [
        "? SPF names SES: 'NoneType' object is not callable",
        "? DMARC says what to do with forgeries: 'NoneType' object is not callable",
    ]


def test_of_a_stack_that_is_gone_it_says_so_first(clinic: Clinic) -> None:
    DataStack(clinic.account, clinic.stage.data_stack).remove()
    first = clinic.findings()[0]
    assert str(first) == "✗ the stack tillkey-data-shop is missing: python -m ops provision shop --from …"


def test_without_a_network_names_are_not_judged(clinic: Clinic) -> None:
    patient = clinic.patient

    def nobody_answers(name: str) -> list[str]:
        raise Trouble("no name server answered")

    patient.texts = nobody_answers
    shown = [str(finding) for finding in examine(patient) if "no name server" in finding.words]
    assert shown == [
        "? SPF names SES: no name server answered",
        "? DMARC says what to do with forgeries: no name server answered",
    ]


def test_the_command_shows_every_line_and_fails_when_something_is_to_be_done(clinic: Clinic) -> None:
    lines: list[str] = []
    with pytest.raises(Trouble, match="one thing is to be done"):
        lines.extend(screen(clinic.patient))
    assert lines == [str(finding) for finding in clinic.findings()]
    assert parser().parse_args(["doctor", "shop"]).command is commands.doctor
