"""How far an import is: one line that is written again and again, or one every half minute where nobody looks on."""

import sys
import time
from collections import deque
from typing import TextIO

from ops.pace import Pace

LOOK_BACK = 30
TERMINAL, FILE = 0.5, 30


class Progress:
    """Says how many of how many, how fast, and how long it still takes. `total` is 0 until it is known."""

    def __init__(self, done: int, pace: Pace, out: TextIO = sys.stderr) -> None:
        self._pace, self._out, self._live = pace, out, out.isatty()
        self.done, self.total = done, 0
        self._said = time.monotonic()
        self._seen: deque[tuple[float, int, int]] = deque([(self._said, done, 0)])

    def step(self) -> None:
        """One more customer is done."""
        self.done += 1
        now = time.monotonic()
        if now - self._said < (TERMINAL if self._live else FILE):
            return
        self._said = now
        self._seen.append((now, self.done, self._pace.calls))
        while len(self._seen) > 2 and now - self._seen[0][0] > LOOK_BACK:
            self._seen.popleft()
        self._out.write(f"\r  {self.line()}\033[K" if self._live else f"  {self.line()}\n")
        self._out.flush()

    def clear(self) -> None:
        """Make room for another line."""
        if self._live:
            self._out.write("\r\033[K")
            self._out.flush()

    def line(self) -> str:
        """`3,210 of 10,000 customers · 11.2 a second · 10 min left · 98 calls a second, 2 refused`."""
        (then, before, called), (now, done, calls) = self._seen[0], self._seen[-1]
        seconds = max(now - then, 0.001)
        rate = (done - before) / seconds
        of = f" of {self.total:,}" if self.total else ""
        left = f" · {lasting((self.total - self.done) / rate)} left" if self.total and rate else ""
        refused = f", {self._pace.refused:,} refused" if self._pace.refused else ""
        speed = f"{rate:.1f} a second{left} · {(calls - called) / seconds:.0f} calls a second{refused}"
        return f"{self.done:,}{of} customers · {speed}"


def lasting(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 20 min`."""
    minutes = round(max(seconds, 0) / 60)
    if minutes < 2:
        return f"{max(seconds, 0):.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
