"""`python -m local [--port 8000] [--prefix /api] [--fresh] [--no-people] [--data .local]`:
the portal with everything around it."""

import argparse
import fcntl
import logging
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from chalicelib.web.logs import Lines
from local.children import DidNotStart
from local.demo.people import PEOPLE
from local.demo.seed import seed
from local.stack import Place, Stack

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("the portal", "the local Stripe", "the emulated AWS")
SEEDED = "seeded"


def main() -> None:
    """Start, print where everything is, and run until told to stop."""
    options = read_options()
    hold_folder(options.data)
    if options.fresh:
        empty(options.data)
    check_ports(options.port)
    keep_log(options.data / "portal.log")
    # both ways to stop end in the same place; children ignore Ctrl-C and are stopped by us
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = Stack(Place(options.port, options.data), options.prefix.strip("/"))
    try:
        stack.start()
        if not options.no_people:
            seed_once(stack, options.data)
        stack.run_in_background()
        announce(stack)
        wait(stack)
    except DidNotStart as trouble:
        stop(str(trouble))
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stack.stop()
    print("stopped; data is kept for the next start", flush=True)


def read_options() -> Any:
    """Options from the command line; what `make run` passes comes as environment variables."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="portal; Stripe +1, AWS +2")
    parser.add_argument("--prefix", default=os.environ.get("PREFIX", ""), help="serve below a stage, such as /api")
    parser.add_argument("--fresh", action="store_true", default=os.environ.get("FRESH", "") not in {"", "0"})
    parser.add_argument("--no-people", action="store_true", help="start without the demo people")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATA") or ROOT / ".local"))
    options = parser.parse_args()
    if not options.port.isdecimal() or not 1024 <= int(options.port) <= 65533:
        stop(f"PORT must be a number from 1024 to 65533, not {options.port!r}")
    options.port = int(options.port)
    return options


def hold_folder(folder: Path) -> None:
    """Two stacks on the same data would spoil it."""
    folder.mkdir(parents=True, exist_ok=True)
    global _lock  # held open for as long as we run
    _lock = (folder / "lock").open("w")
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stop(f"Another stack is using {folder}. Stop it, or give this one its own data: DATA=.local/two make run")
    os.set_inheritable(_lock.fileno(), False)


def empty(folder: Path) -> None:
    """Remove all data, keep the lock."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def check_ports(port: int) -> None:
    """All three must be free."""
    for offset, part in enumerate(PARTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port + offset))
            except OSError:
                stop(f"Port {port + offset} is taken; {part} needs it. Move all three: PORT={port + 100} make run")


def keep_log(file: Path) -> None:
    """Everything goes to the file, trouble to the terminal too."""
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    lines = logging.FileHandler(file)
    lines.setFormatter(Lines())
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        handlers=[lines, terminal],
    )
    # it notes addresses that people are looked up by
    logging.getLogger("stripe").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def seed_once(stack: Stack, folder: Path) -> None:
    """Let the demo people's past happen, if it has not yet."""
    marker = folder / SEEDED
    if not marker.exists():
        seed(stack.stripe)
        stack.clock.follow()
        stack.provision()
        marker.touch()


def announce(stack: Stack) -> None:
    """Where everything is and whom one can sign in as."""
    print("\nSign in as one of these; the mails arrive in the outbox.\n")
    width = max(len(person.mailbox) for person in PEOPLE)
    for person in PEOPLE:
        print(f"  {person.mailbox:{width}}  {person.shows}")
    origin = stack.place.origin
    print(f"\noutbox: {origin}/_local/outbox   clock: {origin}/_local/clock   Stripe: {origin}/_local/stripe")
    print(f"ready: {stack.portal_url}", flush=True)


def wait(stack: Stack) -> None:
    """Until interrupted, until a part dies, or until the `make` that started us is gone."""
    follow, parent = "FOLLOW_PARENT" in os.environ, os.getppid()
    while not (follow and os.getppid() != parent):
        dead = stack.dead_part()
        if dead:
            raise DidNotStart(f"{dead} has ended; its log is below {stack.place.folder}")
        time.sleep(0.5)


def stop(why: str) -> NoReturn:
    """One line, exit 1."""
    print(f"✗ {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
