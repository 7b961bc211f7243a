"""`python -m ops.package_check STAGE`: build what would be deployed into build/, and refuse it if it would not run.

Chalice exits 0 even when a requirement could not be installed, compiles what has no wheel against libraries of this
machine, and leaves `templates/` out when the link to it was lost. Each is noticed here, not in Lambda.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LIMIT = 50 * 1024 * 1024
# where a layer keeps what a plain package has at its top
LAYER = re.compile(r"^python/(lib/python3\.\d+/site-packages/)?")
NEEDED = ("templates/base.html", "stripe/__init__.py", "pynamodb/__init__.py", "fpdf/__init__.py", "PIL/__init__.py")
OURS = ("app.py", "chalicelib/wiring.py")
NEVER = ("local/", "tests/", "ops/", "bench/", "pytest/", "_pytest/", "mypy/", "playwright/", "flask/", "ministack/")
NEVER_ENDING = (".env", ".eml")


def main(stage: str) -> None:
    """Build, print sizes, exit 1 with what is wrong."""
    archives = build(stage)
    for name, path in archives.items():
        print(f"build/{name}: {path.stat().st_size / 1024 / 1024:.1f} MB")
    found = list(faults(archives))
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


def faults(archives: Mapping[str, Path]) -> Iterator[str]:
    """What is wrong with the built archives taken together."""
    inside: set[str] = set()
    for name, path in archives.items():
        if path.stat().st_size > LIMIT:
            yield f"{name} is over 50 MB"
        with zipfile.ZipFile(path) as archive:
            files = {LAYER.sub("", entry) for entry in archive.namelist()}
            yield from (f"{name} holds {file}" for file in sorted(files) if unwanted(file))
            yield from (f"{name}: {wheel} was compiled on this machine" for wheel in compiled_here(archive))
        inside |= files
    yield from (f"{needed} is missing" for needed in (*OURS, *NEEDED) if needed not in inside)


def unwanted(file: str) -> bool:
    """Whether a file has no business in Lambda."""
    stray_cache = file.startswith("chalicelib/") and "__pycache__" in file
    return file.startswith(NEVER) or file.endswith(NEVER_ENDING) or stray_cache


def compiled_here(archive: zipfile.ZipFile) -> Iterator[str]:
    """Packages whose wheel was built here instead of taken: its tag is bare `linux_…`, not `manylinux…`."""
    for name in archive.namelist():
        if name.endswith(".dist-info/WHEEL") and "-linux_" in archive.read(name).decode():
            yield Path(name).parent.name


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "dev")
