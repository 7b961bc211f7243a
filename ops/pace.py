"""Calls to Stripe at the speed it allows: slower at once when it refuses one, then little by little faster again.

https://docs.stripe.com/rate-limits: 100 calls a second in live mode, 25 in a sandbox, 25 for one endpoint. The shop's
own calls share them, so the limits are tops and never aims. `Stripe-Rate-Limited-Reason` says which was hit.
"""

import random
import re
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

LIVE, SANDBOX, ENDPOINT = 100, 25, 25
TIMEOUT = (3.0, 30.0)
TRIES = 8
# seconds in which a rate creeps from nothing up to its limit; from half of it in half of them
CREEP = 60
SLOWEST = 1 / 32
TOO_MANY = 429


class Rate:
    """At most so many calls a second, evenly spaced."""

    def __init__(self, limit: float) -> None:
        self._limit = self.now = limit
        self._next = self._changed = self._halved = time.monotonic()

    def free_at(self) -> float:
        """When the next call may go."""
        return self._next

    def take(self, moment: float) -> None:
        """A call goes."""
        self.now = min(self._limit, self.now + (moment - self._changed) * self._limit / CREEP)
        self._changed = moment
        self._next = moment + 1 / self.now

    def halve(self, sent: float) -> None:
        """A call was refused. Those sent before the last halving tell nothing of the rate as it is now."""
        if sent >= self._halved:
            self._halved = self._changed = time.monotonic()
            self.now = max(self._limit * SLOWEST, self.now / 2)


class Pace:
    """The rate of all calls and that of each endpoint, for any number of threads. Counts `calls` and `refused`."""

    def __init__(self, in_all: float, per_endpoint: float = ENDPOINT) -> None:
        self._per_endpoint = min(per_endpoint, in_all)
        self._all, self._endpoints = Rate(in_all), dict[str, Rate]()
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        self.calls = self.refused = 0

    @property
    def rate(self) -> float:
        """Calls a second that are let go now."""
        return self._all.now

    def rate_of(self, endpoint: str) -> float:
        """The same of one endpoint that was called before."""
        return self._endpoints[endpoint].now

    def wait(self, endpoint: str) -> float:
        """Return when a call may go (monotonic seconds). Raises Stopped."""
        while True:
            with self._lock:
                rates = self._all, self._endpoints.setdefault(endpoint, Rate(self._per_endpoint))
                now = time.monotonic()
                until = max(rate.free_at() for rate in rates)
                if until <= now:
                    for rate in rates:
                        rate.take(now)
                    self.calls += 1
                    return now
            self.pause(until - now)

    def pause(self, seconds: float) -> None:
        """Let time pass. Raises Stopped."""
        if self.stopped.wait(seconds):
            raise Stopped

    def slow_down(self, endpoint: str, reason: str, sent: float) -> None:
        """The call sent then was refused. An object in use by somebody else is no matter of speed."""
        with self._lock:
            self.refused += 1
            if not reason.startswith(("endpoint", "resource")):
                self._all.halve(sent)
            if not reason.startswith(("global", "resource")):
                self._endpoints[endpoint].halve(sent)


class Stopped(Exception):
    """Somebody wants to stop; nothing more is sent."""


class PacedClient(stripe.RequestsClient):
    """Sends each call when the pace allows it, and again when Stripe found it came too fast: it was not executed."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(timeout=TIMEOUT)
        self._pace = pace

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **more: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        """One call. A refusal is handed on after TRIES of them."""
        endpoint = endpoint_of(method, url)
        for attempt in range(TRIES):
            sent = self._pace.wait(endpoint)
            answer: tuple[str, int, Mapping[str, str]] = super().request(method, url, headers, post_data, **more)
            if answer[1] != TOO_MANY:
                break
            self._pace.slow_down(endpoint, answer[2].get("Stripe-Rate-Limited-Reason", ""), sent)
            self._pace.pause(min(8, 0.25 * 2**attempt) * random.uniform(0.5, 1))  # noqa: S311 jitter, not a secret
        return answer


def endpoint_of(method: str, url: str) -> str:
    """`GET /v1/customers/{id}`: what is one endpoint to Stripe. Ids have digits or capitals, names of paths do not."""
    path = urlsplit(url).path.removeprefix("/v1")
    return f"{method.upper()} /v1" + re.sub(r"/[^/]*[A-Z0-9][^/]*", "/{id}", path)
