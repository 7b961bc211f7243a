"""The stage's webhook endpoint at Stripe: exactly the events we follow, in the API version we read.

An endpoint's version cannot be changed, so another version means another endpoint. Both send for a while, each under
its own secret, and the older goes once the newer has been at work for an hour.
https://docs.stripe.com/webhooks/versioning
"""

import os
from collections.abc import Iterator
from typing import Any

import stripe

from chalicelib import clock
from chalicelib.billing.wanted_events import WANTED
from chalicelib.web.links import ROUTES
from ops.secret_store import WEBHOOK_SECRET, SecretStore
from ops.stage import Stage, Trouble

MARK = "tillkey_stage"
OVERLAP = 3600
PATH = ROUTES["webhook"]


def register(store: SecretStore, stage: Stage, public_url: str, publishable_key: str) -> Iterator[str]:
    """Bring Stripe's side in order, saying what was done. Uses the operator's own key from STRIPE_OPERATOR_KEY.

    Raises Trouble without that key, with one of another mode, or when Stripe refuses.
    """
    endpoints = operator(publishable_key).v1.webhook_endpoints
    try:
        ours = list(made_for(stage, endpoints))
        right = [e for e in ours if e.api_version == stripe.api_version and e.url == public_url + PATH]
        if right:
            yield from _keep(endpoints, right[0])
        else:
            yield from _make(endpoints, store, stage, public_url + PATH)
        yield from _retire(endpoints, store, [e for e in ours if e not in right[:1]], right[:1])
    except stripe.StripeError as error:
        raise Trouble(f"Stripe refused to set up the webhook endpoint: {error.user_message or error}") from error


def remove(stage: Stage, publishable_key: str) -> None:
    """Remove all endpoints of the stage."""
    endpoints = operator(publishable_key).v1.webhook_endpoints
    for endpoint in list(made_for(stage, endpoints)):
        endpoints.delete(endpoint.id)


def made_for(stage: Stage, endpoints: Any) -> Iterator[Any]:
    """The stage's endpoints, newest first, by the mark we put on them."""
    for endpoint in endpoints.list({"limit": 100}).auto_paging_iter():
        if (endpoint.to_dict().get("metadata") or {}).get(MARK) == stage.name:
            yield endpoint


def operator(publishable_key: str) -> stripe.StripeClient:
    """A client under the operator's key, which never reaches the stack."""
    key, mode = os.environ.get("STRIPE_OPERATOR_KEY", ""), publishable_key.split("_")[1]
    if not key.startswith((f"sk_{mode}_", f"rk_{mode}_")):
        raise Trouble(
            f"Set STRIPE_OPERATOR_KEY to your own secret key in {mode} mode; it registers the webhook endpoint "
            "and is not stored"
        )
    base: Any = {"api": os.environ["STRIPE_API_BASE"]} if os.environ.get("STRIPE_API_BASE") else None
    return stripe.StripeClient(key, base_addresses=base)


def _keep(endpoints: Any, endpoint: Any) -> Iterator[str]:
    if sorted(endpoint.enabled_events) != sorted(WANTED) or endpoint.status != "enabled":
        endpoints.update(endpoint.id, {"enabled_events": list(WANTED), "disabled": False})
        yield "Stripe sends exactly the events we follow again"
    else:
        yield "Stripe sends its events here"


def _make(endpoints: Any, store: SecretStore, stage: Stage, url: str) -> Iterator[str]:
    made = endpoints.create(
        {
            "url": url,
            "enabled_events": list(WANTED),
            "api_version": stripe.api_version,
            "description": f"Tillkey {stage.name}",
            "metadata": {MARK: stage.name},
        }
    )
    # the newest first; deliveries of the older endpoint verify under the second until it is removed
    older = store.read(WEBHOOK_SECRET).split()[:1]
    store.write(WEBHOOK_SECRET, " ".join([made.secret, *older]))
    yield f"Stripe sends its events to {url}"


def _retire(endpoints: Any, store: SecretStore, others: list[Any], right: list[Any]) -> Iterator[str]:
    if others and right and clock.now() - right[0].created >= OVERLAP:
        for endpoint in others:
            endpoints.delete(endpoint.id)
        store.write(WEBHOOK_SECRET, store.read(WEBHOOK_SECRET).split()[0])
        yield "the older webhook endpoint is removed"
    elif others:
        yield "the older webhook endpoint stays for an hour; run finish again after that to remove it"
