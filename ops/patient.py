"""The stage that is looked at: its clients, and what several checks need to know of it."""

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import stripe
from msgspec.structs import replace

from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.sync import Sync
from chalicelib.config import Config
from chalicelib.settings.merchant import Settings
from chalicelib.storage import table
from chalicelib.storage.mirror import DynamoMirror
from chalicelib.storage.secrets import secrets_of
from chalicelib.storage.settings import SettingsStore
from ops import webhook_endpoint
from ops.aws import Account
from ops.cloudformation import DataStack
from ops.configuration import ROOT, Choices
from ops.secret_store import STRIPE_KEY, SecretStore
from ops.stage import Stage, Trouble

# TXT records of a name. Raises Trouble when nobody can be asked.
Texts = Callable[[str], Sequence[str]]


class Untouched:
    """Rights are told of nothing here: comparing changes nobody's address."""

    def customer_changed(self, before: object, after: object) -> None:
        """Never called while only comparing."""
        raise NotImplementedError


class Patient:
    """One stage under examination. Nothing is asked of anybody before a check wants to know it."""

    def __init__(self, account: Account, stage: Stage, choices: Choices, texts: Texts, root: Path = ROOT) -> None:
        self.account, self.stage, self.choices, self.texts, self.root = account, stage, choices, texts, root
        self.client = account.client
        self.secrets = SecretStore(account, stage)

    def command(self, name: str) -> str:
        """How the operator runs one of our commands for this stage."""
        return f"python -m ops {name} {self.stage.name}"

    @cached_property
    def sender(self) -> str:
        """The domain or address mails come from."""
        found = DataStack(self.account, self.stage.data_stack).outputs().get("Sender", "")
        if not found:
            raise Trouble(f"the stack {self.stage.data_stack} names no sender")
        return found

    @cached_property
    def settings(self) -> Settings:
        """The applied settings. Raises NotConfigured while there are none."""
        table.connect(self.config)
        return SettingsStore().read()

    @cached_property
    def operator(self) -> stripe.StripeClient:
        """Stripe under the operator's own key. Raises Trouble without it."""
        return webhook_endpoint.operator(self.choices.publishable_key)

    @cached_property
    def stripe(self) -> stripe.StripeClient:
        """Stripe under the key of the running portal. Raises Trouble when none is stored."""
        base: Any = {"api": self.config.stripe_api_base} if self.config.stripe_api_base else None
        return stripe.StripeClient(self._stored_key(), base_addresses=base, max_network_retries=1)

    @cached_property
    def mirror(self) -> DynamoMirror:
        """What the portal shows."""
        table.connect(self.config)
        return DynamoMirror()

    @cached_property
    def sync(self) -> Sync:
        """Compares the mirror with Stripe. A class that was stored is kept, so none is worked out here."""
        config = self.config_with_key
        gateway = StripeGateway(config, secrets_of(config))
        return Sync(gateway, self.mirror, Untouched(), lambda facts, schedule: facts.mark or "subscription")

    @cached_property
    def config(self) -> Config:
        """The stage's, without its secrets."""
        stage, base = self.stage, os.environ.get("STRIPE_API_BASE", "")
        known = (stage.name, stage.table, stage.bucket, stage.queue, stage.region)
        return Config(*known, "", self.choices.publishable_key, "", stripe_api_base=base)

    @cached_property
    def config_with_key(self) -> Config:
        """The same with the Stripe key of the running portal. Raises Trouble when none is stored."""
        return replace(self.config, stripe_secret_key=self._stored_key())

    def _stored_key(self) -> str:
        key = self.secrets.read(STRIPE_KEY)
        if not key:
            raise Trouble("no Stripe key is stored")
        return key
