"""Run one command for as long as whoever started us lives, however that ends.

`python leash.py COMMAND…`, with standard input a pipe nobody writes to: the pipe closes when its owner is gone, killed
included, and then the command is asked to stop and, if it will not, made to.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE = 10.0


def main() -> int:
    """Start the command, pass SIGTERM on, stop it when standard input ends. Gives its exit code."""
    # Ctrl-C reaches the whole terminal group; only our owner decides when the command stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: command.terminate())
    threading.Thread(target=_stop_at_end_of_input, args=(command,), daemon=True).start()
    return command.wait()


def _stop_at_end_of_input(command: "subprocess.Popen[bytes]") -> None:
    # not sys.stdin: its lock, held while waiting, would trip the interpreter when the command ends by itself
    while os.read(0, 1024):
        pass
    command.terminate()
    try:
        command.wait(GRACE)
    except subprocess.TimeoutExpired:
        command.kill()


if __name__ == "__main__":
    sys.exit(main())
