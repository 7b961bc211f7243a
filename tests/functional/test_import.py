"""The import fills the mirror for all customers, is killed on the way, and goes on where it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.wiring import portal
from ops import import_mark
from tests.shop import Shop
from tests.stack import TestStack

MANY = 40
SLOWLY = 40
STOPPED = 130


class Imports:
    """Runs of the import, each a process of its own."""

    def __init__(self, stack: TestStack, folder: Path) -> None:
        self._environment = os.environ | stack.environment()
        self._errors = folder / "errors"
        self._started: list[subprocess.Popen[str]] = []

    def start(self, rate: int = 2000, endpoint: int = 2000, **environment: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.importing", str(rate), str(endpoint)]
        with self._errors.open("a") as errors:
            process = subprocess.Popen(
                command, env=self._environment | environment, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self._started.append(process)
        return process

    def run(self, rate: int = 2000, endpoint: int = 2000, seconds: float = 60, **environment: str) -> str:
        """One run to its end: what it said."""
        said, _ = self.start(rate, endpoint, **environment).communicate(timeout=seconds)
        return said

    def errors(self) -> str:
        return self._errors.read_text()

    def stop(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def imports(stack: TestStack, tmp_path: Path) -> Iterator[Imports]:
    made = Imports(stack, tmp_path)
    yield made
    made.stop()


def compared(customers: list[str]) -> list[str]:
    """Those that are wholly in the mirror."""
    homes = {customer: portal().mirror.home(customer, fresh=True) for customer in customers}
    return [customer for customer, home in homes.items() if home and home.compared_at]


def wait_until_filled(customers: list[str], number: int) -> None:
    deadline = time.monotonic() + 20
    while len(compared(customers)) < number:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.root_only
def test_killed_and_run_again_it_fills_every_customer_as_stripe_has_them(
    stack: TestStack, shop: Shop, imports: Imports
) -> None:
    stack.stripe.call("POST", "deliveries/mode", {"drop": True})
    ada = shop.customer("ada@mail.example")
    bob = shop.customer("bob@mail.example")
    shop.subscription(bob)
    customers = [ada, bob, *stack.stripe.call("POST", "copies", {"customer": ada, "times": MANY - 2})]

    # so slowly that neither can come to its end before it is stopped, however busy the machine is
    interrupted = imports.start(SLOWLY)
    wait_until_filled(customers, MANY // 8)
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.wait(10) == STOPPED
    assert import_mark.read().done <= len(compared(customers)) < MANY

    killed = imports.start(SLOWLY)
    wait_until_filled(customers, MANY // 2)
    killed.kill()
    assert killed.wait(10) == -signal.SIGKILL
    assert len(compared(customers)) < MANY
    stack.stripe.call("POST", "faults", {"status": 429, "path": "/v1/charges", "times": 3})
    said = imports.run()

    assert compared(customers) == customers
    assert [portal().sync.differences(customer) for customer in customers[:4]] == [()] * 4
    assert f"{MANY} customers are filled" in said
    assert "nothing differs" in said
    assert "refused 3" in said
    assert import_mark.read() == import_mark.Mark()
