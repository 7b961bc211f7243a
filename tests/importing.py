"""`python -m tests.importing RATE ENDPOINT`: an import in a process that may be killed.

It works on the stack of the environment. Its last line on standard output is the most memory it ever had, in KiB, and
how many calls it made and were refused. BUG="older wins" plants that what was read writes over what an event stored.
"""

import os
import re
import signal
import sys
from pathlib import Path

from chalicelib import config
from chalicelib.storage import mirror
from ops.importing import Import
from ops.stage import Trouble


def main(rate: str, endpoint: str) -> None:
    """Import, and tell what it took."""
    # whoever runs the tests in the background leaves Ctrl-C ignored, and children inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.environ.get("BUG") == "older wins":
        mirror._stored = lambda object_id: False
        condition = mirror.GuardRow.stored.does_not_exist
        mirror.GuardRow.stored.does_not_exist = lambda: condition() | (mirror.GuardRow.stored >= 0)  # type: ignore[assignment]
    work = Import(config.load(), float(rate), float(endpoint))
    try:
        for line in work.apply():
            print(line, flush=True)
    except Trouble as trouble:
        sys.exit(f"✗ {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(f"memory {peak()} calls {work.pace.calls} refused {work.pace.refused}", flush=True)


def peak() -> int:
    """VmHWM: what `getrusage` says a child inherits from its parent (https://man7.org/linux/man-pages/man5/proc.5.html)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
