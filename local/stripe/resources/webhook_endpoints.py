"""Where events are sent. https://docs.stripe.com/api/webhook_endpoints"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from local.stripe import changes, lists
from local.stripe.errors import invalid
from local.stripe.params import PAGING, boolean, choice, filled, list_of, metadata, text
from local.stripe.shapes import API_VERSION
from local.stripe.store import Object, World, random_text
from local.stripe.wire import route

LOOPBACK = ("127.0.0.1", "localhost", "::1")
WRITABLE = {"url": filled, "enabled_events": list_of(filled), "description": text, "metadata": metadata}


@route("POST", "/v1/webhook_endpoints", {**WRITABLE, "api_version": choice(API_VERSION)}, ("url", "enabled_events"))
def create(world: World, params: dict[str, Any]) -> Object:
    """The only answer that shows the secret."""
    endpoint, secret = _add(world, params, "whsec_" + random_text(32))
    return {**endpoint, "secret": secret}


def _add(world: World, params: dict[str, Any], secret: str) -> tuple[Object, str]:
    _check(params)
    marks = changes.merged_metadata({}, params.get("metadata") or {})
    endpoint = world.add(
        "webhook_endpoint", hidden={"secret": secret}, **{**params, "status": "enabled", "metadata": marks}
    )
    return endpoint, secret


def _check(params: dict[str, Any]) -> None:
    """Only this machine: events of a local Stripe are nobody else's business."""
    if "url" in params:
        target = urlsplit(params["url"])
        if target.scheme != "http" or target.hostname not in LOOPBACK:
            raise invalid("Invalid URL: the local Stripe sends events to http://127.0.0.1 only", "url", "url_invalid")
    if params.get("enabled_events") == []:
        raise invalid("Invalid array: enabled_events must not be empty", "enabled_events")


def put_endpoint(world: World, url: str, secret: str, enabled_events: list[str]) -> Object:
    """The one endpoint for a URL, made or changed to have this secret and these events."""
    for endpoint in world.of("webhook_endpoint"):
        if endpoint["url"] == url:
            endpoint["enabled_events"] = enabled_events
            world.hidden(endpoint["id"])["secret"] = secret
            world.dirty = True
            return endpoint
    world.dirty = True
    return _add(world, {"url": url, "enabled_events": enabled_events}, secret)[0]


@route("GET", "/v1/webhook_endpoints", PAGING)
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    return lists.page(world, params, world.of("webhook_endpoint"), "/v1/webhook_endpoints", "webhook_endpoint")


@route("GET", "/v1/webhook_endpoints/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """Without its secret."""
    return world.live("webhook_endpoint", id, "webhook_endpoint")


@route("POST", "/v1/webhook_endpoints/<id>", {**WRITABLE, "disabled": boolean})
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Change what it wants, or switch it off."""
    endpoint = world.live("webhook_endpoint", id, "webhook_endpoint")
    _check(params)
    if "disabled" in params:
        endpoint["status"] = "disabled" if params.pop("disabled") else "enabled"
    changes.apply(endpoint, params)
    return endpoint


@route("DELETE", "/v1/webhook_endpoints/<id>")
def delete(world: World, _params: dict[str, Any], id: str) -> Object:
    """Nothing more is sent there."""
    return world.delete(world.live("webhook_endpoint", id, "webhook_endpoint"))
