"""What Chalice cannot set, after each deployment: the gateway's own error pages, partial batch answers, settings."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from chalicelib.config import Config
from chalicelib.errors import NotConfigured
from chalicelib.settings.merchant import Settings
from chalicelib.storage import table
from chalicelib.storage.settings import SettingsStore
from chalicelib.storage.vault import S3Vault
from ops import gateway_pages, settings_file
from ops.aws import Account, code_of, plainly
from ops.configuration import ROOT, Choices
from ops.stage import Stage, Trouble

GATEWAY_STAGE = "api"


class Finish:
    """One deployed stage being finished. `public_url` overrides where it is reached (behind a CDN of your own)."""

    def __init__(
        self, account: Account, stage: Stage, choices: Choices, public_url: str = "", root: Path = ROOT
    ) -> None:
        self._account, self._stage, self._choices, self._root = account, stage, choices, root
        deployed = deployed_resources(stage, root)
        self._api = str(deployed["rest_api"]["rest_api_id"])
        self._mappings = [str(each["event_uuid"]) for name, each in deployed.items() if "event_uuid" in each]
        self.public_url = public_url or self._address()

    def apply(self) -> Iterator[str]:
        """Do it, saying what was done. Running it again changes nothing that is right already."""
        self._answer_partially()
        yield "failed messages come again one by one"
        gateway_pages.put(self._account.client("apigateway"), self._api, GATEWAY_STAGE, bool(self._choices.domain))
        yield "the gateway's own refusals are pages, too"
        settings = self.settings(only_missing=True)
        yield f"{settings.company.name} is served at {settings.public_url}"

    def settings(self, only_missing: bool = False) -> Settings:
        """Store the settings file, or with `only_missing` just the address when there are settings already."""
        config = self._config()
        table.connect(config)
        store, vault = SettingsStore(), S3Vault(config)
        with plainly("store the settings"):
            try:
                settings = replace(store.read(), public_url=self.public_url)
            except NotConfigured:
                only_missing = False
            if not only_missing:
                file = self._root / f"settings.{self._stage.name}.yaml"
                settings = settings_file.read(file, self.public_url, vault.put)
            store.write(settings)
        return settings

    def _answer_partially(self) -> None:
        """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""
        for mapping in self._mappings:
            with plainly("set how failed messages are reported"):
                self._account.client("lambda").update_event_source_mapping(
                    UUID=mapping, FunctionResponseTypes=["ReportBatchItemFailures"]
                )

    def _address(self) -> str:
        if self._choices.domain:
            return f"https://{self._choices.domain}"
        return f"https://{self._api}.execute-api.{self._stage.region}.amazonaws.com/{GATEWAY_STAGE}"

    def _config(self) -> Config:
        stage = self._stage
        known = (stage.name, stage.table, stage.bucket, stage.queue, stage.region)
        return Config(*known, "", self._choices.publishable_key, "")


def deployed_resources(stage: Stage, root: Path = ROOT) -> dict[str, Any]:
    """What Chalice remembers of its last deployment, by resource name. Raises Trouble when there was none."""
    file = root / ".chalice" / "deployed" / f"{stage.name}.json"
    try:
        resources = json.loads(file.read_text())["resources"]
    except FileNotFoundError as error:
        raise Trouble(f"Nothing is deployed yet: chalice deploy --stage {stage.name}") from error
    return {each["name"]: each for each in resources}


def is_deployed(account: Account, stage: Stage) -> bool:
    """Whether the API function exists."""
    try:
        account.client("lambda").get_function_configuration(FunctionName=stage.function("api_handler"))
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return False
        with plainly("look for the deployed functions"):
            raise
    return True
