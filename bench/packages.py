"""The packages that are measured, built as a merchant builds them, unpacked as Lambda unpacks them."""

import compileall
import json
import os
import py_compile
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ops.lean import make_lean
from ops.package_check import LAYER

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("app.py", "chalicelib", "templates", "vendor", "ops", "requirements.txt", ".chalice/config.json")
SITE = f"python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
LEAN, BARE = "ops deploy", "bare deploy"


@dataclass(frozen=True)
class Build:
    """An unpacked package: `task` is the function's own code, `layer` what `/opt` holds."""

    name: str
    folder: Path

    @property
    def path(self) -> list[str]:
        """What Lambda's interpreter finds modules in."""
        layer = self.folder / "layer"
        return [str(self.folder / "task"), str(layer / "python"), str(layer / SITE)]


def archives(folder: Path, architecture: str) -> list[Path]:
    """Run `chalice package` in a checkout of its own. Gives the archives, as a bare `chalice deploy` sends them."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in NEEDED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    config = folder / ".chalice" / "config.json"
    settings = json.loads(config.read_text()) | {"lambda_architecture": architecture}
    settings["stages"]["dev"]["autogen_policy"] = True
    config.write_text(json.dumps(settings))
    command = [sys.executable, "-c", "from ops.package_check import build; build('dev')"]
    subprocess.run(command, cwd=folder, check=True, env=_environment())
    return sorted((folder / "build").glob("*.zip"))


def lean(plain: list[Path], folder: Path) -> list[Path]:
    """Copies of the archives as `ops deploy` sends them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [Path(shutil.copy(archive, folder)) for archive in plain]
    for archive in made:
        make_lean(archive)
    return made


def unpack(name: str, files: list[Path], folder: Path) -> Build:
    """What a function finds when it starts."""
    shutil.rmtree(folder, ignore_errors=True)
    for file in files:
        with zipfile.ZipFile(file) as archive:
            is_layer = all(LAYER.match(entry) for entry in archive.namelist())
            archive.extractall(folder / ("layer" if is_layer else "task"))
    return Build(name, folder)


def compiled(name: str, build: Build, folder: Path) -> Build:
    """The same with everything compiled that has no compiled file yet."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(build.folder, folder, symlinks=True)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, force=True, maxlevels=20, invalidation_mode=unchecked)
    return Build(name, folder)


def yardstick(bare: Build, folder: Path) -> Build:
    """Bare Chalice with boto3: all libraries of the same versions, compiled; the app is `yardstick/app.py`."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "task").mkdir(parents=True)
    shutil.copytree(bare.folder / "layer", folder / "layer", symlinks=True)
    shutil.copytree(bare.folder / "task" / "chalice", folder / "task" / "chalice")
    shutil.copy(ROOT / "bench" / "yardstick" / "app.py", folder / "task")
    return compiled("yardstick", Build("", folder), folder.with_name(f"{folder.name}-compiled"))


def megabytes(files: list[Path]) -> float:
    """The size of archives together."""
    return sum(file.stat().st_size for file in files) / 1024 / 1024


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": "us-east-1"}
