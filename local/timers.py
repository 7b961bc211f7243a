"""What EventBridge does on AWS: call the app's functions when their time comes."""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import ScheduledEventConfig

from local.gateway import LambdaContext

log = logging.getLogger(__name__)
UNITS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Timer:
    """A scheduled function: when it runs, in AWS's words; when it ran last and what it answered, when next."""

    name: str
    schedule: str
    next: float
    last: float | None = None
    answer: str = ""


class TimedJobs:
    """The app's scheduled functions, by the portal's time."""

    def __init__(self, app: Any, now: Callable[[], float]) -> None:
        self._app, self._now = app, now
        self._lock = threading.Lock()
        sources = [c for c in app.event_sources if isinstance(c, ScheduledEventConfig)]
        self._schedules = {c.name: _text(c.schedule_expression) for c in sources}
        began = now()
        self._timers = {n: Timer(n, s, next_run(s, began)) for n, s in self._schedules.items()}

    @property
    def timers(self) -> Mapping[str, Timer]:
        """All of them by name."""
        return self._timers

    def run_due(self) -> None:
        """Run each function whose time has come, once however often it came."""
        for name in [timer.name for timer in self._timers.values() if timer.next <= self._now()]:
            self.run(name)

    def run(self, name: str) -> None:
        """Run one function now. Raises KeyError for a name that is none of them."""
        with self._lock:
            now, schedule = self._now(), self._schedules[name]
            try:
                counts = self._app.handler_map[name](_timer_event(name, now), LambdaContext(name, 60)) or {}
                answer = ", ".join(f"{what} {number}" for what, number in counts.items())
            except Exception:  # the outermost boundary, as in Lambda: the next round tries again
                log.exception("%s failed", name)
                answer = "failed"
            self._timers[name] = Timer(name, schedule, next_run(schedule, now), now, answer)


def next_run(schedule: str, after: float) -> float:
    """The first moment after another (UTC epoch seconds) at which a schedule runs: `rate(…)` or a daily `cron(…)`.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule)
    if rate:
        return after + int(rate[1]) * UNITS[rate[2]]
    daily = re.fullmatch(r"cron\((\d+) (\d+) \* \* \? \*\)", schedule)
    if not daily:
        raise ValueError(f"a schedule nobody here understands: {schedule}")
    wanted = int(daily[1]) * 60 + int(daily[2]) * 3600
    midnight = after // UNITS["day"] * UNITS["day"]
    return midnight + wanted + (UNITS["day"] if midnight + wanted <= after else 0)


def _text(expression: Any) -> str:
    return expression if isinstance(expression, str) else str(expression.to_string())


def _timer_event(name: str, moment: float) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"{name}-{int(moment)}",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
        "region": "us-east-1",
        "resources": [f"arn:aws:events:us-east-1:000000000000:rule/{name}"],
        "detail": {},
    }
