"""A new version over a running one: what lies in the queue is handled, the address stays, nothing is lost."""

from tests.deployed.people import NOA
from tests.deployed.tenant import Tenant, until
from tests.functional.signing_in import asked, mailed, pressed
from tests.functional.visitor import Visitor

OLD = "set_content(message.text)"
NEW = 'set_content(message.text + "\\nsent by the next version\\n")'


def test_a_message_sent_by_the_old_version_is_handled_by_the_new_one(
    north: Tenant, ada: Visitor, visitor: Visitor
) -> None:
    before, lambdas = north.front.api, north.aws.client("lambda")
    mapping = north.merchant.deployed(north.stage)["worker-sqs-event-source"]["event_uuid"]
    north.settle()
    lambdas.update_event_source_mapping(UUID=mapping, Enabled=False)
    asked(visitor, NOA)
    until(north.waiting, "the message to lie in the queue")

    sources = north.merchant.folder / "chalicelib" / "mail" / "ses.py"
    text = sources.read_text()
    assert OLD in text
    sources.write_text(text.replace(OLD, NEW))
    north.deploy()
    assert not north.mails(NOA)
    lambdas.update_event_source_mapping(UUID=mapping, Enabled=True)

    token, _ = mailed(north, NOA)  # type: ignore[arg-type]
    assert "sent by the next version" in north.mails(NOA)[0].text
    assert "Noa’s Portrait Hour" in pressed(visitor, token).text
    assert north.front.api == before
    assert "Studio Membership" in ada.open("/").text


def test_deploying_again_leaves_one_of_everything(north: Tenant, south: Tenant) -> None:
    lambdas = north.aws.client("lambda")
    for tenant in (north, south):
        mappings = lambdas.list_event_source_mappings(FunctionName=tenant.function("worker"))["EventSourceMappings"]
        assert [mapping["FunctionResponseTypes"] for mapping in mappings] == [["ReportBatchItemFailures"]]
        endpoints = [e for e in tenant.endpoints() if e.url.startswith(tenant.portal_url)]
        assert len(endpoints) == 1
    assert len(north.aws.client("apigateway").get_rest_apis()["items"]) == 2


def test_what_the_gateway_itself_refuses_is_still_a_page(visitor: Visitor) -> None:
    refused = visitor.raw("PATCH", "/sign-in", headers={"Accept": "text/html"})
    assert refused.status == 404
    assert b"<h1>" in refused.content
