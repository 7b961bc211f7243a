"""What was asked of the local Stripe: every API call, newest last, for tests and the console."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

_KEPT = 5000


@dataclass
class Request:
    """One API call. `status` is 0 until it is answered and when the reply was dropped."""

    id: str
    time: float
    method: str
    path: str
    number: int = 0
    status: int = 0
    idempotency_key: str | None = None
    publishable: bool = False
    replayed: bool = False
    fault: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


class RequestLog:
    """The latest calls, numbered from 1 since the last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all calls and count from 1 again."""
        self._requests: deque[Request] = deque(maxlen=_KEPT)
        self._numbers = count(1)

    def add(self, request: Request) -> None:
        """Enter a call; it is filled in while it is answered."""
        request.number = next(self._numbers)
        self._requests.append(request)

    def dump(self, after: int = 0) -> list[dict[str, Any]]:
        """The calls numbered above `after`, as plain data, card numbers masked."""
        return [
            {**asdict(request), "params": masked(request.params)}
            for request in list(self._requests)
            if request.number > after
        ]


def masked(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters without card numbers and security codes."""
    shown: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, dict):
            shown[name] = masked(value)
        else:
            shown[name] = "…" + value[-4:] if name == "number" else "…" if name == "cvc" else value
    return shown
