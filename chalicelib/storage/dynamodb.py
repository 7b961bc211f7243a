"""The one DynamoDB client. Hot reads use it as it is, for models cost a cold start; `table.py` shares it with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from chalicelib.config import Config
from chalicelib.errors import Busy

CONNECT_SECONDS, READ_SECONDS, RETRIES = 2, 4, 2
THROTTLED = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
    # as reasons of a cancelled transaction
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
}
_connected: Config | None = None


def connect(config: Config) -> None:
    """Which stack's table is meant from now on. Makes no call."""
    global _connected
    _connected = config


def table_name() -> str:
    """The stack's one table."""
    return _config().table


def client() -> Any:
    """The shared botocore client."""
    config = _config()
    return _client(config.region, config.aws_endpoint)


def get(pk: str, sk: str, strong: bool) -> dict[str, Any]:
    """One item with its typed attributes; empty when there is none."""
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    with storage_errors():
        answer = client().get_item(TableName=table_name(), Key=key, ConsistentRead=strong)
    found: dict[str, Any] = answer.get("Item") or {}
    return found


@contextmanager
def storage_errors() -> Iterator[None]:
    """Throttling and lost connections that outlasted the client's retries become Busy; all else stays what it is."""
    try:
        yield
    except BotoCoreError as error:
        raise Busy from error
    except ClientError as error:
        if error.response["Error"].get("Code") in THROTTLED:
            raise Busy from error
        raise


@lru_cache(maxsize=1)
def _client(region: str, endpoint: str) -> Any:
    config = ClientConfig(
        # what is sent is ours and small: checking and packing it and naming botocore's parts is a third of a call
        parameter_validation=False,
        disable_request_compression=True,
        user_agent="tillkey",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1 + RETRIES, "mode": "standard"},
    )
    return get_session().create_client("dynamodb", region, endpoint_url=endpoint or None, config=config)


def _config() -> Config:
    if _connected is None:
        raise RuntimeError("not connected to a table")
    return _connected
