"""Somebody with a checkout of this repository and an AWS account, who types the commands of the guide."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.deployed.emulator import REGION, ROOT

CHECKOUT = ("app.py", "chalicelib", "templates", "vendor", "ops", "requirements.txt")
ON_PATH = Path(__file__).with_name("on_path")
PACKAGES = ROOT / ".cache" / "packages"
# the smallest picture there is, followed by what would not survive being taken for text
LOGO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
) + bytes(range(256))
SETTINGS = """\
company:
  name: {name}
  support_email: help@{stage}.example
  address: [12 Harbour Lane, Bristol]
  tax_id: GB123456789
brand:
  colour: "#4f46e5"
  logo: logo.png
self_cancel: true
locale: en
time_zone: Europe/London
"""


class Refusal(Exception):
    """A command failed; the message is what it printed."""


class Merchant:
    """A checkout of its own and an environment for commands, so that nothing of ours is touched."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(ON_PATH),
            "PACKAGE_CACHE": str(PACKAGES),
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
            **environment,
        }
        folder.mkdir(parents=True)
        for name in CHECKOUT:
            copy(ROOT / name, folder / name)
        (folder / ".chalice").mkdir()
        shutil.copy(ROOT / ".chalice" / "config.json", folder / ".chalice")

    def ops(self, *words: str, typed: str = "", **environment: str) -> str:
        """`python -m ops WORDS`, with what is typed at its prompt. Gives what it printed; raises Refusal."""
        return self._run([sys.executable, "-m", "ops", *words], typed, environment)

    def chalice(self, *words: str, typed: str = "") -> str:
        """`chalice WORDS`. Gives what it printed; raises Refusal."""
        command = [str(Path(sys.executable).with_name("chalice")), *words]
        return self._run(command, typed, {"AWS_DEFAULT_REGION": REGION})

    def _run(self, command: list[str], typed: str, more: Mapping[str, str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self._environment, **more},
            input=typed,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = done.stdout + done.stderr
        if done.returncode or "Could not install dependencies" in said:
            raise Refusal(f"{' '.join(command[1:])}\n{said}")
        return said

    def fill_in_settings(self, stage: str, name: str) -> None:
        """Edit the settings file that `provision` wrote."""
        (self.folder / "logo.png").write_bytes(LOGO)
        (self.folder / f"settings.{stage}.yaml").write_text(SETTINGS.format(stage=stage, name=name))

    @property
    def configuration(self) -> dict[str, Any]:
        """`.chalice/config.json`."""
        found: dict[str, Any] = json.loads((self.folder / ".chalice" / "config.json").read_text())
        return found

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """Edit it."""
        (self.folder / ".chalice" / "config.json").write_text(json.dumps(configuration, indent=2))

    def deployed(self, stage: str) -> dict[str, dict[str, Any]]:
        """What Chalice noted of its last deployment, by resource name."""
        found = json.loads((self.folder / ".chalice" / "deployed" / f"{stage}.json").read_text())
        return {resource["name"]: resource for resource in found["resources"]}


def copy(source: Path, target: Path) -> None:
    """A file or folder, links as links, without what the interpreter left behind."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", ".mypy_cache"))
    else:
        shutil.copy(source, target)
