"""`python -m local.stripe --port 8001 --data DIR [--fresh]`"""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from local.stripe.server import Server


def main() -> None:
    """Serve until interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="python -m local.stripe", description="A local stand-in for Stripe.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the folder its state is kept in")
    parser.add_argument("--fresh", action="store_true", help="start empty")
    options = parser.parse_args()
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    try:
        server = Server(options.port, options.data, fresh=options.fresh)
    except OSError as error:
        raise SystemExit(f"local Stripe: cannot listen on port {options.port}: {error.strerror}") from error
    server.start()
    print(f"local Stripe: {server.url}", flush=True)
    signal.sigwait(stop)
    server.stop()


if __name__ == "__main__":
    main()
