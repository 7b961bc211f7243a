"""`make run` against a Stripe account in test mode, as a person meets it. The local Stripe stands in for Stripe."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from local import smoke
from local.__main__ import empty
from local.demo.people import PEOPLE
from local.stripe.server import Server
from tests.functional.test_make_run import ROOT, until_ready
from tests.stack import three_free_ports

KEYS = {"STRIPE_SECRET_KEY": "sk_test_tried", "STRIPE_PUBLISHABLE_KEY": "pk_test_tried"}
MAILBOX = "ada@mail.example"
START = "import sys; from local.__main__ import main; main(api_base=sys.argv.pop())"
# What an environment may still hold from another Stripe must not matter.
STALE = {
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "STRIPE_JS_URL": "http://127.0.0.1:9/s.js",
    "STRIPE_WEBHOOK_SECRET": "x",
}


@dataclass
class Trial:
    """A portal in test mode, what it said, what it keeps where, and the account it talks to."""

    url: str
    said: str
    data: Path
    server: Server
    process: subprocess.Popen[str]

    @property
    def account(self) -> Any:
        """The merchant's side."""
        base: Any = {"api": self.server.url}
        return stripe.StripeClient(KEYS["STRIPE_SECRET_KEY"], base_addresses=base, max_network_retries=0).v1

    def local(self, page: str = "") -> requests.Response:
        """A page below /_local/."""
        return requests.get(f"{self.url}/_local/{page}", timeout=5)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One start for all: it takes seconds."""
    data, port, server = tmp_path_factory.mktemp("data"), three_free_ports(29000), Server()
    server.start()
    place = {"PORT": str(port), "DATA": str(data), "FRESH": "", "PREFIX": ""}
    with subprocess.Popen(
        [sys.executable, "-c", START, server.url],
        cwd=ROOT,
        env={**os.environ, **STALE, **place, **KEYS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout
            yield Trial(f"http://127.0.0.1:{port}", until_ready(process.stdout), data, server, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            server.stop()


@pytest.fixture(scope="module")
def membership(trial: Trial) -> str:
    """A subscription of a customer with our mailbox, made before the portal knew of either."""
    v1 = trial.account
    customer = v1.customers.create({"email": MAILBOX, "name": "Ada Lovelace"}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    product = {"name": "Studio Membership"}
    price = {"currency": "usd", "unit_amount": 4900, "recurring": {"interval": "month"}, "product_data": product}
    made = v1.subscriptions.create({"customer": customer, "items": [{"price": v1.prices.create(price).id}]})
    return str(made.id)


@pytest.fixture(scope="module")
def walk(trial: Trial, membership: str) -> smoke.Walk:
    """The customer, signed in by the code mailed to the outbox."""
    visitor = smoke.Walk(trial.url)
    smoke.ask_for_a_link(visitor, MAILBOX)
    smoke.type_the_code(visitor, smoke.read_the_code(visitor, MAILBOX, 0))
    return visitor


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it became true within a few rounds of asking Stripe."""
    end = time.monotonic() + 10
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.1)
    return done


def test_it_says_that_this_is_real_stripe_and_whom_to_be(trial: Trial) -> None:
    assert "Real Stripe, test mode" in trial.said
    assert "one of your test customers" in trial.said
    assert "/_local/outbox" in trial.said
    assert not [person.mailbox for person in PEOPLE if person.mailbox in trial.said]
    assert "clock" not in trial.said


def test_its_data_lies_apart_from_the_demo_data(trial: Trial) -> None:
    assert [path.name for path in trial.data.iterdir()] == ["stripe-test"]
    (account,) = (trial.data / "stripe-test").iterdir()
    assert {"aws", "outbox", "lock", "portal.log"} <= {path.name for path in account.iterdir()}
    assert not any("sk_test_tried" in path.read_text() for path in account.glob("*.log"))


def test_the_account_was_left_as_it_was(trial: Trial, walk: smoke.Walk, membership: str) -> None:
    customers = trial.account.customers.list().data
    assert [customer.email for customer in customers] == [MAILBOX]
    assert trial.account.webhook_endpoints.list().data == []


def test_a_test_customer_signs_in_and_sees_what_they_have(walk: smoke.Walk) -> None:
    walk.get(f"{walk.portal_url}/")

    assert "Studio Membership" in walk.html
    assert "49.00" in walk.html


def test_what_changes_at_stripe_is_seen_without_any_webhook(trial: Trial, walk: smoke.Walk, membership: str) -> None:
    trial.account.subscriptions.update(membership, {"cancel_at_period_end": True})

    def shown() -> bool:
        walk.get(f"{walk.portal_url}/")
        return "Canceling" in walk.html

    assert eventually(shown)


def test_pages_load_stripes_own_script(trial: Trial) -> None:
    policy = requests.get(f"{trial.url}/sign-in", timeout=5).headers["Content-Security-Policy"]

    assert "https://js.stripe.com" in policy
    assert ":9" not in policy


def test_the_webhook_door_is_closed(trial: Trial) -> None:
    headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={int(time.time())},v1=00"}

    answer = requests.post(f"{trial.url}/webhooks/stripe", data=b"{}", headers=headers, timeout=5)

    assert answer.status_code == 503


@pytest.mark.parametrize(
    "page", ["clock", "scenarios", "scenarios.json", "stripe", "stripe/requests.json", "jobs/sweep"]
)
def test_what_moves_or_shows_the_local_stripe_is_not_there(trial: Trial, page: str) -> None:
    assert trial.local(page).status_code == 404
    assert requests.post(f"{trial.url}/_local/{page}", json={"advance": "P1D"}, timeout=5).status_code == 404


def test_the_local_pages_lead_to_outbox_and_timers_only(trial: Trial) -> None:
    for page in ("", "outbox"):
        links = re.findall(r'href="/_local/([a-z/.]*)"', trial.local(page).text)
        assert set(links) - {"", "static/local.css"} <= {"outbox", "outbox.json", "timers"}
        assert "outbox" in links
    assert trial.local("outbox.json").status_code == 200


def test_emptying_the_demo_data_leaves_the_accounts_alone(tmp_path: Path) -> None:
    kept = tmp_path / "stripe-test" / "abc" / "portal.log"
    for file in (kept, tmp_path / "lock", tmp_path / "seeded", tmp_path / "stripe" / "log"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()

    empty(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "stripe-test"]
    assert kept.exists()


@pytest.mark.parametrize("keys", [{"STRIPE_SECRET_KEY": "sk_live_tried"}, {"STRIPE_PUBLISHABLE_KEY": ""}])
def test_other_keys_are_refused_in_one_line_before_anything_starts(tmp_path: Path, keys: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=ROOT,
        env={**os.environ, "DATA": str(tmp_path / "data"), **KEYS, **keys},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"✗ STRIPE_[^\n]+\n", done.stderr)
    assert "tried" not in done.stderr
    assert not (tmp_path / "data").exists()
