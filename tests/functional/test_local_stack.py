"""The local stack does what it says: queue, timed jobs, clock, outbox."""

import logging
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from chalice.app import Rate

from chalicelib import clock
from chalicelib.web.middleware import Portal
from local.aws import TRIES, make_queue
from local.timers import TimedJobs, next_run
from local.worker import QueueWorker
from tests.stack import TestStack, Troubles

pytestmark = pytest.mark.root_only
Handler = Callable[[Any], Any]


def worker_for(stack: TestStack, handler: Handler) -> tuple[QueueWorker, Callable[[str], Any], Any]:
    """A worker whose function is `handler`, a way to send it messages, and its SQS client."""
    sqs = stack.aws.client("sqs")
    queue = make_queue(sqs, "jobs")
    app = Portal("small", configure_logs=False)
    app.on_sqs_message(queue="jobs", batch_size=10)(handler)
    return QueueWorker(app, sqs, queue), lambda body: sqs.send_message(QueueUrl=queue, MessageBody=body), sqs


def dead_letters(sqs: Any) -> list[str]:
    """Bodies in the dead-letter queue."""
    url = sqs.get_queue_url(QueueName="jobs-dead")["QueueUrl"]
    return [m["Body"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


def test_messages_are_handled_once_each(stack: TestStack) -> None:
    handled: list[str] = []
    worker, send, _ = worker_for(stack, lambda event: handled.extend(record.body for record in event))
    for number in range(25):
        send(f"m{number}")

    assert worker.drain() == 25
    assert sorted(handled) == sorted(f"m{number}" for number in range(25))
    worker.bring_back()
    assert worker.drain() == 0


def test_only_the_message_that_failed_comes_back(stack: TestStack) -> None:
    seen: list[str] = []

    def handler(event: Any) -> dict[str, Any]:
        records = list(event)
        seen.extend(record.body for record in records)
        bad = [record.to_dict()["messageId"] for record in records if record.body == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}

    worker, send, _ = worker_for(stack, handler)
    for body in ("good", "bad", "fine"):
        send(body)

    worker.drain()
    worker.bring_back()
    worker.drain()

    assert sorted(seen) == ["bad", "bad", "fine", "good"]


def test_a_message_that_always_fails_lies_in_the_dead_letter_queue_after_its_tries(
    stack: TestStack, troubles: Troubles
) -> None:
    tries: list[str] = []

    def handler(event: Any) -> None:
        tries.extend(record.body for record in event)
        raise RuntimeError("poison")

    worker, send, sqs = worker_for(stack, handler)
    send("poison")

    for _ in range(TRIES + 2):
        worker.drain()
        worker.bring_back()

    assert len(tries) == TRIES
    assert dead_letters(sqs) == ["poison"]
    assert len(troubles.seen) == TRIES
    troubles.seen.clear()


def test_timed_jobs_run_when_their_time_has_come_by_the_portals_clock(stack: TestStack) -> None:
    ran: list[float] = []
    app = Portal("small", configure_logs=False)
    app.schedule(Rate(5, unit=Rate.MINUTES))(lambda event: ran.append(clock.now()))
    jobs = TimedJobs(app, stack.clock.now)

    jobs.run_due()
    assert ran == []
    stack.clock.move_to(stack.clock.later("PT5M"))
    jobs.run_due()
    jobs.run_due()

    assert len(ran) == 1


@pytest.mark.parametrize(
    ("schedule", "after", "next_"),
    [
        ("rate(5 minutes)", "2026-12-31T23:58", "2027-01-01T00:03"),
        ("rate(1 hour)", "2026-12-31T23:58", "2027-01-01T00:58"),
        ("cron(0 8 * * ? *)", "2026-12-31T07:59", "2026-12-31T08:00"),
        ("cron(0 8 * * ? *)", "2026-12-31T08:00", "2027-01-01T08:00"),
        ("cron(30 0 * * ? *)", "2028-02-28T12:00", "2028-02-29T00:30"),
    ],
)
def test_a_timer_runs_when_its_schedule_says(schedule: str, after: str, next_: str) -> None:
    def moment(text: str) -> float:
        return datetime.fromisoformat(f"{text}+00:00").timestamp()

    assert next_run(schedule, moment(after)) == moment(next_)


def test_a_schedule_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody here understands"):
        next_run("cron(0 8 ? * MON *)", 0)


def test_each_timer_can_be_run_by_hand_and_says_what_it_did(stack: TestStack) -> None:
    page = f"{stack.place.origin}/_local/timers"
    for name in ("sweep", "reconcile", "expiring"):
        assert f"Run {name} now" in requests.get(page, timeout=5).text

        answer = requests.post(f"{page}/{name}", timeout=30)

        assert (answer.status_code, stack.jobs.timers[name].last) == (200, pytest.approx(clock.now(), abs=30))
        assert stack.jobs.timers[name].answer in answer.text
    assert stack.jobs.timers["expiring"].answer == "notices 0"
    assert requests.post(f"{page}/nothing", timeout=5).status_code == 404


def test_a_day_of_the_moved_clock_runs_the_daily_job_once(stack: TestStack) -> None:
    stack.advance("P1D")
    first = stack.jobs.timers["expiring"].last
    assert first is not None
    stack.advance("P1D")
    assert stack.jobs.timers["expiring"].last == pytest.approx(first + 86400, abs=120)


def test_both_clocks_move_together(stack: TestStack) -> None:
    before = clock.now()

    answer = requests.post(f"{stack.place.origin}/_local/clock", json={"advance": "P31D"}, timeout=30)

    assert answer.status_code == 200
    assert 31 * 86400 - 1 <= clock.now() - before < 31 * 86400 + 30
    assert abs(stack.stripe.call("GET", "clock")["now"] - clock.now()) <= 1
    assert requests.get(f"{stack.place.origin}/_local/clock", timeout=5).json()["now"] == pytest.approx(
        clock.now(), abs=2
    )


@pytest.mark.parametrize("advance", ["", "31 days", "-P1D", None, {"a": 1}])
def test_a_duration_nobody_understands_moves_nothing(stack: TestStack, advance: Any) -> None:
    before = clock.now()

    answer = requests.post(f"{stack.place.origin}/_local/clock", json={"advance": advance}, timeout=30)

    assert answer.status_code == 400
    assert clock.now() - before < 30


def test_another_sites_page_cannot_move_the_clock(stack: TestStack) -> None:
    url = f"{stack.place.origin}/_local/clock"

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        assert requests.post(url, data={"advance": "P1D"}, headers=headers, timeout=5).status_code == 403


def test_a_mail_sent_through_ses_is_readable_in_the_outbox_with_everything_in_it(stack: TestStack) -> None:
    send_mail("Your receipt – thanks", "ada@mail.example")
    send_mail("A second one", "grace@mail.example")

    newest, mail = requests.get(f"{stack.place.origin}/_local/outbox.json", timeout=5).json()

    assert newest["subject"] == "A second one"
    assert set(mail) == {"to", "from", "subject", "text", "html", "links", "attachments", "sent_at"}
    assert (mail["to"], mail["from"]) == ("ada@mail.example", "Northlight Studio <help@northlight.example>")
    assert mail["links"] == ["http://127.0.0.1/text", "http://127.0.0.1/html#t"]
    (attachment,) = mail["attachments"]
    assert (attachment["name"], attachment["type"], attachment["size"]) == ("Receipt é.pdf", "application/pdf", 5)
    assert requests.get(attachment["url"], timeout=5).content == b"%PDF\xff"


def test_a_sender_that_was_never_verified_is_refused_as_ses_refuses_it(stack: TestStack) -> None:
    with pytest.raises(ClientError, match="not verified"):
        send_mail("Hello", "ada@mail.example", sender="Mallory <mallory@evil.example>")
    assert stack.outbox.all() == []


def test_mail_trouble_can_be_had_on_demand(stack: TestStack) -> None:
    stack.outbox.failing = 1

    with pytest.raises(ClientError, match="rate exceeded"):
        send_mail("Hello", "ada@mail.example")
    send_mail("Hello", "ada@mail.example")

    assert len(stack.mailbox("ada@mail.example")) == 1


def test_scenarios_name_a_mailbox_and_what_it_shows(stack: TestStack) -> None:
    people = requests.get(f"{stack.place.origin}/_local/scenarios.json", timeout=5).json()

    assert people
    assert all(set(person) == {"mailbox", "shows"} and "@" in person["mailbox"] for person in people)
    assert len({person["mailbox"] for person in people}) == len(people)


def test_the_calls_stripe_received_are_listed(stack: TestStack) -> None:
    requests.get(f"{stack.stripe.url}/v1/customers", auth=("sk_test_local", ""), timeout=5)

    (call,) = requests.get(f"{stack.place.origin}/_local/stripe/requests.json", timeout=5).json()

    assert (call["method"], call["path"], call["status"]) == ("GET", "/v1/customers", 200)
    assert call["time"] == pytest.approx(clock.now(), abs=30)


def test_the_console_of_the_local_stripe_is_one_click_away(stack: TestStack) -> None:
    answer = requests.get(f"{stack.place.origin}/_local/stripe", timeout=5)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.url.startswith(stack.stripe.url)


def test_errors_the_portal_logs_are_collected(troubles: Troubles) -> None:
    logging.getLogger("chalicelib.anything").error("something broke")

    assert troubles.seen == ["something broke"]
    troubles.seen.clear()


def ses() -> Any:
    """A client that tries once."""
    return boto3.client("sesv2", config=Config(retries={"max_attempts": 0}))


def send_mail(subject: str, to: str, sender: str = "Northlight Studio <help@northlight.example>") -> None:
    """One mail with text, HTML and an attachment, through the real client."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail.set_content("Look: http://127.0.0.1/text.")
    mail.add_alternative('<a href="http://127.0.0.1/html#t">go</a>', subtype="html")
    mail.add_attachment(b"%PDF\xff", maintype="application", subtype="pdf", filename="Receipt é.pdf")
    ses().send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": mail.as_bytes()}},
    )
