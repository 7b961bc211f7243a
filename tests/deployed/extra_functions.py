"""Functions of the tests' own beside the deployed ones: with a role of theirs, or with all that they have."""

import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from tests.deployed.emulator import REGION, interpreter_of_functions
from tests.deployed.tenant import Tenant

PROBE = Path(__file__).with_name("probe.py")
MARK = "tests-own"


@contextmanager
def function(tenant: Tenant, handler: str, like: str, **more: Any) -> Iterator[str]:
    """A function with the role of a deployed one while the context lasts. Gives its name."""
    client = tenant.aws.client("lambda")
    role = client.get_function_configuration(FunctionName=tenant.function(like))["Role"]
    name = f"{MARK}-{tenant.stage}-{like}-{handler.replace('.', '-')}"
    settings = {"Runtime": interpreter_of_functions(), "Code": {"ZipFile": zipped()}, "Timeout": 60, **more}
    client.create_function(FunctionName=name, Role=role, Handler=handler, **settings)
    try:
        yield name
    finally:
        client.delete_function(FunctionName=name)


@contextmanager
def twin(tenant: Tenant, handler: str, like: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The deployed function's own archive, layer and environment (with changes), answering by another handler."""
    found = tenant.aws.client("lambda").get_function(FunctionName=tenant.function(like))
    with urllib.request.urlopen(found["Code"]["Location"], timeout=30) as answer:
        code = zipped(answer.read())
    variables = {**found["Configuration"]["Environment"]["Variables"], **(environment or {})}
    more: dict[str, Any] = {
        "Code": {"ZipFile": code},
        "Environment": {"Variables": variables},
        "Layers": [layer["Arn"] for layer in found["Configuration"]["Layers"]],
    }
    with function(tenant, handler, like, **more) as name:
        yield name


def called(tenant: Tenant, name: str, event: Any = None) -> Any:
    """What a function gives."""
    payload = json.dumps(event if event is not None else {}).encode()
    answer = tenant.aws.client("lambda").invoke(FunctionName=name, Payload=payload)
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body


def credentials(tenant: Tenant, like: str) -> boto3.Session:
    """A session that is, to AWS, the role of a deployed function: what somebody has who took its credentials."""
    with function(tenant, "probe.credentials", like) as name:
        found = called(tenant, name)
    return boto3.Session(**{key.lower(): value for key, value in found.items()}, region_name=REGION)


def zipped(before: bytes = b"") -> bytes:
    """An archive with the probe in it, and what another archive holds."""
    made = io.BytesIO(before)
    with zipfile.ZipFile(made, "a") as archive:
        archive.write(PROBE, "probe.py")
    return made.getvalue()
