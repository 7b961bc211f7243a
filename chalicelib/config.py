"""Environment, read once into a frozen record. The only place that reads `os.environ`."""

import os
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Struct

from chalicelib.errors import NotConfigured

STRIPE_JS = "https://js.stripe.com/endive/stripe.js"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Config(Struct, frozen=True):
    """What a stack needs to know before it can serve. Empty addresses mean the real services."""

    stage: str
    table: str
    bucket: str
    queue: str
    region: str
    stripe_secret_key: str
    stripe_publishable_key: str
    stripe_webhook_secret: str
    stripe_api_base: str = ""
    stripe_js_url: str = STRIPE_JS
    aws_endpoint: str = ""
    ses_endpoint: str = ""
    secrets_path: str = ""

    @property
    def local(self) -> bool:
        """True when every outside address is this machine."""
        return bool(self.stripe_api_base and self.aws_endpoint)

    @property
    def livemode(self) -> bool:
        """The mode of the Stripe account, as the publishable key names it; what is of the other mode is refused."""
        return "_live_" in self.stripe_publishable_key

    @property
    def stripe_js_origin(self) -> str:
        """Origin the page may load Stripe's script and frames from."""
        parts = urlsplit(self.stripe_js_url)
        return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=1)
def load() -> Config:
    """Read the environment. Raises NotConfigured naming what is missing or inconsistent.

    With SECRETS_PATH the secrets lie in SSM, and none that stands in the environment counts.
    """
    path = os.environ.get("SECRETS_PATH", "")
    config = Config(
        stage=_need("STAGE"),
        table=_need("TABLE"),
        bucket=_need("BUCKET"),
        queue=_need("QUEUE"),
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        stripe_secret_key="" if path else _need("STRIPE_SECRET_KEY"),
        stripe_publishable_key=_need("STRIPE_PUBLISHABLE_KEY"),
        stripe_webhook_secret="" if path else os.environ.get("STRIPE_WEBHOOK_SECRET", ""),
        stripe_api_base=os.environ.get("STRIPE_API_BASE", ""),
        stripe_js_url=os.environ.get("STRIPE_JS_URL") or STRIPE_JS,
        aws_endpoint=os.environ.get("AWS_ENDPOINT_URL", ""),
        ses_endpoint=os.environ.get("AWS_ENDPOINT_URL_SESV2", ""),
        secrets_path=path,
    )
    _check_overrides(config)
    return config


def queue_name() -> str:
    """Name of this stack's work queue, needed while `app.py` is imported."""
    return os.environ.get("QUEUE", "tillkey-unset")


def on_lambda() -> bool:
    """Whether AWS Lambda runs us (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html)."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def _need(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise NotConfigured(f"{name} is not set")
    return value


def _check_overrides(config: Config) -> None:
    """An address override is only for a stack that lies wholly on this machine, but for Stripe's test mode."""
    real_js = STRIPE_JS.rsplit("/", 2)[0]
    addresses = [config.stripe_api_base, config.aws_endpoint, config.ses_endpoint]
    if not config.stripe_js_url.startswith(real_js):
        addresses.append(config.stripe_js_url)
    given = [a for a in addresses if a]
    if any(urlsplit(a).hostname not in LOOPBACK for a in given):
        raise NotConfigured("address overrides must all point at this machine")
    live = "_live_" in config.stripe_secret_key
    if given and (live or config.livemode):
        raise NotConfigured("a live Stripe key never meets a local Stripe or an emulated AWS")
    if config.stripe_secret_key and live is not config.livemode:
        raise NotConfigured("the Stripe keys are of different modes")
