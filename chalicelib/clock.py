"""The one place that knows what time it is: UTC epoch seconds."""

import time
from collections.abc import Callable

_source: Callable[[], float] = time.time


def now() -> float:
    """Current UTC time in epoch seconds."""
    return _source()


def use(source: Callable[[], float]) -> None:
    """Swap the source of time. Only the local stack and tests do; nothing in a deployed stack can."""
    global _source
    _source = source
