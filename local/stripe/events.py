"""Events: what happened to an object, as a snapshot, kept and sent to webhook endpoints."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from local.stripe.shapes import API_VERSION

if TYPE_CHECKING:
    from local.stripe.store import World


def emit(world: World, type: str, obj: dict[str, Any], previous: dict[str, Any] | None) -> dict[str, Any]:
    """Make the event, queue its deliveries and count them as pending.

    `request` names the API call that caused it; events that time caused have a null id.
    """
    data = {"object": copy.deepcopy(obj)}
    if previous is not None:
        data["previous_attributes"] = previous
    request = world.request
    event = world.add(
        "event",
        type=type,
        api_version=API_VERSION,
        data=data,
        pending_webhooks=0,
        request={
            "id": request.id if request else None,
            "idempotency_key": request.idempotency_key if request else None,
        },
    )
    event["pending_webhooks"] = world.deliveries.enqueue(event)
    return event


def wanted(enabled: list[str], type: str) -> bool:
    """Whether an endpoint's `enabled_events` cover a type; `*` covers all, `invoice.*` a family."""
    family = type.rsplit(".", 1)[0] + ".*"
    return "*" in enabled or type in enabled or family in enabled
