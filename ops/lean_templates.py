"""Templates as the Python that Jinja makes of them: otherwise every cold start makes it anew for what it shows."""

import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from chalicelib import templating

BASE = "templates/base.html"


def compiled(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Modules beside the templates of an archive with these names, if it has any: see `chalicelib/templating.py`."""
    for name in names:
        if name.endswith(BASE):
            beside = f"{name.removesuffix('base.html')}{templating.COMPILED}"
            yield from ((f"{beside}/{module}", source) for module, source in modules())


@lru_cache(maxsize=1)
def modules() -> tuple[tuple[str, bytes], ...]:
    """File name and source of each, in order."""
    with tempfile.TemporaryDirectory() as folder:
        templating.from_sources().compile_templates(folder, zip=None, ignore_errors=False)
        return tuple((path.name, path.read_bytes()) for path in sorted(Path(folder).iterdir()))
