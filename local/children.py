"""Child processes of the local stack: started on a leash, awaited, stopped in order."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
STOP_SECONDS = 15


class DidNotStart(Exception):
    """A part of the stack ended at once or never answered; the message names its log."""


class Child:
    """One process with its output in a log file. It ends when we do, even if we are killed."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(LEASH), *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=dict(env),
            )

    def wait_for(self, url: str, seconds: float = 60) -> None:
        """Return as soon as `url` answers at all. Raises DidNotStart."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.ended:
            if _answers(url):
                return
            time.sleep(0.02)
        self.stop()
        raise DidNotStart(f"{self.name} did not start; see {self.log}")

    @property
    def ended(self) -> bool:
        """True when it is no longer running."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ask it to stop, wait, make sure."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
