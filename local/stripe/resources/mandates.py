"""Mandates: a customer's leave to debit their bank account. https://docs.stripe.com/api/mandates

A payment method keeps the id of its mandate hidden with it.
"""

from __future__ import annotations

from typing import Any

from local.stripe.banks import ACH
from local.stripe.errors import invalid
from local.stripe.params import boolean, filled, hash_of, integer, text
from local.stripe.store import Object, World, random_text
from local.stripe.wire import route

ONLINE = hash_of({"infer_from_client": boolean, "ip_address": filled, "user_agent": filled})
ACCEPTANCE = hash_of({"type": filled, "online": ONLINE, "offline": hash_of({"x": text}), "accepted_at": integer})
DATA = hash_of({"customer_acceptance": ACCEPTANCE})


@route("GET", "/v1/mandates/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One mandate."""
    return world.get("mandate", id)


def of(world: World, method: Object) -> str | None:
    """Id of the mandate a bank account was given with, None without one."""
    found: str | None = world.hidden(method["id"]).get("mandate")
    return found


def require(world: World, method: Object, data: dict[str, Any] | None, what: str) -> None:
    """Note what the customer agreed to in this call. Refuses a bank account nobody agreed to debit (`what` is the
    intent's kind, such as payment_intent)."""
    if of(world, method) is not None:
        return
    if data is None:
        message = f"A mandate is required to debit this {method['type']}: pass `mandate_data`."
        raise invalid(message, "mandate_data", f"{what}_mandate_invalid")
    world.hidden(method["id"])["mandate"] = _new(world, method, data.get("customer_acceptance", {}))["id"]


def _new(world: World, method: Object, acceptance: dict[str, Any]) -> Object:
    online = acceptance.get("type", "online") == "online"
    client = {"ip_address": "127.0.0.1", "user_agent": "Mozilla/5.0"} if online else {}
    given = {name: value for name, value in acceptance.get("online", {}).items() if name != "infer_from_client"}
    shown: Object = {} if method["type"] == ACH else {"reference": random_text(16).upper(), "url": world.base_url}
    kind = "online" if online else "offline"
    return world.add(
        "mandate",
        customer_acceptance={"accepted_at": world.now(), "type": kind, kind: {**client, **given}},
        multi_use={},
        payment_method=method["id"],
        payment_method_details={"type": method["type"], method["type"]: shown},
        status="active",
        type="multi_use",
    )
