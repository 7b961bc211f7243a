"""The environment as the portal reads it: which addresses and keys may meet."""

from typing import Any

import pytest

from chalicelib import config
from chalicelib.errors import NotConfigured

NEEDED = dict.fromkeys(("STAGE", "TABLE", "BUCKET", "QUEUE"), "x")
TEST = {"STRIPE_SECRET_KEY": "sk_test_a", "STRIPE_PUBLISHABLE_KEY": "pk_test_a"}
LIVE = {"STRIPE_SECRET_KEY": "sk_live_a", "STRIPE_PUBLISHABLE_KEY": "pk_live_a"}
AWS_HERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:8002", "AWS_ENDPOINT_URL_SESV2": "http://127.0.0.1:8000/_local/ses"}
STRIPE_HERE = {"STRIPE_API_BASE": "http://127.0.0.1:8001", "STRIPE_JS_URL": "http://127.0.0.1:8001/endive/stripe.js"}
ADDRESSES = ("STRIPE_API_BASE", "STRIPE_JS_URL", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SESV2")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read the configuration from this environment, past what the process already holds."""

    def from_environment(*given: dict[str, str]) -> config.Config:
        for name in (*ADDRESSES, "SECRETS_PATH"):
            monkeypatch.delenv(name, raising=False)
        for name, value in [pair for each in (NEEDED, *given) for pair in each.items()]:
            monkeypatch.setenv(name, value)
        return config.load.__wrapped__()

    return from_environment


def test_a_stack_in_the_cloud_names_no_address_and_may_be_live(read: Any) -> None:
    cloud = read(LIVE)

    assert (cloud.livemode, cloud.local) == (True, False)
    assert cloud.stripe_js_origin == "https://js.stripe.com"


def test_a_stack_wholly_on_this_machine_is_local(read: Any) -> None:
    assert read(TEST, AWS_HERE, STRIPE_HERE).local


@pytest.mark.parametrize("secret", ["sk_test_a", "rk_test_a"])
def test_test_keys_may_go_to_real_stripe_from_an_emulated_aws(read: Any, secret: str) -> None:
    mixed = read(TEST | {"STRIPE_SECRET_KEY": secret}, AWS_HERE)

    assert (mixed.stripe_api_base, mixed.local, mixed.livemode) == ("", False, False)
    assert mixed.stripe_js_origin == "https://js.stripe.com"


@pytest.mark.parametrize("here", [AWS_HERE, STRIPE_HERE, AWS_HERE | STRIPE_HERE])
@pytest.mark.parametrize("secret", ["sk_live_a", "rk_live_a"])
def test_a_live_key_never_meets_anything_on_this_machine(read: Any, here: dict[str, str], secret: str) -> None:
    with pytest.raises(NotConfigured, match="live Stripe key"):
        read(LIVE | {"STRIPE_SECRET_KEY": secret}, here)


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_elsewhere_is_refused_whatever_the_others_are(read: Any, name: str) -> None:
    for others in ({}, AWS_HERE, AWS_HERE | STRIPE_HERE):
        with pytest.raises(NotConfigured, match="this machine"):
            read(TEST, others, {name: "http://127.0.0.1.evil.example/stripe.js"})


def test_with_a_path_to_secrets_none_in_the_environment_counts(read: Any) -> None:
    stored = read(LIVE | {"STRIPE_SECRET_KEY": "sk_test_oops", "STRIPE_WEBHOOK_SECRET": "x"}, {"SECRETS_PATH": "/a/b"})

    assert (stored.stripe_secret_key, stored.stripe_webhook_secret, stored.livemode) == ("", "", True)


def test_keys_of_different_modes_are_refused(read: Any) -> None:
    with pytest.raises(NotConfigured, match="different modes"):
        read(TEST, {"STRIPE_SECRET_KEY": "sk_live_a"})
