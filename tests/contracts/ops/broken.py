"""Ways in which one thing of a stage is not as it should be."""

import json
from typing import Any

import stripe

from chalicelib.storage import settings
from local.stripe_process import PUBLISHABLE_KEY
from ops import webhook_endpoint
from ops.secret_store import STRIPE_KEY, WEBHOOK_SECRET
from tests.contracts.ops.healthy import Clinic, archive

TRACKING: Any = {
    "Enabled": True,
    "MatchingEventTypes": ["OPEN"],
    "EventBridgeDestination": {"EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/default"},
}


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
