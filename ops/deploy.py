"""`chalice deploy` with archives that were made lean and compiled first; Chalice takes them from its cache."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ops.configuration import ROOT
from ops.lean import make_lean
from ops.package_check import architecture, build, faults
from ops.stage import Stage, Trouble


def chalice_deploy(stage: Stage, root: Path = ROOT) -> Iterator[str]:
    """Build, check, make lean, deploy. Raises Trouble with Chalice's own words when it fails."""
    archives = build(stage.name)
    found = list(faults(archives, architecture(stage.name)))
    if found:
        raise Trouble("the package would not run: " + "; ".join(found))
    cached = sorted((root / ".chalice" / "deployments").glob("*.zip"))
    for archive in cached:
        make_lean(archive)
    yield f"built {sum(path.stat().st_size for path in cached) / 1024 / 1024:.1f} MB"
    run_chalice(stage, "deploy", root=root)
    yield "deployed"


def run_chalice(stage: Stage, verb: str, root: Path = ROOT) -> str:
    """One Chalice command for a stage; gives what it printed. Raises Trouble with its last line when it fails."""
    command = [str(Path(sys.executable).with_name("chalice")), verb, "--stage", stage.name]
    if not shutil.which(command[0]):
        raise Trouble("chalice is not installed here: make setup")
    # Chalice knows no AWS_REGION
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": stage.region}
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise Trouble(f"chalice {verb} failed: {last[-1] if last else 'no reason given'}")
    return done.stdout
