"""`python -m ops.package_check STAGE`: build what would be deployed into build/, and refuse it if it would not run.

Chalice exits 0 even when a requirement could not be installed, compiles what has no wheel against libraries of this
machine, and leaves `templates/` out when the link to it was lost. Each is noticed here, not in Lambda.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from ops import package_list
from ops.lean import make_lean

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LIMIT = 50 * 1024 * 1024
# where a layer keeps what a plain package has at its top
LAYER = re.compile(r"^python/(lib/python3\.\d+/site-packages/)?")
PLATFORM = re.compile(r"^Tag: \S+-([^-\s]+)$", re.MULTILINE)
NEEDED = ("templates/base.html", "stripe/__init__.py", "pynamodb/__init__.py", "fpdf/__init__.py", "PIL/__init__.py")
OURS = ("app.py", "chalicelib/wiring.py")
NEVER = ("local/", "tests/", "ops/", "bench/", "pytest/", "_pytest/", "mypy/", "playwright/", "flask/", "ministack/")
NEVER_ENDING = (".env", ".eml", ".pem", ".key")
# https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# Keys of Stripe, webhook secrets, keys of AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)
SECRET = re.compile(rb"\b([sr]k_(live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z]{16,}|AKIA[0-9A-Z]{16})\b")


def main(stage: str) -> None:
    """Build, print the sizes of a bare `chalice deploy` and of `python -m ops deploy`, exit 1 with what is wrong."""
    archives = build(stage)
    found = list(faults(archives, architecture(stage)))
    for name, path in archives.items():
        plain = megabytes(path)
        make_lean(path)
        print(f"build/{name}: {plain}, compiled and lean {megabytes(path)}")
    found += [*too_large(archives), *package_list.differences(archives)]
    if found:
        sys.exit("\n".join(f"✗ {fault}" for fault in found))


def build(stage: str) -> dict[str, Path]:
    """Run `chalice package` without its cache, which is keyed by content only and misses renamed files.

    Gives the archives in build/ by name; Chalice's cache holds the same for the next `chalice deploy`.
    """
    shutil.rmtree(BUILD, ignore_errors=True)
    shutil.rmtree(ROOT / ".chalice" / "deployments", ignore_errors=True)
    for cache in (ROOT / "chalicelib").rglob("__pycache__"):
        shutil.rmtree(cache)
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": os.environ.get("AWS_REGION", "us-east-1")}
    chalice = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", stage, str(BUILD)]
    done = subprocess.run(chalice, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"✗ chalice package failed:\n{done.stdout}{done.stderr}")
    return {path.name: path for path in sorted(BUILD.glob("*.zip"))}


def architecture(stage: str) -> str:
    """Of the stage's functions, as Chalice reads it."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    return str(config["stages"].get(stage, {}).get("lambda_architecture") or config["lambda_architecture"])


def faults(archives: Mapping[str, Path], machine: str = "arm64") -> Iterator[str]:
    """What is wrong with the built archives taken together, for functions of this architecture."""
    yield from too_large(archives)
    inside: set[str] = set()
    for name, path in archives.items():
        with zipfile.ZipFile(path) as archive:
            files = {LAYER.sub("", entry) for entry in archive.namelist()}
            own = {entry for entry in archive.namelist() if not LAYER.match(entry)}
            yield from (f"{name} holds {file}" for file in sorted(files) if unwanted(file, file in own))
            yield from (f"{name}: {wheel}" for wheel in foreign_wheels(archive, MACHINES[machine]))
            yield from (f"{name}: {file} holds what looks like a secret" for file in with_secrets(archive))
        inside |= files
    yield from (f"{needed} is missing" for needed in (*OURS, *NEEDED) if needed not in inside)


def too_large(archives: Mapping[str, Path]) -> Iterator[str]:
    """What Lambda does not take by direct upload (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""
    yield from (f"{name} is over 50 MB" for name, path in archives.items() if path.stat().st_size > LIMIT)


def megabytes(path: Path) -> str:
    """Size of a file."""
    return f"{path.stat().st_size / 1024 / 1024:.1f} MB"


def unwanted(file: str, own: bool) -> bool:
    """Whether a file has no business in Lambda; `own`: it is not a library's."""
    stray = own and ("__pycache__" in file or file.endswith(NEVER_ENDING))
    return file.startswith(NEVER) or stray


def foreign_wheels(archive: zipfile.ZipFile, machine: str) -> Iterator[str]:
    """Wheels that were built here (their tag is bare `linux_…`, not `manylinux…`) or are for another machine."""
    for name in archive.namelist():
        if not name.endswith(".dist-info/WHEEL"):
            continue
        wheel, platforms = Path(name).parent.name, PLATFORM.findall(archive.read(name).decode())
        if any(platform.startswith("linux_") for platform in platforms):
            yield f"{wheel} was compiled on this machine"
        elif not any(platform == "any" or platform.endswith(machine) for platform in platforms):
            yield f"{wheel} is for another machine than {machine}"


def with_secrets(archive: zipfile.ZipFile) -> Iterator[str]:
    """Files of ours in which a key or secret stands."""
    for name in archive.namelist():
        if not LAYER.match(name) and SECRET.search(archive.read(name)):
            yield name


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "dev")
