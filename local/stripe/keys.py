"""API keys: secret ones do everything, publishable ones only what a browser may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Authorization, Headers

from local.stripe.errors import StripeError, invalid

if TYPE_CHECKING:
    from local.stripe.requestlog import Request
    from local.stripe.store import World

SECRET, PUBLISHABLE = ("sk_test_", "rk_test_"), "pk_test_"
_HIDDEN_FROM_BROWSERS = ("application", "customer", "customer_account", "metadata", "on_behalf_of")


def is_publishable(
    authorization: Authorization | None, headers: Headers, given: dict[str, Any], revoked: list[str]
) -> bool:
    """Whether the call's key is a publishable one; Stripe.js sends it as the parameter `key`, which is taken
    out here. Raises StripeError 401 without a key, with any but a test key, or with one that was revoked."""
    posted = given.pop("key", None)
    sent = headers.get("Authorization", "")
    key = sent.removeprefix("Bearer ") if sent.startswith("Bearer ") else posted
    if authorization is not None and authorization.type == "basic":
        key = authorization.username
    if not isinstance(key, str) or not key:
        raise _unauthenticated(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."
        )
    if not key.startswith((*SECRET, PUBLISHABLE)):
        masked = key[:8] + "*" * max(0, len(key) - 12) + key[-4:]
        raise _unauthenticated(f"Invalid API Key provided: {masked} (the local Stripe takes test keys only)")
    if key in revoked:
        raise _unauthenticated(f"Invalid API Key provided: {key[:8]}**** (it was revoked)")
    return key.startswith(PUBLISHABLE)


def _unauthenticated(message: str) -> StripeError:
    return StripeError(401, message, executed=False)


def admit(world: World, entry: Request, kind: str, ids: tuple[str, ...], given: dict[str, Any]) -> None:
    """Refuse a publishable key where the endpoint does not take it, or without the right client secret.

    Takes `client_secret` out of the parameters."""
    secret = given.pop("client_secret", None) if kind == "client_secret" else None
    if not entry.publishable:
        return
    if kind == "secret":
        raise StripeError(
            403,
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
            "list of your API keys at https://dashboard.stripe.com/account/apikeys.",
            code="secret_key_required",
            executed=False,
        )
    if kind == "client_secret":
        obj = world.objects.get(ids[0], {})
        if secret is None or secret != obj.get("client_secret"):
            message = "The client_secret provided does not match any associated object on this account."
            raise invalid(message, "client_secret")


def shown(answer: dict[str, Any], publishable: bool) -> dict[str, Any]:
    """What a browser may see of an answer: Stripe keeps the customer and the metadata from it."""
    if not publishable:
        return answer
    return {name: value for name, value in answer.items() if name not in _HIDDEN_FROM_BROWSERS}
