"""The one place that knows what time it is: UTC epoch seconds."""

import time
from collections.abc import Callable

LAST_MOMENT = 32_503_680_000
"""1 January 3000, 00:00 UTC: no calendar here goes further."""

_source: Callable[[], float] = time.time


def now() -> float:
    """Current UTC time in epoch seconds."""
    return _source()


def use(source: Callable[[], float]) -> Callable[[], float]:
    """Swap the source of time, giving the one replaced. Only the local stack and tests do; nothing deployed can."""
    global _source
    replaced, _source = _source, source
    return replaced
