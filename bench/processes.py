"""Fresh processes with nothing but one package on their path, one after another."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.packages import Build

INSIDE = Path(__file__).parent / "inside"
# no environment of Python's own, no site packages, nothing written beside the sources
BARE = (sys.executable, "-I", "-S", "-B")
PATIENCE = 300


class Failed(Exception):
    """The work did not succeed, so there is no figure; the message says why."""


def run(driver: str, orders: Mapping[str, Any], environment: Mapping[str, str], python: tuple[str, ...] = BARE) -> Any:
    """The figures a driver of `inside/` writes. Raises Failed when it ends with anything but success."""
    with tempfile.NamedTemporaryFile("r") as figures:
        given = json.dumps({**orders, "figures": figures.name})
        command = [*python, str(INSIDE / f"{driver}.py"), given]
        done = subprocess.run(
            command, env=dict(environment), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        if done.returncode:
            raise Failed(f"{driver} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return json.load(figures)


class Answerer:
    """One package answering one event, and what must stand on its page."""

    def __init__(self, build: Build, event: Any, environment: Mapping[str, str], says: str) -> None:
        self.build, self._event, self._environment, self._says = build, event, environment, says

    def answer(self, times: int = 0, units: bool = False, replayed: bool = False) -> Any:
        """Figures of a fresh process; `times` more answers are timed warm. Raises Failed for a wrong page."""
        asked = {"event": self._event, "times": times, "units": units, "replayed": replayed}
        orders = {"path": self.build.path, **asked}
        figures = run("request", orders, self._environment)
        if figures["status"] != 200 or self._says not in figures["page"]:
            raise Failed(f"{self.build.name} answered {figures['status']}, without {self._says!r}")
        return figures
