"""Everything a stage needs before `chalice deploy`: the data stack, its configuration and policies, a settings file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from botocore.exceptions import ClientError

from ops import data_stack, policies, settings_file
from ops.aws import Account, code_of, plainly
from ops.cloudformation import DataStack
from ops.configuration import ROOT, Choices, Configuration
from ops.stage import Stage, Trouble

ADDRESS = re.compile(r"[^@\s]+@[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
CERTIFICATE = re.compile(r"arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+")


@dataclass(frozen=True)
class Wishes:
    """What the operator asked for; "" leaves what was chosen before."""

    sender: str = ""
    publishable_key: str = ""
    architecture: str = ""
    domain: str = ""
    certificate: str = ""
    tracing: str = ""


class Provision:
    """One stage being made or brought up to date."""

    def __init__(self, account: Account, stage: Stage, wishes: Wishes, root: Path = ROOT) -> None:
        self._account, self._stage, self._root = account, stage, root
        self._stack = DataStack(account, stage.data_stack)
        self._configuration = Configuration(root)
        self._choices = checked(merged(self._configuration.choices(stage), wishes))
        known = self._stack.outputs()
        self._address = wishes.sender or known.get("AlarmsTo", "")
        if not ADDRESS.fullmatch(self._address):
            raise Trouble("Which address shall mails come from? Add --from support@your-domain.example")
        self._sender = self._address.rpartition("@")[2].lower()
        self._owned = known.get("OwnsSender") == "yes" or not self._known_to_ses()

    def plan(self) -> Iterator[str]:
        """One line for everything that would be made or changed."""
        yield from self._stack.plan(self._template())
        if not self._settings_file.exists():
            yield f"write   {self._settings_file.name}"
        if self._configuration.choices(self._stage) != self._choices:
            yield f"write   .chalice/config.json and {len(policies.PARTS)} policies"

    def apply(self) -> Iterator[str]:
        """Do it, saying what was done. Running it again changes nothing that is right already."""
        made = self._stack.apply(self._template())
        yield f"the stack {self._stage.data_stack} is {'ready' if made else 'as it should be'}"
        keep_restorable(self._account, self._stage)
        may = policies.documents(self._stage, self._sender, traced=self._choices.tracing == "on")
        written = self._configuration.write(self._stage, self._choices, may)
        yield f"wrote {', '.join(written)}" if written else "the configuration is as it should be"
        if not self._settings_file.exists():
            self._settings_file.write_text(settings_file.skeleton(self._stage.name, self._address))
            yield f"wrote {self._settings_file.name}: fill it in"

    @property
    def _settings_file(self) -> Path:
        return self._root / f"settings.{self._stage.name}.yaml"

    def _template(self) -> dict[str, object]:
        return data_stack.template(self._stage, self._sender, self._address, self._owned)

    def _known_to_ses(self) -> bool:
        """The domain is in SES already, made by another stage or by hand: it is used and left alone."""
        try:
            self._account.client("sesv2").get_email_identity(EmailIdentity=self._sender)
        except ClientError as error:
            if code_of(error) == "NotFoundException":
                return False
            with plainly("look at your sender addresses"):
                raise
        return True


def keep_restorable(account: Account, stage: Stage) -> None:
    """Sweeping and point-in-time recovery are on, even if somebody turned them off beside the stack."""
    client = account.client("dynamodb")
    with plainly("look after the table"):
        ttl = client.describe_time_to_live(TableName=stage.table)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if ttl not in {"ENABLED", "ENABLING"}:
            on = {"AttributeName": "ttl", "Enabled": True}
            client.update_time_to_live(TableName=stage.table, TimeToLiveSpecification=on)
        backups = client.describe_continuous_backups(TableName=stage.table)["ContinuousBackupsDescription"]
        if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
            wanted = {"PointInTimeRecoveryEnabled": True}
            client.update_continuous_backups(TableName=stage.table, PointInTimeRecoverySpecification=wanted)


def merged(known: Choices | None, wishes: Wishes) -> Choices:
    """What was chosen before, with the new wishes over it."""
    before = known or Choices("")
    given = {
        name: value
        for name in ("publishable_key", "architecture", "domain", "certificate", "tracing")
        if (value := getattr(wishes, name))
    }
    return replace(before, **given)


def checked(choices: Choices) -> Choices:
    """Raises Trouble for what cannot work."""
    if not re.fullmatch(r"pk_(test|live)_\w+", choices.publishable_key):
        raise Trouble("Which Stripe account? Add --publishable-key pk_test_… or pk_live_… from its API keys page")
    if choices.domain and not DOMAIN.fullmatch(choices.domain):
        raise Trouble(f"{choices.domain!r} is no host name; --domain wants one such as billing.your-domain.example")
    if bool(choices.domain) != bool(CERTIFICATE.fullmatch(choices.certificate)):
        raise Trouble("--domain and --certificate go together; the certificate's ARN is in ACM, in this region")
    return choices
