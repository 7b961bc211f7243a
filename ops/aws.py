"""The operator's way to AWS: clients for one account and region, and AWS's refusals in one line each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError

from ops.stage import Stage, Trouble

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
STALE = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}


class Account:
    """One AWS account in one region, by the credentials and region of the environment."""

    def __init__(self) -> None:
        self.region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _configured_region()
        if not self.region:
            raise Trouble("No region is set: choose one and set it, such as AWS_REGION=eu-west-1")
        self.client = cache(self._client)
        with plainly("ask which account this is"):
            self.id = str(self.client("sts").get_caller_identity()["Account"])

    def stage(self, name: str) -> Stage:
        """A stage in this account. Raises Trouble for an impossible name."""
        return Stage(name, self.id, self.region)

    def _client(self, service: str) -> Any:
        limits = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 4, "mode": "standard"})
        return boto3.client(service, region_name=self.region, config=limits)


def _configured_region() -> str:
    return boto3.Session().region_name or ""


@contextmanager
def plainly(doing: str) -> Iterator[None]:
    """AWS's errors as Trouble that says what was being done and what to do about it."""
    try:
        yield
    except NoCredentialsError as error:
        raise Trouble(f"There are no AWS credentials to {doing}: run `aws configure` or set AWS_PROFILE") from error
    except NoRegionError as error:
        raise Trouble("No region is set: choose one and set it, such as AWS_REGION=eu-west-1") from error
    except EndpointConnectionError as error:
        raise Trouble(f"AWS could not be reached to {doing}: {error}") from error
    except ClientError as error:
        raise Trouble(_refusal(doing, error)) from error
    except BotoCoreError as error:
        raise Trouble(f"AWS could not {doing}: {error}") from error


def code_of(error: ClientError) -> str:
    """The error's code, such as ResourceNotFoundException."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refusal(doing: str, error: ClientError) -> str:
    code, message = code_of(error), error.response.get("Error", {}).get("Message", "")
    if code in DENIED:
        return f"Your AWS credentials may not {doing} ({error.operation_name}): {message}"
    if code in STALE:
        return f"Your AWS credentials are not valid any more; sign in again, then {doing}"
    return f"AWS refused to {doing} ({error.operation_name}, {code}): {message}"
