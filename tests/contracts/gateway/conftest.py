"""The real gateway over HTTP against the local Stripe, and a shop that fills it."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import stripe

from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.config import Config
from local.stripe.server import Server

KEY = "sk_test_gateway"


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def gateway(server: Server) -> StripeGateway:
    return StripeGateway(
        Config(
            stage="test",
            table="",
            bucket="",
            queue="",
            region="us-east-1",
            stripe_secret_key=KEY,
            stripe_publishable_key="pk_test_gateway",
            stripe_webhook_secret="",
            stripe_api_base=server.url,
            aws_endpoint=server.url,
        )
    )


@pytest.fixture
def shop(server: Server) -> SimpleNamespace:
    """A customer with a Visa, a membership at 49.00 a month, and the client that made them."""
    v1 = stripe.StripeClient(KEY, base_addresses={"api": server.url}).v1
    customer = v1.customers.create({"email": "Ada@Example.com", "name": "Ada Lovelace"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    product = v1.products.create({"name": "Studio Membership"})
    price = v1.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": 4900, "recurring": {"interval": "month"}}
    )
    membership = v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    return SimpleNamespace(v1=v1, customer=customer.id, card=card.id, price=price.id, membership=membership.id)
