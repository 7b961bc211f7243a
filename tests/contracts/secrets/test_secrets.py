"""The stage's secrets in the emulated SSM: kept for minutes, read again when refused, old ones better than none."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.webhook_signature import verified_by
from chalicelib.config import Config
from chalicelib.errors import BadRequest, Busy, NotConfigured
from chalicelib.storage.secrets import AGAIN_AFTER, KEPT_FOR, SsmSecrets
from local.stripe.webhooks import signature
from tests.builders import NOW
from tests.stack import TestStack

PATH = "/tillkey/shop"
EVENT = b'{"id":"evt_1","object":"event"}'


class Vault:
    """SSM as the operator sees it."""

    def __init__(self, ssm: Any, url: str) -> None:
        self.ssm, self.url = ssm, url

    def put(self, name: str, value: str) -> None:
        """Store or replace a secret."""
        self.ssm.put_parameter(Name=f"{PATH}/{name}", Value=value, Type="SecureString", Overwrite=True)

    def secrets(self, address: str = "") -> SsmSecrets:
        """As one function's process has them."""
        known = ("shop", "t", "b", "q", "us-east-1", "", "pk_test_shop", "")
        return SsmSecrets(Config(*known, aws_endpoint=address or self.url, secrets_path=PATH))


@pytest.fixture
def vault(whole_stack: TestStack) -> Vault:
    """With both secrets in it."""
    whole_stack.aws.reset()
    made = Vault(whole_stack.aws.client("ssm"), whole_stack.aws.url)
    made.put("stripe_secret_key", "sk_test_first")
    made.put("stripe_webhook_secret", "whsec_first")
    return made


@pytest.fixture
def times() -> Iterator[list[float]]:
    """What time it is; the last entry counts."""
    moments = [float(NOW)]
    before = clock.use(lambda: moments[-1])
    yield moments
    clock.use(before)


def test_both_are_read_decrypted(vault: Vault) -> None:
    secrets = vault.secrets()
    assert (secrets.stripe_key(), secrets.webhook()) == ("sk_test_first", "whsec_first")


def test_a_new_key_is_used_after_five_minutes_at_the_latest(vault: Vault, times: list[float]) -> None:
    secrets = vault.secrets()
    secrets.stripe_key()
    vault.put("stripe_secret_key", "sk_test_second")
    times.append(NOW + KEPT_FOR - 1)
    assert secrets.stripe_key() == "sk_test_first"
    times.append(NOW + KEPT_FOR)
    assert secrets.stripe_key() == "sk_test_second"


def test_a_refused_secret_is_read_again_but_at_most_once_a_minute(vault: Vault, times: list[float]) -> None:
    secrets = vault.secrets()
    secrets.webhook()
    assert secrets.again("whsec_first") is False, "nothing changed"
    vault.put("stripe_webhook_secret", "whsec_second whsec_first")
    times.append(NOW + AGAIN_AFTER - 1)
    assert secrets.again("whsec_first") is False, "asked a moment ago"
    times.append(NOW + AGAIN_AFTER)
    assert secrets.again("whsec_first") is True
    assert secrets.webhook() == "whsec_second whsec_first"


def test_without_a_webhook_secret_the_door_is_closed_and_without_a_key_nothing_is_called(vault: Vault) -> None:
    vault.ssm.delete_parameters(Names=[f"{PATH}/stripe_secret_key", f"{PATH}/stripe_webhook_secret"])
    secrets = vault.secrets()
    with pytest.raises(NotConfigured):
        secrets.stripe_key()
    with pytest.raises(NotConfigured):
        verified_by(secrets, EVENT, signature("", EVENT, NOW), NOW)


def test_a_key_of_the_other_mode_is_refused(vault: Vault) -> None:
    vault.put("stripe_secret_key", "sk_live_oops")
    with pytest.raises(NotConfigured, match="different modes"):
        vault.secrets().stripe_key()


