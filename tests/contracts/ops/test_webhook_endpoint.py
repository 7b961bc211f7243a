"""The stage's endpoint at Stripe, and its secrets, from the first deployment to the next version of the API."""

from collections.abc import Iterator

import pytest
import stripe

from chalicelib import clock
from chalicelib.billing import wanted_events
from chalicelib.billing.sync import KIND_OF_OBJECT
from ops import webhook_endpoint
from ops.aws import Account
from ops.secret_store import WEBHOOK_SECRET, SecretStore
from ops.stage import Stage, Trouble
from tests.stack import TestStack

URL, KEY = "http://127.0.0.1:9/api", "pk_test_local"


@pytest.fixture
def stage(whole_stack: TestStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose operator has a key, with an empty account at Stripe and at AWS."""
    whole_stack.stripe.reset()
    whole_stack.aws.reset()
    monkeypatch.setenv("STRIPE_OPERATOR_KEY", "sk_test_operator")
    monkeypatch.setenv("STRIPE_API_BASE", whole_stack.stripe.url)
    before = clock.use(whole_stack.clock.now)
    yield Account().stage("shop")
    clock.use(before)


@pytest.fixture
def store(stage: Stage) -> SecretStore:
    """Where the secret goes."""
    return SecretStore(Account(), stage)


def endpoints(stage: Stage) -> list[stripe.WebhookEndpoint]:
    """What Stripe has of this stage, newest first."""
    return list(webhook_endpoint.made_for(stage, webhook_endpoint.operator(KEY).v1.webhook_endpoints))


def test_it_wants_exactly_the_events_we_follow_in_the_version_we_read(stage: Stage, store: SecretStore) -> None:
    list(webhook_endpoint.register(store, stage, URL, KEY))
    (made,) = endpoints(stage)
    assert made.url == f"{URL}/webhooks/stripe"
    assert tuple(sorted(made.enabled_events)) == wanted_events.WANTED
    assert made.api_version == stripe.api_version
    assert store.read(WEBHOOK_SECRET).startswith("whsec_")


def test_every_wanted_event_tells_of_something_we_show_and_every_kind_is_told_of() -> None:
    kinds = {"customer.subscription": "subscription"}
    told = {kinds.get(name.rpartition(".")[0], name.rpartition(".")[0]) for name in wanted_events.WANTED}
    assert told == set(KIND_OF_OBJECT)
    assert list(wanted_events.WANTED) == sorted(set(wanted_events.WANTED))


def test_a_second_run_changes_nothing(stage: Stage, store: SecretStore) -> None:
    list(webhook_endpoint.register(store, stage, URL, KEY))
    before = (endpoints(stage)[0].to_dict(), store.read(WEBHOOK_SECRET))
    assert list(webhook_endpoint.register(store, stage, URL, KEY)) == ["Stripe sends its events here"]
    assert (endpoints(stage)[0].to_dict(), store.read(WEBHOOK_SECRET)) == before


def test_events_that_somebody_took_away_are_asked_for_again(stage: Stage, store: SecretStore) -> None:
    list(webhook_endpoint.register(store, stage, URL, KEY))
    service = webhook_endpoint.operator(KEY).v1.webhook_endpoints
    service.update(endpoints(stage)[0].id, {"enabled_events": ["invoice.paid"], "disabled": True})
    list(webhook_endpoint.register(store, stage, URL, KEY))
    (now,) = endpoints(stage)
    assert (tuple(sorted(now.enabled_events)), now.status) == (wanted_events.WANTED, "enabled")


def test_another_address_gets_another_endpoint_and_for_an_hour_both_secrets_hold(
    stage: Stage, store: SecretStore, whole_stack: TestStack
) -> None:
    list(webhook_endpoint.register(store, stage, URL, KEY))
    first = store.read(WEBHOOK_SECRET)
    said = list(webhook_endpoint.register(store, stage, f"{URL}/new", KEY))
    assert "stays for an hour" in said[-1]
    newer, older = store.read(WEBHOOK_SECRET).split()
    assert older == first
    assert len(endpoints(stage)) == 2

    list(webhook_endpoint.register(store, stage, f"{URL}/new", KEY))
    assert len(endpoints(stage)) == 2
    whole_stack.clock.move_to(whole_stack.clock.later("PT61M"))
    list(webhook_endpoint.register(store, stage, f"{URL}/new", KEY))
    (left,) = endpoints(stage)
    assert left.url == f"{URL}/new/webhooks/stripe"
    assert store.read(WEBHOOK_SECRET) == newer


def test_endpoints_of_others_are_left_alone(stage: Stage, store: SecretStore) -> None:
    service = webhook_endpoint.operator(KEY).v1.webhook_endpoints
    other = service.create({"url": "http://127.0.0.1:9/else", "enabled_events": ["invoice.paid"]})
    list(webhook_endpoint.register(store, stage, URL, KEY))
    webhook_endpoint.remove(stage, KEY)
    assert [each.id for each in service.list().data] == [other.id]


@pytest.mark.parametrize("key", ["", "sk_live_operator", "pk_test_local_is_no_secret"])
def test_only_the_operators_own_key_of_the_same_mode_will_do(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("STRIPE_OPERATOR_KEY", key)
    with pytest.raises(Trouble, match="STRIPE_OPERATOR_KEY"):
        webhook_endpoint.operator(KEY)
