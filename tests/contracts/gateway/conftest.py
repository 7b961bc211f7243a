"""The real gateway over HTTP, and a shop that fills the account behind it: the local Stripe's, or a real one.

With `--stripe ADDRESS` and a test key in STRIPE_SECRET_KEY those tests run that do not ask for `server`: through it
others move the local Stripe's clock or break it, which nobody can do to a real one.
"""

import contextlib
import inspect
import os
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import stripe

from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.config import Config
from chalicelib.storage.secrets import GivenSecrets
from local.stripe.server import Server
from local.stripe_account import SECRET, TEST_SECRET

LEFT_OUT = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--stripe ADDRESS`."""
    parser.addoption("--stripe", metavar="ADDRESS", default="", help="the Stripe API to try, instead of the local one")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Against a real Stripe only with a test key: without one nothing runs, and that is a failure."""
    if not config.getoption("stripe") or TEST_SECRET.fullmatch(os.environ.get(SECRET, "")):
        return None
    print(f"NOT RUN: needs {SECRET}=sk_test_… (or rk_test_…) of a Stripe account in test mode", file=sys.stderr)
    return 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    """Leave out what needs power over Stripe that only the local one gives."""
    if not config.getoption("stripe", ""):
        return
    left_out = [item for item in items if "server" in inspect.signature(item.function).parameters]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = len(left_out)


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """How many were left out."""
    number = config.stash.get(LEFT_OUT, 0)
    return [f"{number} tests left out: they move the local Stripe's clock or break it"] if number else []


@pytest.fixture
def real(pytestconfig: pytest.Config) -> str:
    """Address of the Stripe API to try; "" for the local one."""
    return str(pytestconfig.getoption("stripe", ""))


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def address(real: str, request: pytest.FixtureRequest) -> str:
    return real or str(request.getfixturevalue("server").url)


@pytest.fixture
def key(real: str) -> str:
    return os.environ[SECRET] if real else "sk_test_gateway"


@pytest.fixture
def gateway(address: str, key: str) -> StripeGateway:
    config = Config(
        stage="test",
        table="",
        bucket="",
        queue="",
        region="us-east-1",
        stripe_secret_key=key,
        stripe_publishable_key="pk_test_gateway",
        stripe_webhook_secret="",
        stripe_api_base=address,
        aws_endpoint=address,
    )
    return StripeGateway(config, GivenSecrets(config))


@pytest.fixture
def shop(address: str, key: str, real: str) -> Iterator[SimpleNamespace]:
    """A customer with a Visa, a membership at 49.00 a month, and the client that made them."""
    v1 = stripe.StripeClient(key, base_addresses={"api": address}).v1
    customer = v1.customers.create({"email": "Ada@Example.com", "name": "Ada Lovelace"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    product = v1.products.create({"name": "Studio Membership"})
    price = v1.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": 4900, "recurring": {"interval": "month"}}
    )
    membership = v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    yield SimpleNamespace(v1=v1, customer=customer.id, card=card.id, price=price.id, membership=membership.id)
    if real:
        v1.products.update(product.id, {"active": False})
        with contextlib.suppress(stripe.InvalidRequestError):  # one test has deleted it itself
            v1.customers.delete(customer.id)
