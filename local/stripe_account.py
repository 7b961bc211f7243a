"""The portal against a merchant's own Stripe account in test mode: real API, no webhooks, nothing imitated."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib import wiring
from local.event_poll import EventPoll
from local.portal import LocalPortal, Place

SECRET, PUBLISHABLE = "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"
TEST_SECRET = re.compile(r"(sk|rk)_test_\w+", re.ASCII)
TEST_PUBLISHABLE = re.compile(r"pk_test_\w+", re.ASCII)
FOLDER = "stripe-test"


class UnusableKeys(Exception):
    """The keys given are none to start with. The message says why in one line and shows no key."""


@dataclass(frozen=True)
class Keys:
    """The two API keys of a Stripe account in test mode (https://docs.stripe.com/keys)."""

    secret: str = field(repr=False)
    publishable: str

    def folder(self, data: Path) -> Path:
        """Where this account's data lies below `data`: apart from the demo data and from other accounts."""
        return data / FOLDER / hashlib.sha256(self.publishable.encode()).hexdigest()[:12]


def keys_in(environment: Mapping[str, str]) -> Keys | None:
    """The account's test keys; None without any. Raises UnusableKeys for live, half-given and mismatched ones."""
    secret, publishable = environment.get(SECRET, "").strip(), environment.get(PUBLISHABLE, "").strip()
    if not secret and not publishable:
        return None
    trouble = _trouble(secret, publishable)
    if trouble:
        raise UnusableKeys(f"{trouble}. Give both test keys of one account, or neither for the local Stripe")
    return Keys(secret, publishable)


def _trouble(secret: str, publishable: str) -> str:
    """What is wrong with the two, or ""."""
    for name, key in ((SECRET, secret), (PUBLISHABLE, publishable)):
        if "_live_" in key:
            return f"{name} is a live key; here only test keys are used"
    if not secret or not publishable:
        return f"{SECRET if secret else PUBLISHABLE} is set, {PUBLISHABLE if secret else SECRET} is not"
    if not TEST_SECRET.fullmatch(secret):
        return f"{SECRET} does not look like sk_test_… or rk_test_…"
    if not TEST_PUBLISHABLE.fullmatch(publishable):
        return f"{PUBLISHABLE} does not look like pk_test_…"
    return ""


class AccountPortal(LocalPortal):
    """The portal over a Stripe account in test mode. `api_base` puts a stand-in in Stripe's place, for tests only."""

    def __init__(self, place: Place, keys: Keys, stage: str = "", api_base: str = "") -> None:
        super().__init__(place, stage)
        self._keys, self._api_base = keys, api_base

    def environment(self) -> dict[str, str]:
        """The portal's environment with the account in it; whatever else named a Stripe before is emptied."""
        return super().environment() | {
            SECRET: self._keys.secret,
            PUBLISHABLE: self._keys.publishable,
            "STRIPE_WEBHOOK_SECRET": "",
            "STRIPE_API_BASE": self._api_base,
            "STRIPE_JS_URL": "",
        }

    def run_in_background(self) -> None:
        """The queue, timed jobs, and Stripe's events, which no webhook brings to this machine."""
        super().run_in_background()
        parts = wiring.portal()
        poll = EventPoll(parts.gateway, parts.inbox, parts.queue, self.place.folder / "events-seen")
        self._running.callback(poll.stop)
        poll.start()
