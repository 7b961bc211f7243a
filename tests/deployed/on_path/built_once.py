"""Two slow steps of building the package, done again only for other input: what they make depends on nothing else.

Kept below $PACKAGE_CACHE: the layer as Chalice builds it, and archives as `ops` makes them lean.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

KEPT = 12


def keep_layers(packager: Any) -> None:
    """Chalice's own cache sees contents only, and forgets with each checkout."""
    build = packager.LayerDeploymentPackager.create_deployment_package

    def create(self: Any, project_dir: str, python_version: str) -> str:
        made = Path(self.deployment_package_filename(project_dir, python_version))
        key = digest(made.name.encode(), sys.version.encode(), *layer_input(Path(project_dir)))
        return str(once(f"layer-{key}.zip", made, lambda: build(self, project_dir, python_version)))

    packager.LayerDeploymentPackager.create_deployment_package = create


def keep_lean_archives(lean: Any) -> None:
    """Compiling and packing forty megabytes takes longest."""
    make = lean.make_lean
    how = Path(lean.__file__).read_bytes()

    def make_lean(archive: Path) -> None:
        key = digest(how, sys.version.encode(), archive.read_bytes())
        made = archive.with_suffix(".kept")
        once(f"lean-{key}.zip", made, lambda: shutil.copy(archive, made) and make(made))
        made.replace(archive)

    lean.make_lean = make_lean


def layer_input(project: Path) -> Iterator[bytes]:
    """All that goes into the layer, names included."""
    yield (project / "requirements.txt").read_bytes()
    for folder, _, files in sorted(os.walk(project / "vendor", followlinks=True)):
        for name in sorted(files):
            file = Path(folder, name)
            yield str(file.relative_to(project)).encode()
            yield file.read_bytes()


def digest(*parts: bytes) -> str:
    """One name for all of it."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()[:32]


def once(name: str, made: Path, make: Callable[[], Any]) -> Path:
    """`made`, copied from the cache, or made and copied into it: whole, or not at all."""
    kept = Path(os.environ["PACKAGE_CACHE"]) / name
    if kept.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, made)
        os.utime(kept)
        return made
    make()
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    shutil.copy(made, part)
    part.replace(kept)
    for old in sorted(kept.parent.glob("*.zip"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return made
