"""3D Secure: an intent that waits for the customer at their bank, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local.stripe.errors import invalid

if TYPE_CHECKING:
    from local.stripe.store import Object, World

Settle = Callable[["World", "Object", bool], Any]
_SETTLE: dict[str, Settle] = {}


def challenge(object_name: str) -> Callable[[Settle], Settle]:
    """Register what becomes of an intent of this kind: called with (world, intent, passed)."""

    def register(handler: Settle) -> Settle:
        _SETTLE[object_name] = handler
        return handler

    return register


def next_action(world: World, intent: Object, return_url: str | None) -> Object:
    """What the browser is to do: leave for the bank's page if there is an address to return to, else let
    Stripe.js show that page. https://docs.stripe.com/api/setup_intents/object#setup_intent_object-next_action"""
    page = f"{world.base_url}/3ds/{intent['id']}"
    if return_url is not None:
        url = f"{page}?client_secret={intent['client_secret']}"
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    details = {"type": "three_d_secure_redirect", "stripe_js": page, "source": "src_" + intent["id"]}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": details}


def settle(world: World, intent_id: str, passed: bool) -> Object:
    """The customer passed or failed. Raises StripeError when the intent is unknown or waits for nothing."""
    intent = world.objects.get(intent_id)
    if intent is None or intent["object"] not in _SETTLE:
        raise invalid(f"No such intent: '{intent_id}'", "intent", "resource_missing")
    if intent["status"] != "requires_action":
        raise invalid(f"This intent waits for no challenge: its status is {intent['status']}.")
    _SETTLE[intent["object"]](world, intent, passed)
    world.dirty = True
    return intent
