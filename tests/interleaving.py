"""Runs several plain functions step by step in an order a seed decides: each may stop wherever it calls `step`."""

import random
from collections.abc import Callable, Iterable

from greenlet import getcurrent, greenlet


class Scheduler:
    """Gives one of its tasks a turn at a time; `trace` keeps who went and where they stopped."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._main = getcurrent()
        self.trace: list[str] = []

    def step(self, label: str) -> None:
        """Stop here until the scheduler gives another turn. Outside its tasks it does nothing."""
        if getcurrent() is not self._main:
            self.trace.append(label)
            self._main.switch()

    def run(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Run all tasks to their end, in bursts: a task often gets several turns while others stand still.

        Even turns would hardly ever keep one task waiting for as long as a slow network does.
        """
        live = [greenlet(task) for task in tasks]
        while live:
            task = self._random.choice(live)
            for _ in range(self._random.choice((1, 1, 2, 4, 12))):
                task.switch()
                if task.dead:
                    break
            live = [t for t in live if not t.dead]
