"""One Jinja set-up for pages and mails. Pages are escaped; plain text (`.txt`) is not."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from chalicelib import money


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
    """The shared Jinja environment with the filters every page uses."""
    found = Environment(
        loader=FileSystemLoader(str(folder())),
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
