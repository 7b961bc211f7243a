"""3D Secure: an intent that waits for the customer at their bank, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local.stripe.errors import StripeError, invalid

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


def require_return_url(world: World, intent: Object, params: dict[str, Any]) -> None:
    """Refuse to confirm from a server, with no way back, an intent whose payment methods may redirect.

    https://docs.stripe.com/changelog/2023-08-16/automatic-payment-methods; Stripe.js brings its own way back.
    """
    automatic = intent["automatic_payment_methods"] or {"enabled": False}
    may_redirect = automatic["enabled"] and automatic.get("allow_redirects", "always") != "never"
    by_browser = world.request is not None and world.request.publishable
    if not may_redirect or "return_url" in params or by_browser:
        return
    kind = "Setup Intent" if intent["object"] == "setup_intent" else "Payment Intent"
    message = (
        f"A `return_url` must be specified because this {kind} is configured to automatically accept the payment "
        "methods enabled in the Dashboard, some of which may require a full page redirect to succeed. If you do not "
        "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
    )
    refusal = StripeError(400, message, param="return_url")
    refusal.fields[intent["object"]] = intent
    raise refusal


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
