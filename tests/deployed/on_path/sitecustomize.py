"""Found by every Python that has this folder on its path, before anything else runs.

It lets `chalice` and `ops` run unchanged against the emulator: what they import is changed when they first import it.
"""

import importlib
import importlib.abc
import importlib.util
import sys
from typing import Any

CHANGES = {
    "chalice.awsclient": "chalice_here.speak_to_the_emulator",
    "chalice.deploy.packager": "built_once.keep_layers",
    "ops.lean": "built_once.keep_lean_archives",
}


class Changes(importlib.abc.MetaPathFinder):
    """Finds the modules named above as they would be found anyway, and hands them to their change once loaded."""

    def __init__(self) -> None:
        self._left = dict(CHANGES)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec with a loader that changes the module, or None for all other modules."""
        change = self._left.pop(name, None)
        spec = importlib.util.find_spec(name) if change else None
        if not change or not spec or not spec.loader:
            return None
        module, _, function = change.partition(".")
        load = spec.loader.exec_module

        def load_and_change(found: Any) -> None:
            load(found)
            getattr(importlib.import_module(module), function)(found)

        spec.loader.exec_module = load_and_change  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, Changes())
