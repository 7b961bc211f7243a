"""Ten thousand customers, 300 cards due, the job killed twice and a worker once: every mail exactly once."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from local.portal import QUEUE
from tests.proof.deploy.customers import DUE, MANY, address, write_all
from tests.proof.deploy.mail_service import MailService, mail_service
from tests.stack import TestStack

MOST_READ = 1.2
PATIENCE = 240.0


class Processes:
    """The app's functions, each run in a process of its own."""

    def __init__(self, stack: TestStack, mails: str, reads: Path) -> None:
        self._environment = os.environ | stack.environment() | {"AWS_ENDPOINT_URL_SESV2": mails, "READS": str(reads)}
        self._sqs = stack.aws.client("sqs")
        self._queue = self._sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, what: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.proof.deploy.job", what]
        self._started.append(subprocess.Popen(command, env=self._environment))
        return self._started[-1]

    def stop(self) -> None:
        """None outlives the test."""
        for process in self._started:
            process.kill()
            process.wait()

    def run(self, what: str) -> None:
        assert self.start(what).wait(PATIENCE) == 0

    def run_and_kill(self, what: str, when: Callable[[], bool]) -> None:
        """SIGKILL as soon as `when`; it must not have come to its end before."""
        process = self.start(what)
        wait_until(when)
        process.kill()
        assert process.wait(10) < 0, f"the {what} was over before it could be killed"

    def work(self) -> None:
        """A worker runs until the queue has nothing left, not even what a killed one had in hand."""
        process = self.start("worker")
        wait_until(lambda: self.waiting() == 0)
        process.kill()
        process.wait()

    def waiting(self) -> int:
        """Messages in the queue, held back, in hand or neither."""
        names = [f"ApproximateNumberOfMessages{which}" for which in ("", "Delayed", "NotVisible")]
        found = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)


def wait_until(when: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not when():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)


def live_through(processes: Processes, mails: MailService) -> None:
    """The job is killed twice, a worker in the midst of a call; then all is as on any day."""
    processes.run_and_kill("job", lambda: processes.waiting() >= DUE // 4)
    processes.run_and_kill("job", lambda: processes.waiting() >= DUE // 2)
    processes.run("job")
    mails.at = DUE // 3
    mails.deadly = processes.start("worker")
    assert mails.deadly.wait(PATIENCE) < 0
    processes.work()
    processes.run("sweep")
    processes.work()


@pytest.mark.root_only
def test_every_mail_is_sent_once_and_only_cards_due_are_read(
    stack: TestStack, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    write_all()
    reads = tmp_path / "reads"
    with mail_service() as (mails, url):
        processes = Processes(stack, url, reads)
        try:
            live_through(processes, mails)
        finally:
            processes.stop()

    read = sum(map(int, reads.read_text().split()))
    figure(f"{MANY} customers, {DUE} cards due: {read} index items read in all, {len(mails.recipients)} mails")
    assert Counter(mails.recipients) == Counter(address(number) for number in range(DUE))
    assert mails.subjects == {"Your Visa •••• 4242 expires soon"}
    assert read <= MOST_READ * DUE
