"""What `make stripe-check` runs. The local Stripe stands in for Stripe."""

import os
import re
import subprocess
import sys

import pytest
import stripe

from local.stripe.server import Server
from tests.functional.test_make_run import ROOT

KEY = "sk_test_tried"


def checked(address: str, key: str) -> subprocess.CompletedProcess[str]:
    """The check against this address with this key in the environment."""
    command = [sys.executable, "-m", "pytest", "tests/contracts/gateway", "--stripe", address]
    env = {**os.environ, "STRIPE_SECRET_KEY": key}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize("key", ["", "sk_live_tried"])
def test_without_a_test_key_it_says_not_run_and_fails(key: str) -> None:
    done = checked("http://127.0.0.1:9", key)

    assert done.returncode != 0
    assert done.stderr.startswith("NOT RUN: needs STRIPE_SECRET_KEY")
    assert "passed" not in done.stdout


def test_it_runs_what_needs_no_power_over_stripe_says_what_it_left_out_and_cleans_up() -> None:
    account = Server()
    account.start()
    try:
        done = checked(account.url, KEY)
        v1 = stripe.StripeClient(KEY, base_addresses={"api": account.url}).v1
        customers, products = v1.customers.list().data, v1.products.list({"active": True}).data
        used = v1.products.list({"active": False, "limit": 100}).data
    finally:
        account.stop()

    assert done.returncode == 0, done.stdout
    said = re.search(r"^(\d+) tests left out", done.stdout, re.MULTILINE)
    counted = re.search(r"(\d+) passed, (\d+) deselected", done.stdout)
    assert said
    assert counted
    assert said[1] == counted[2]
    assert (customers, products) == ([], [])
    assert len(used) > 10, "it was this account that was tried"
