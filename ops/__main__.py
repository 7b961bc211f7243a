"""`python -m ops COMMAND STAGE`: make, deploy, look after and remove one merchant's stack on AWS.

Credentials and region come from the environment, as for the AWS command line.
"""

import argparse
import sys

from ops.stage import Trouble


def main(arguments: list[str] | None = None) -> None:
    """Run one command; what went wrong is one line, and the exit status 1."""
    options = parser().parse_args(arguments)
    try:
        for line in options.command(options):
            print(line if line[:1] in " ✓✗?" else f"✓ {line}", flush=True)
    except Trouble as trouble:
        print(f"✗ {trouble}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("stopped; run it again to go on", file=sys.stderr)
        sys.exit(130)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    from ops import commands

    main_parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    known = main_parser.add_subparsers(required=True, metavar="COMMAND")
    for name, function in commands.ALL.items():
        sub = known.add_parser(name, help=(function.__doc__ or "").strip().splitlines()[0])
        sub.add_argument("stage", metavar="STAGE", help="a short name for this merchant, such as shop")
        for flags, settings in commands.OPTIONS.get(name, ()):
            sub.add_argument(flags, **settings)
        sub.set_defaults(command=function)
    return main_parser


if __name__ == "__main__":
    main()
