"""Idempotency keys: the first answer under a key is the answer. https://docs.stripe.com/api/idempotent_requests"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from local.stripe.errors import StripeError, key_in_use

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Reply:
    """An answer kept under a key."""

    fingerprint: str
    status: int
    body: str
    request_id: str
    created: int


def fingerprint(method: str, path: str, params: dict[str, Any]) -> str:
    """The same for the same call with the same parameters, in whatever order."""
    text = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Replies:
    """The kept answers, and the keys whose first call is still being answered."""

    def __init__(self) -> None:
        self._kept: dict[str, Reply] = {}
        self._in_progress: dict[str, str] = {}

    def begin(self, key: str, print_: str, now: int) -> Reply | None:
        """The kept answer, or None and the key is taken until `end`. Raises for reuse with other parameters
        (400) and for a key still in progress (409)."""
        kept = self._kept.get(key)
        if kept is not None and now - kept.created >= KEPT_SECONDS:
            del self._kept[key]
            kept = None
        if (kept.fingerprint if kept else self._in_progress.get(key, print_)) != print_:
            raise StripeError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. Try using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
                executed=False,
            )
        if key in self._in_progress:
            raise key_in_use()
        if kept is None:
            self._in_progress[key] = print_
        return kept

    def keep(self, key: str, reply: Reply) -> None:
        """Keep an answer. Only calls whose endpoint began are kept."""
        self._kept[key] = reply

    def end(self, key: str) -> None:
        """The call is answered."""
        self._in_progress.pop(key, None)

    def dump(self) -> dict[str, Any]:
        """The kept answers as plain data."""
        return {key: asdict(reply) for key, reply in self._kept.items()}

    def load(self, data: dict[str, Any]) -> None:
        """The opposite of `dump`."""
        self._kept = {key: Reply(**reply) for key, reply in data.items()}
