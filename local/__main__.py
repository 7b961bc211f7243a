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
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from chalicelib.web.logs import Lines
from local.children import DidNotStart
from local.demo.people import PEOPLE
from local.demo.seed import seed
from local.portal import LocalPortal, Place
from local.stack import Stack
from local.stripe_account import FOLDER, AccountPortal, Keys, UnusableKeys, keys_in

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("the portal", "the local Stripe", "the emulated AWS")
SEEDED = "seeded"
# One more whenever what the local Stripe or the demo people keep on disk changes its meaning.
FORMAT = "2"
# What an emptied folder still holds: our lock, and what belongs to Stripe accounts.
STAYS = {"lock", FOLDER}
OWN_ACCOUNT = """Real Stripe, test mode: what you do happens in your Stripe account’s test data, without real money.
Sign in with the e-mail address of one of your test customers. Mails never leave this machine: see the outbox."""


def main(api_base: str = "") -> None:
    """Start, print where everything is, and run until told to stop. `api_base`: see AccountPortal."""
    options = read_options()
    keys = read_keys()
    if keys:
        options.data = keys.folder(options.data)
    hold_folder(options.data)
    if options.fresh:
        empty(options.data)
    if not keys:
        check_format(options.data)
    check_ports(options.port, PARTS[::2] if keys else PARTS)
    keep_log(options.data / "portal.log")
    # both ways to stop end in the same place; children ignore Ctrl-C and are stopped by us
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place, stage = Place(options.port, options.data), options.prefix.strip("/")
    stack = AccountPortal(place, keys, stage, api_base) if keys else Stack(place, stage)
    try:
        stack.start()
        if isinstance(stack, Stack) and not options.no_people:
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


def read_keys() -> Keys | None:
    """Keys of a Stripe account in test mode, when the environment has them; with any others we do not start."""
    try:
        return keys_in(os.environ)
    except UnusableKeys as trouble:
        stop(str(trouble))


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
    """Remove all data of the stack that keeps it here."""
    for path in [path for path in folder.iterdir() if path.name not in STAYS]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def check_format(folder: Path) -> None:
    """Data of another version would show odd bills rather than fail."""
    kept = folder / "format"
    if not (folder / SEEDED).exists() and not (folder / "stripe").exists():
        kept.write_text(FORMAT)
    if not kept.exists() or kept.read_text() != FORMAT:
        stop(f"The demo data in {folder} is of another version of Tillkey. Start with new data: FRESH=1 make run")


def check_ports(port: int, parts: Sequence[str]) -> None:
    """Each of these parts must find its port free."""
    for part in parts:
        offset = PARTS.index(part)
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


def announce(stack: LocalPortal) -> None:
    """Where everything is and whom one can sign in as."""
    print(f"\n{whom_to_be() if stack.imitates_stripe else OWN_ACCOUNT}\n")
    pages = {"outbox": "outbox"} | ({"clock": "clock", "Stripe": "stripe"} if stack.imitates_stripe else {})
    print("   ".join(f"{name}: {stack.place.origin}/_local/{page}" for name, page in pages.items()))
    print(f"ready: {stack.portal_url}", flush=True)


def whom_to_be() -> str:
    """The demo people and what each of them shows."""
    width = max(len(person.mailbox) for person in PEOPLE)
    people = "\n".join(f"  {person.mailbox:{width}}  {person.shows}" for person in PEOPLE)
    return f"Sign in as one of these; the mails arrive in the outbox.\n\n{people}"


def wait(stack: LocalPortal) -> None:
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
