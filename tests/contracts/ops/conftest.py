"""A folder that stands for the merchant's clone, and the emulated AWS as their account."""

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from ops.aws import Account
from ops.configuration import ROOT
from ops.provision import Provision, Wishes
from tests.stack import TestStack

WISHES = Wishes(sender="help@northlight.example", publishable_key="pk_test_local")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Chalice's configuration as it is in the repository."""
    (tmp_path / ".chalice").mkdir()
    shutil.copy(ROOT / ".chalice" / "config.json", tmp_path / ".chalice" / "config.json")
    return tmp_path


@cache
def known_account(url: str) -> Account:
    """The same clients for all tests: making one takes longer than most calls."""
    return Account()


@pytest.fixture
def account(whole_stack: TestStack, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account in which nothing is yet, its SES included (the portal's own mails go to the outbox)."""
    monkeypatch.delenv("AWS_ENDPOINT_URL_SESV2")
    whole_stack.aws.reset()
    return known_account(whole_stack.aws.url)


@pytest.fixture
def provision(account: Account, clone: Path) -> Callable[..., Provision]:
    """A stage being provisioned; the name and other wishes may be given."""

    def made(name: str = "shop", wishes: Wishes = WISHES) -> Provision:
        return Provision(account, account.stage(name), wishes, clone)

    return made


def config_of(clone: Path, stage: str = "shop") -> dict[str, object]:
    """What Chalice would read for a stage."""
    found: dict[str, object] = json.loads((clone / ".chalice" / "config.json").read_text())["stages"][stage]
    return found
