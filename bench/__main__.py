"""`python -m bench`: what pages, receipts and webhooks cost, in ratios against something plain measured beside them.

Prints a table, writes `bench/results.json`, and ends with 1 when a row is over its budget or could not be measured.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench import packages
from bench.notices import Notices
from bench.packages import BARE, LEAN, ROOT
from bench.pages import Builds, Pages
from bench.paper import Paper
from bench.processes import Failed
from bench.rows import Row, table, write
from bench.stripe_events import Webhooks
from bench.units import Units
from tests.stack import TestStack, place_for

Work = Callable[[], Row | list[Row]]
RESULTS = ROOT / "bench" / "results.json"
WORK = ROOT / "build" / "bench"


def main() -> None:
    """Build, measure, print."""
    print("Building the packages …", flush=True)
    builds, size = build()
    stack = TestStack(place_for("bench", Path(tempfile.mkdtemp())))
    stack.start()
    try:
        stack.reset()
        rows = [size, *measured(works(stack, builds))]
    finally:
        stack.stop()
    print(table(rows))
    write(rows, RESULTS)
    sys.exit(any(not row.ok for row in rows))


def build() -> tuple[Builds, Row]:
    """Packages for this machine's architecture to run, and for Lambda's to be weighed."""
    here, there = WORK / "here", WORK / "arm64"
    plain = packages.archives(here, "x86_64")
    lean = packages.lean(plain, here / "lean")
    bare_build, lean_build = packages.unpack(BARE, plain, WORK / "bare"), packages.unpack(LEAN, lean, WORK / "lean")
    all_compiled = packages.compiled(LEAN, lean_build, WORK / "compiled")
    built = Builds(lean_build, bare_build, all_compiled, packages.yardstick(bare_build, WORK / "yardstick"))
    sent = packages.lean(packages.archives(there, "arm64"), there / "lean")
    size = Row("zips together, arm64", LEAN, "MB", packages.megabytes(sent), budget=30)
    return built, size


def works(stack: TestStack, builds: Builds) -> Iterator[Work]:
    """Everything there is to measure, in order."""
    yield from Pages(stack, builds).rows()
    yield from Paper(builds.lean, WORK).rows()
    yield from Webhooks(stack, builds.lean).rows()
    yield from Units(stack).rows()
    yield from Notices(stack).rows()


def measured(given: Iterable[Work]) -> list[Row]:
    """Every row; one whose work fails says so instead of a figure."""
    return [row for work in given for row in one(work)]


def one(work: Work) -> list[Row]:
    """A work's rows, printed as they come."""
    try:
        found = work()
    except Failed as trouble:
        found = Row(str(getattr(work, "__name__", "row")), LEAN, "", trouble=str(trouble))
    found = found if isinstance(found, list) else [found]
    for row in found:
        print(f"  {row.name}: {row.trouble or 'done'}", flush=True)
    return found


if __name__ == "__main__":
    main()
