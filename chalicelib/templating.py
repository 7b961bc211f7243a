"""One Jinja set-up for pages and mails. Pages are escaped; plain text (`.txt`) is not."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined, select_autoescape

from chalicelib import money

# Where a package that was made lean has its templates as Python, beside their sources.
COMPILED = "compiled"


def render(template: str, values: Mapping[str, Any]) -> str:
    """Text of `template` (a path below `templates/`). A missing name raises, never prints blank."""
    return environment().get_template(template).render(values)


def folder() -> Path:
    """Where the templates are: beside `app.py` in the repository, the package and a layer alike."""
    for base in [Path(__file__).resolve().parent.parent, *map(Path, sys.path)]:
        if (base / "templates" / "base.html").is_file():
            return base / "templates"
    raise RuntimeError("templates/ is missing from the deployment package")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The shared Jinja environment with the filters every page uses; templates made into Python are taken as such."""
    compiled = folder() / COMPILED
    return _environment(ModuleLoader(compiled)) if compiled.is_dir() else from_sources()


def from_sources() -> Environment:
    """The same environment, reading the templates as they are written."""
    return _environment(FileSystemLoader(folder()))


def _environment(loader: BaseLoader) -> Environment:
    found = Environment(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters["money"] = money.format_amount
    found.filters["date"] = money.format_date
    found.filters["short_date"] = money.format_short_date
    found.filters["interval"] = money.interval_text
    return found