def test_while_ssm_is_out_of_reach_the_known_secrets_serve_past_their_time(
    vault: Vault, times: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    secrets = vault.secrets()
    secrets.stripe_key()
    secrets._provider.client.meta.events.register("before-send.ssm", out_of_reach)
    times.append(NOW + 10 * KEPT_FOR)
    assert secrets.stripe_key() == "sk_test_first"
    assert "the known ones serve" in caplog.text


def test_a_process_that_never_saw_them_says_that_it_is_busy(vault: Vault) -> None:
    secrets = vault.secrets("http://127.0.0.1:9")
    with pytest.raises(Busy):
        secrets.stripe_key()


def out_of_reach(**_: Any) -> None:
    """What botocore meets when the network is gone."""
    from botocore.exceptions import EndpointConnectionError

    raise EndpointConnectionError(endpoint_url="https://ssm")


def test_an_event_under_a_secret_stored_a_moment_ago_is_taken(vault: Vault, times: list[float]) -> None:
    secrets = vault.secrets()
    assert verified_by(secrets, EVENT, signature("whsec_first", EVENT, NOW), NOW)["id"] == "evt_1"
    vault.put("stripe_webhook_secret", "whsec_second whsec_first")
    assert verified_by(secrets, EVENT, signature("whsec_second", EVENT, NOW), NOW)["id"] == "evt_1"
    assert verified_by(secrets, EVENT, signature("whsec_first", EVENT, NOW), NOW)["id"] == "evt_1"
    with pytest.raises(BadRequest):
        verified_by(secrets, EVENT, signature("whsec_forged", EVENT, NOW), NOW)


def test_forged_events_do_not_keep_ssm_busy(vault: Vault, times: list[float]) -> None:
    secrets = vault.secrets()
    secrets.webhook()
    asked: list[str] = []
    secrets._provider.client.meta.events.register("before-call.ssm", lambda model, **_: asked.append(model.name))
    for number in range(50):
        times.append(NOW + number)
        with pytest.raises(BadRequest):
            verified_by(secrets, EVENT, signature("whsec_forged", EVENT, NOW), NOW)
    assert asked == ["GetParameters"]


def gateway(vault: Vault, stack: TestStack) -> tuple[StripeGateway, SsmSecrets]:
    """The portal's way to an empty account at the local Stripe, which refuses any key that is no test key."""
    stack.stripe.reset()
    secrets = vault.secrets()
    config = Config("shop", "t", "b", "q", "us-east-1", "", "pk_test_shop", "", stripe_api_base=stack.stripe.url)
    return StripeGateway(config, secrets), secrets


def test_no_call_fails_while_the_key_is_replaced(vault: Vault, whole_stack: TestStack, times: list[float]) -> None:
    vault.put("stripe_secret_key", "revoked_test_key")
    reader, writer = gateway(vault, whole_stack), gateway(vault, whole_stack)
    for _, secrets in (reader, writer):
        secrets.stripe_key()
    vault.put("stripe_secret_key", "sk_test_second")
    assert writer[0].calls.write("/v1/customers", "key-1", name="Ada")["name"] == "Ada"
    assert [each.name for each in reader[0].find_customers(["ada@mail.example"])] == []
    assert len(list(reader[0].calls.pages("/v1/customers"))) == 1


def test_none_of_many_busy_processes_fails_a_request_while_the_key_in_use_is_replaced_and_revoked(
    vault: Vault, whole_stack: TestStack
) -> None:
    processes = [gateway(vault, whole_stack)[0] for _ in range(6)]
    done, over = [0] * len(processes), Event()

    def busy(number: int) -> None:
        while not over.is_set():
            name = f"{number}-{done[number]}"
            assert processes[number].calls.write("/v1/customers", f"key-{name}", name=name)["name"] == name
            assert next(iter(processes[number].calls.pages("/v1/customers")))
            done[number] += 1

    def further() -> None:
        """Until every process has done two more."""
        wanted, until = [each + 2 for each in done], time.monotonic() + 30
        while any(each < aim for each, aim in zip(done, wanted, strict=True)) and time.monotonic() < until:
            time.sleep(0.01)

    with ThreadPoolExecutor(len(processes)) as pool:
        working = [pool.submit(busy, number) for number in range(len(processes))]
        for old, new in (("sk_test_first", "rk_test_second"), ("rk_test_second", "rk_test_third")):
            further()
            vault.put("stripe_secret_key", new)
            whole_stack.stripe.call("POST", "keys/revoke", {"key": old})
        further()
        over.set()
    assert [each.exception() for each in working] == [None] * len(processes)
    assert min(done) >= 6


def test_forged_events_do_not_hold_up_a_new_key(vault: Vault, whole_stack: TestStack, times: list[float]) -> None:
    vault.put("stripe_secret_key", "revoked_test_key")
    reader, secrets = gateway(vault, whole_stack)
    with pytest.raises(BadRequest):
        verified_by(secrets, EVENT, signature("whsec_forged", EVENT, NOW), NOW)
    vault.put("stripe_secret_key", "sk_test_second")
    assert list(reader.calls.pages("/v1/customers")) == []


def test_who_was_refused_with_a_key_that_is_already_replaced_goes_on_with_the_new_one(vault: Vault) -> None:
    secrets = vault.secrets()
    first = secrets.stripe_key()
    vault.put("stripe_secret_key", "sk_test_second")
    assert [secrets.again(first) for _ in range(3)] == [True, True, True]
    assert secrets.stripe_key() == "sk_test_second"


def test_a_key_that_stays_refused_changes_nothing_and_is_said_to(
    vault: Vault, whole_stack: TestStack, caplog: pytest.LogCaptureFixture
) -> None:
    vault.put("stripe_secret_key", "revoked_test_key")
    refused, _ = gateway(vault, whole_stack)
    with pytest.raises(StripeUnavailable):
        refused.calls.write("/v1/customers", "key-1", name="Ada")
    with pytest.raises(StripeUnavailable):
        refused.customer("cus_1")
    assert "stripe refuses the key" in caplog.text
