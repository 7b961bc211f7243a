"""Put into functions of the tests' own: tells where they run, and whose credentials they have."""

import importlib
import os
import sys
from typing import Any

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def origins(names: list[str], context: Any) -> dict[str, str | None]:
    """Where each module comes from, or None for one that cannot be imported."""
    return {name: _origin(name) for name in names}


def _origin(name: str) -> str | None:
    try:
        return str(importlib.import_module(name).__file__)
    except ImportError:
        return None


def installed(event: Any, context: Any) -> list[str]:
    """What the interpreter itself has, apart from what the function brought."""
    mine = os.path.join(sys.prefix, "lib")
    folders = [path for path in sys.path if path.startswith(mine) and path.endswith("site-packages")]
    return [name for folder in folders for name in os.listdir(folder)]


def credentials(event: Any, context: Any) -> dict[str, str]:
    """What the role is known by."""
    return {name: os.environ[name] for name in CREDENTIALS}
