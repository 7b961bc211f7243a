"""What botocore reads of its own at every cold start, without the parts nobody asks for: texts, and other services."""

import gzip
import json
import re
from typing import Any

SERVICES = {"dynamodb", "s3", "sesv2", "sqs", "ssm", "sts"}
# as `endpoints.json` calls SES
ENDPOINTS = (SERVICES - {"sesv2"}) | {"email"}
MODEL = re.compile(r"botocore/data/[^/]+/[^/]+/service-2\.json(\.gz)?$")
REGIONS = re.compile(r"botocore/data/endpoints\.json$")


def trimmed(name: str, content: bytes) -> tuple[str, bytes]:
    """Name and content of an entry as it is shipped. botocore takes a model plain as well as packed."""
    if MODEL.search(name):
        plain = gzip.decompress(content) if name.endswith(".gz") else content
        return name.removesuffix(".gz"), _json(without_texts(json.loads(plain)))
    return name, _json(of_our_services(json.loads(content))) if REGIONS.search(name) else content


def without_texts(model: Any) -> Any:
    """A service's model without the documentation of its shapes and operations."""
    if isinstance(model, dict):
        return {
            key: without_texts(inner)
            for key, inner in model.items()
            if not (key == "documentation" and isinstance(inner, str))
        }
    return [without_texts(inner) for inner in model] if isinstance(model, list) else model


def of_our_services(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Regions and addresses of the services the portal speaks to."""
    partitions = [
        {**partition, "services": {name: each for name, each in partition["services"].items() if name in ENDPOINTS}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
