"""The doctor finds nothing wrong with a healthy stage, and of each thing that is broken says just that one line."""

from collections.abc import Callable, Iterator
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import clock
from ops import checks_stripe, cloudformation, commands
from ops.__main__ import parser
from ops.aws import Account
from ops.checks_mail import dmarc
from ops.cloudformation import DataStack
from ops.doctor import examine, screen
from ops.finding import FINE, UNSEEN, WRONG
from ops.provision import Provision
from ops.secret_store import STRIPE_KEY
from ops.stage import Trouble
from tests.contracts.ops import broken
from tests.contracts.ops.healthy import Clinic, Site
from tests.stack import TestStack

# The emulator never comes to sign by an identity that CloudFormation made; tests of the mail checks cover the rest.
NEVER_HERE = "mails from northlight.example are not signed (DKIM is NOT_STARTED)"
ELSEWHERE = "whether Stripe mails customers about expiring cards and failed payments, too"


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


@pytest.mark.parametrize(
    ("breaks", "line", "to_do"),
    [
        (broken.no_settings_file, "this version wants it otherwise (write settings.shop.yaml)", "ops provision shop"),
        (broken.no_sweeping, "expired records stay in tillkey-shop", "ops provision shop"),
        (broken.no_recovery, "tillkey-shop could not be restored", "ops provision shop"),
        (broken.endless_logs, "/aws/lambda/tillkey-shop-worker would be kept for ever", "put-retention-policy"),
        (
            broken.late_work,
            "0 messages in the queue, the oldest of the last minutes had waited 1200 s",
            "aws logs tail",
        ),
        (
            broken.dead_letter,
            "1 message failed five times and went to the dead letters",
            "aws sqs start-message-move-task",
        ),
        (broken.no_listener, "nobody hears the alarms", "aws sns subscribe"),
        (broken.unconfirmed_listener, "nobody hears the alarms yet", "confirm the mail"),
        (broken.sandbox, "SES is in its sandbox", "production access"),
        (broken.no_spf, "northlight.example has no SPF record", "v=spf1 include:amazonses.com"),
        (broken.spf_of_others, "SPF of northlight.example does not name SES", "include:amazonses.com"),
        (broken.two_spf, "northlight.example has 2 SPF records, and so none that counts", "one TXT record"),
        (broken.no_dmarc, "northlight.example has no DMARC record", "_dmarc.northlight.example"),
        (broken.opens_counted, "the SES configuration set tillkey-shop rewrites links", "event destinations"),
        (broken.engagement_metrics, "the SES configuration set tillkey-shop rewrites links", "engagement tracking"),
        (broken.no_key, "no Stripe key is stored", "ops secret shop"),
        (broken.key_of_the_other_mode, "the stored Stripe key is not for test mode", "ops secret shop"),
        (broken.refused_key, "Stripe refuses the stored key", "ops secret shop"),
        (broken.narrow_key, "the stored Stripe key may not read customers", "docs/stripe-permissions.md"),
        (broken.no_webhook_secret, "no webhook secret is stored", "ops finish shop"),
        (broken.two_webhook_secrets, "the webhook secret is being replaced", "ops finish shop"),
        (broken.no_endpoint, "Stripe has no webhook endpoint for this stage", "ops finish shop"),
        (broken.moved_endpoint, "Stripe sends its events to http://127.0.0.1:9/else", "ops finish shop"),
        (broken.endpoint_off, "the webhook endpoint is switched off at Stripe", "ops finish shop"),
        (broken.fewer_events, "Stripe sends other events than we follow", "ops finish shop"),
        (broken.older_endpoint, "an older webhook endpoint sends as well", "ops finish shop"),
        (broken.version_of_the_account, "Stripe sends events of version None", "ops finish shop"),
        (
            broken.refused_events,
            "1 event of the last day did not arrive everywhere, the oldest 2.0 hours ago",
            "Webhooks",
        ),
        (broken.drift, "the portal shows otherwise than Stripe (cus_", "tillkey-shop-reconcile"),
        (broken.endless_plan, "Stripe would never stop charging 1 payment plan (sub_", "set an end"),
        (broken.endless_plan_by_its_price, "Stripe would never stop charging 1 payment plan (sub_", "set an end"),
        (broken.plan_that_is_released, "Stripe would never stop charging 1 payment plan (sub_", "set an end"),
        (broken.uncompiled, "the package was built the slow way", "python -m ops deploy shop"),
        (broken.another_python, "Tillkey", "python -m ops deploy shop"),
        (broken.whole_batches, "a message that fails could be lost", "ops finish shop"),
        (broken.nobody_at_the_queue, "nobody takes work from the queue", "--enabled"),
        (broken.no_mapping, "nobody takes work from the queue", "ops deploy shop"),
        (broken.no_settings, "no settings are applied", "ops settings shop"),
        (broken.failing_page, "http://127.0.0.1", "aws logs tail /aws/lambda/tillkey-shop"),
        (broken.own_domain, "API Gateway’s own address answers beside your domain", "ops finish shop"),
        (broken.no_topic, "Alarms reach somebody: AWS no longer has it (GetTopicAttributes, NotFound", "docs/guide.md"),
        (broken.no_dead_letters, "There are no dead letters: AWS no longer has it (GetQueueUrl, ", "docs/guide.md"),
        (broken.nothing_deployed, "nothing is deployed yet", "ops deploy shop"),
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
    broken.own_domain(clinic)
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
