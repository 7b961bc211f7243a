"""Refunds. https://docs.stripe.com/api/refunds"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.billing_money.charges import book
from local.stripe.billing_money.currencies import written
from local.stripe.errors import bad_parameter, invalid
from local.stripe.params import PAGING, Accepts, choice, filled, metadata, span, whole
from local.stripe.store import Object, World, random_text
from local.stripe.wire import route

CREATE: Accepts = {
    "amount": whole(1),
    "charge": filled,
    "metadata": metadata,
    "payment_intent": filled,
    "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
}


@route("POST", "/v1/refunds", CREATE)
def create(world: World, params: dict[str, Any]) -> Object:
    """Give back a charge, all that is left of it or a part."""
    charge = _charge(world, params)
    amount = _amount(charge, params.get("amount"))
    id = world.new_id("refund")
    refund = world.add(
        "refund",
        id=id,
        amount=amount,
        balance_transaction=book(world, id, "refund", -amount, 0, charge["currency"], []),
        charge=charge["id"],
        currency=charge["currency"],
        destination_details=_destination(charge),
        metadata=changes.merged_metadata({}, params.get("metadata")),
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        status="succeeded",
    )
    world.hidden(charge["id"]).setdefault("refunds", []).append(id)
    world.emit("refund.created", refund)
    with world.change(charge, "charge.refunded"):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    return refund


def _destination(charge: Object) -> Object:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {"type": kind}
    card = {"reference": random_text(14), "reference_status": "available", "type": "refund"}
    return {"type": "card", "card": {**card, "reference_type": "acquirer_reference_number"}}


def _charge(world: World, params: dict[str, Any]) -> Object:
    if ("charge" in params) == ("payment_intent" in params):
        raise bad_parameter(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    if "charge" in params:
        return world.get("charge", params["charge"], "charge", 400)
    intent = world.get("payment_intent", params["payment_intent"], "payment_intent", 400)
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise invalid(message, "payment_intent")
    return world.get("charge", intent["latest_charge"])


def _amount(charge: Object, asked: int | None) -> int:
    """How much to give back. Raises StripeError for more than is left."""
    if not charge["paid"]:
        raise invalid(f"Charge {charge['id']} is not captured or failed, and cannot be refunded.", "charge")
    rest = int(charge["amount_captured"] - charge["amount_refunded"])
    if rest == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    if asked is not None and asked > rest:
        sums = written(asked, charge["currency"]), written(rest, charge["currency"])
        raise invalid("Refund amount ({}) is greater than unrefunded amount on charge ({})".format(*sums), "amount")
    return rest if asked is None else asked


@route("GET", "/v1/refunds", {**PAGING, "charge": filled, "created": span, "payment_intent": filled})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first."""
    found = lists.matching(world.of("refund"), params, "charge", "created", "payment_intent")
    return lists.page(world, params, found, "/v1/refunds", "refund")


@route("GET", "/v1/refunds/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One refund."""
    return world.get("refund", id)
