"""Trouble on demand: the next calls fail, dawdle, or lose their reply."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from local.stripe.errors import StripeError, key_in_use


@dataclass
class Fault:
    """Trouble for the next `times` calls whose method and path fit.

    `status` answers 403 (the key may not), 409 (key in use), 429 (with `lock`: the object is locked) or 500 instead of,
    or with `after` in spite of, the effect;
    `delay` waits that many seconds first; `drop` loses the reply once the effect has happened.
    """

    status: int | None = None
    lock: bool = False
    after: bool = False
    delay: float = 0.0
    drop: bool = False
    method: str = ".*"
    path: str = ".*"
    times: int = 1

    def fits(self, method: str, path: str) -> bool:
        """Whether a call is one of those meant."""
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))

    def describe(self) -> str:
        """A few words for the request log."""
        words = [f"delay {self.delay}s"] if self.delay else []
        words += [f"status {self.status}" + (" after" if self.after else "")] if self.status else []
        words += ["reply dropped"] if self.drop else []
        return ", ".join(words)


class Faults:
    """The faults in wait, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, given: dict[str, Any]) -> Fault:
        """Set a fault from plain data; ValueError or TypeError when it makes no sense."""
        fault = Fault(**given)
        if fault.status not in (None, 403, 409, 429, 500):
            raise ValueError("status must be 403, 409, 429 or 500")
        re.compile(fault.method)
        re.compile(fault.path)
        self._waiting.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The fault meant for this call, counted down."""
        for fault in self._waiting:
            if fault.fits(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def reset(self) -> None:
        """No more faults."""
        self._waiting.clear()

    def dump(self) -> list[dict[str, Any]]:
        """The faults in wait as plain data."""
        return [asdict(fault) for fault in self._waiting]


def error(status: int, lock: bool = False) -> StripeError:
    """What Stripe answers with this status when the trouble is its own. Never kept under a key."""
    if status == 403:
        message = "The provided key does not have the required permissions for this endpoint on this account."
        return StripeError(403, message, executed=False)
    if status == 409:
        return key_in_use()
    if status == 429 and not lock:
        return StripeError(429, "Too many requests in a period of time.", code="rate_limit", executed=False)
    if status == 429:
        message = (
            "This object cannot be accessed right now because another API request or Stripe process is currently "
            "accessing it. If you see this error intermittently, retry the request."
        )
        return StripeError(429, message, code="lock_timeout", executed=False)
    return StripeError(500, "An unknown error occurred", type="api_error", executed=False)
