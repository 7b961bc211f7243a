"""Taking a stage away: what customers reach goes at once, what they bought stays unless it is asked for too."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from ops import webhook_endpoint
from ops.aws import Account, code_of, plainly
from ops.cloudformation import DataStack
from ops.configuration import ROOT, Choices, Configuration
from ops.deploy import run_chalice
from ops.finish import is_deployed
from ops.secret_store import SecretStore
from ops.stage import Stage, Trouble

GONE = {"ResourceNotFoundException", "NoSuchBucket"}


class Destroy:
    """One stage being removed."""

    def __init__(self, account: Account, stage: Stage, choices: Choices, root: Path = ROOT) -> None:
        self._account, self._stage, self._choices, self._root = account, stage, choices, root

    def apply(self, data_too: bool, yes: bool) -> Iterator[str]:
        """Ask, then remove, saying what was done. Running it again goes on where it stopped."""
        stage = self._stage
        if not yes:
            confirm(stage, data_too)
        if os.environ.get("STRIPE_OPERATOR_KEY"):
            webhook_endpoint.remove(stage, self._choices.publishable_key)
            yield "Stripe sends nothing here any more"
        else:
            yield "the webhook endpoint at Stripe stays; remove it there, or set STRIPE_OPERATOR_KEY and run this again"
        if is_deployed(self._account, stage):
            run_chalice(stage, "delete", root=self._root)
            yield "the portal is removed"
        if data_too:
            yield from self._data()
        else:
            yield f"the table, the bucket and the secrets of {stage.name} are kept; --data-too removes them as well"

    def _data(self) -> Iterator[str]:
        stage = self._stage
        stack = DataStack(self._account, stage.data_stack)
        if stack.status():
            stack.remove()
        SecretStore(self._account, stage).forget()
        self._empty_bucket()
        self._drop("dynamodb", "delete_table", TableName=stage.table)
        self._drop("s3", "delete_bucket", Bucket=stage.bucket)
        Configuration(self._root).forget(stage)
        yield f"all data of {stage.name} is removed; settings.{stage.name}.yaml is left to you"

    def _empty_bucket(self) -> None:
        s3 = self._account.client("s3")
        try:
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self._stage.bucket):
                found = [{"Key": each["Key"]} for each in page.get("Contents", [])]
                if found:
                    s3.delete_objects(Bucket=self._stage.bucket, Delete={"Objects": found})
        except ClientError as error:
            self._unless_gone(error, "empty the bucket")

    def _drop(self, service: str, operation: str, **params: str) -> None:
        try:
            getattr(self._account.client(service), operation)(**params)
        except ClientError as error:
            self._unless_gone(error, "remove the data")

    @staticmethod
    def _unless_gone(error: ClientError, doing: str) -> None:
        if code_of(error) not in GONE:
            with plainly(doing):
                raise error


def confirm(stage: Stage, data_too: bool) -> None:
    """The stage's name has to be typed. Raises Trouble otherwise."""
    what = "the portal AND ALL ITS DATA" if data_too else "the portal; its data stays"
    if not sys.stdin.isatty():
        raise Trouble(f"This removes {what}. Add --yes to say that it is meant")
    if input(f"This removes {what}. Type {stage.name} to go on: ").strip() != stage.name:
        raise Trouble("Nothing was removed")
