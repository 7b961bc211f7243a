"""Chalice's configuration of one stage: its environment, its functions and their policies, below `.chalice/`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.data_stack import WORKER_SECONDS
from ops.stage import FUNCTIONS, Stage, Trouble

ROOT = Path(__file__).resolve().parent.parent
TIMER_SECONDS = 300
SECONDS = {"worker": WORKER_SECONDS, "sweep": TIMER_SECONDS, "reconcile": TIMER_SECONDS, "expiring": TIMER_SECONDS}


@dataclass(frozen=True)
class Choices:
    """What the operator chooses per stage. `domain` and `certificate`: the portal's own host name, or "".

    `tracing` is "on" when AWS X-Ray times requests and functions.
    """

    publishable_key: str
    architecture: str = "arm64"
    domain: str = ""
    certificate: str = ""
    tracing: str = "off"


class Configuration:
    """`.chalice/config.json` and the policy files beside it."""

    def __init__(self, root: Path = ROOT) -> None:
        self.folder = root / ".chalice"
        self._file = self.folder / "config.json"

    def choices(self, stage: Stage) -> Choices | None:
        """What was chosen when the stage was last provisioned, or None."""
        found = self._read()["stages"].get(stage.name)
        if found is None:
            return None
        own = found.get("api_gateway_custom_domain", {})
        return Choices(
            found["environment_variables"]["STRIPE_PUBLISHABLE_KEY"],
            found["lambda_architecture"],
            own.get("domain_name", ""),
            own.get("certificate_arn", ""),
            "on" if found.get("xray") else "off",
        )

    def write(self, stage: Stage, choices: Choices, policies: dict[str, dict[str, Any]]) -> list[str]:
        """Add or replace the stage; other stages stay. Gives the names of the files that changed."""
        config = self._read()
        before = config["stages"].get(stage.name, {}).get("environment_variables", {})
        wanted_section = section(stage, choices)
        # what the operator added by hand stays
        wanted_section["environment_variables"] = {**before, **wanted_section["environment_variables"]}
        config["stages"][stage.name] = wanted_section
        wanted = {self._file: config}
        for function, policy in policies.items():
            wanted[self.folder / policy_file(stage, function)] = policy
        texts = {path: json.dumps(content, indent=2) + "\n" for path, content in wanted.items()}
        changed = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
        for path in changed:
            path.write_text(texts[path])
        return [str(path.relative_to(self.folder.parent)) for path in changed]

    def forget(self, stage: Stage) -> None:
        """Remove the stage and its policies."""
        config = self._read()
        config["stages"].pop(stage.name, None)
        self._file.write_text(json.dumps(config, indent=2) + "\n")
        for function in FUNCTIONS:
            (self.folder / policy_file(stage, function)).unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            config: dict[str, Any] = json.loads(self._file.read_text())
        except (OSError, ValueError) as error:
            raise Trouble(f"{self._file} cannot be read: {error}") from error
        return config


def section(stage: Stage, choices: Choices) -> dict[str, Any]:
    """A stage as Chalice wants it (https://aws.github.io/chalice/topics/configfile.html). Nothing in it is secret."""
    environment = {
        "STAGE": stage.name,
        "TABLE": stage.table,
        "BUCKET": stage.bucket,
        "QUEUE": stage.queue,
        "STRIPE_PUBLISHABLE_KEY": choices.publishable_key,
        "SECRETS_PATH": stage.secrets,
    }
    functions = {
        name: {
            "autogen_policy": False,
            "iam_policy_file": policy_file(stage, name),
            **({"lambda_timeout": SECONDS[name]} if name in SECONDS else {}),
        }
        for name in FUNCTIONS
    }
    own_domain = {
        "api_gateway_custom_domain": {
            "domain_name": choices.domain,
            "certificate_arn": choices.certificate,
            "tls_version": "TLS_1_2",
        }
    }
    return {
        "api_gateway_stage": "api",
        "api_gateway_endpoint_type": "REGIONAL",
        "minimum_compression_size": 1024,
        "lambda_architecture": choices.architecture,
        "environment_variables": environment,
        "lambda_functions": functions,
        **(own_domain if choices.domain else {}),
        **({"xray": True} if choices.tracing == "on" else {}),
    }


def policy_file(stage: Stage, function: str) -> str:
    """Name of a function's policy file; Chalice looks for it in `.chalice/`."""
    return f"policy-{stage.name}-{function.replace('_', '-')}.json"
