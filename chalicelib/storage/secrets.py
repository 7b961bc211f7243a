"""The stage's secrets: in SSM on AWS, in the environment on a developer's machine."""

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib import clock
from chalicelib.billing.secrets import Secrets
from chalicelib.config import Config
from chalicelib.errors import Busy, NotConfigured

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SSMProvider

log = logging.getLogger(__name__)
STRIPE_KEY, WEBHOOK = "stripe_secret_key", "stripe_webhook_secret"
KEPT_FOR, AGAIN_AFTER = 300, 60


def secrets_of(config: Config) -> Secrets:
    """Where this stage keeps them."""
    return SsmSecrets(config) if config.secrets_path else GivenSecrets(config)


class GivenSecrets:
    """As the environment has them; they do not change while the process lives."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def stripe_key(self) -> str:
        """The environment's."""
        return self._config.stripe_secret_key

    def webhook(self) -> str:
        """The environment's."""
        return self._config.stripe_webhook_secret

    def again(self, refused: str) -> bool:
        """Nothing changes."""
        return False


class SsmSecrets:
    """Encrypted parameters below the stage's path, read when first needed and kept for five minutes.

    When SSM is out of reach the last ones known go on serving: old keys are better than no portal.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._known: dict[str, str] = {}
        self._read_at = float("-inf")
        self._refused: dict[str, float] = {}

    def stripe_key(self) -> str:
        """Raises NotConfigured when none was stored, or one of the other mode than the publishable key."""
        key = self._fresh().get(STRIPE_KEY, "")
        if not key:
            raise NotConfigured("no Stripe key is stored")
        if ("_live_" in key) is not self._config.livemode:
            raise NotConfigured("the stored Stripe key and the publishable key are of different modes")
        return key

    def webhook(self) -> str:
        """One secret, or two while rotating."""
        return self._fresh().get(WEBHOOK, "")

    def again(self, refused: str) -> bool:
        """At most once a minute for each, so that forged events neither keep SSM busy nor hold up a new key."""
        now = clock.now()
        if self._holds(refused) and not 0 <= now - self._refused.get(refused, float("-inf")) < AGAIN_AFTER:
            self._refused = {**self._refused, refused: now}
            self._read(now)
        return not self._holds(refused)

    def _holds(self, secret: str) -> bool:
        return secret in (self._known.get(STRIPE_KEY, ""), self._known.get(WEBHOOK, ""))

    def _fresh(self) -> dict[str, str]:
        now = clock.now()
        if not 0 <= now - self._read_at < KEPT_FOR:
            self._read(now)
        return self._known

    def _read(self, now: float) -> None:
        from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
        from botocore.exceptions import BotoCoreError, ClientError

        wanted: dict[str, dict[str, Any]] = {
            f"{self._config.secrets_path}/{name}": {} for name in (STRIPE_KEY, WEBHOOK)
        }
        try:
            # its own cache would hide a rotation; ours knows when to look past it
            found = self._provider.get_parameters_by_name(wanted, decrypt=True, max_age=-1, raise_on_error=False)
        except (BotoCoreError, ClientError, GetParameterError) as error:
            if not self._known:
                raise Busy from error
            log.warning(
                "secrets could not be read again; the known ones serve", extra={"trouble": type(error).__name__}
            )
        else:
            self._known = {str(name).rpartition("/")[2]: str(value) for name, value in found.items() if name in wanted}
        self._read_at = now

    @cached_property
    def _provider(self) -> "SSMProvider":
        import boto3
        from aws_lambda_powertools.utilities.parameters import SSMProvider
        from botocore.config import Config as Limits

        limits = Limits(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"})
        endpoint = self._config.aws_endpoint or None
        client = boto3.client("ssm", region_name=self._config.region, endpoint_url=endpoint, config=limits)
        return SSMProvider(boto3_client=client)
