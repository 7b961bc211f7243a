"""Subscriptions. https://docs.stripe.com/api/subscriptions"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.billing_time import checks, discounts, endings, making, planning, resuming, starting, updating
from local.stripe.billing_time.making import make
from local.stripe.billing_time.parameters import CREATE, DETAILS, FILTERS, PRORATION, UPDATE
from local.stripe.billing_time.periods import step
from local.stripe.billing_time.state import OVER, items_of, over
from local.stripe.errors import bad_parameter, invalid, no_such
from local.stripe.params import PAGING, boolean, choice, hash_of
from local.stripe.store import Object, World
from local.stripe.wire import route


@route("POST", "/v1/subscriptions", CREATE, ("customer",))
def create(world: World, params: dict[str, Any]) -> Object:
    """Billed at once unless it begins with a trial; a card that is refused leaves it incomplete."""
    world.live("customer", params["customer"], "customer", 400)
    currency = checks.check_items(world, params.get("items", []), "items", params.get("currency"))
    checks.check_currency(world, params["customer"], currency)
    checks.check_card(world, params, params["customer"])
    checks.check_collection(params, params.get("collection_method", "charge_automatically"))
    checks.check_tax_rates(world, params.get("default_tax_rates"), "default_tax_rates")
    discounts.check(world, params.get("discounts", []), currency)
    params["trial_end"] = _trial_end(world, params)
    _check_times(world, params)
    behavior = params.get("payment_behavior", "allow_incomplete")
    starting.check_payable(world, params, behavior)
    subscription = make(world, params)
    starting.begin(world, subscription, behavior=behavior, off_session=params.get("off_session", False))
    return subscription


def _trial_end(world: World, params: dict[str, Any]) -> int | None:
    if "trial_period_days" in params and "trial_end" in params:
        message = "You may only specify one of these parameters: trial_end, trial_period_days."
        raise bad_parameter(message, "trial_period_days", "parameters_exclusive")
    if "trial_end" in params:
        return None if params["trial_end"] == "now" else int(params["trial_end"])
    days = params.get("trial_period_days", 0)
    return world.now() + days * planning.DAY if days else None


def _check_times(world: World, params: dict[str, Any]) -> None:
    for name in ("trial_end", "billing_cycle_anchor", "cancel_at"):
        moment = params.get(name)
        if isinstance(moment, int) and moment <= world.now():
            raise invalid(f"Invalid timestamp for {name}: it must be a Unix timestamp in the future.", name)
    _check_anchor(world, params)
    if params.get("cancel_at") is not None and params.get("cancel_at_period_end"):
        message = "You may only specify one of these parameters: cancel_at, cancel_at_period_end."
        raise bad_parameter(message, "cancel_at", "parameters_exclusive")


def _check_anchor(world: World, params: dict[str, Any]) -> None:
    """Of a new subscription: not behind the date on which it would renew without one."""
    anchor = params.get("billing_cycle_anchor")
    if not isinstance(anchor, int) or not params.get("items"):
        return
    price = world.objects[params["items"][0]["price"]]
    natural = step(world.now(), price["recurring"])
    if anchor > natural:
        message = f"billing_cycle_anchor cannot be later than next natural billing date ({natural}) for plan"
        raise invalid(message, "billing_cycle_anchor")


@route("GET", "/v1/subscriptions", {**PAGING, **FILTERS})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first; without a status all but the canceled ones."""
    found = lists.matching(
        world.of("subscription", params.get("customer")), params, "collection_method", "created", "customer"
    )
    status = params.get("status")
    if status is None:
        found = [one for one in found if one["status"] != "canceled"]
    elif status != "all":
        wanted = OVER if status == "ended" else (status,)
        found = [one for one in found if one["status"] in wanted]
    if "price" in params:
        found = [one for one in found if any(item["price"]["id"] == params["price"] for item in items_of(one))]
    for name in ("current_period_start", "current_period_end"):
        found = [one for one in found if any(lists.within(item[name], params.get(name)) for item in items_of(one))]
    return lists.page(world, params, found, "/v1/subscriptions", "subscription")


@route("GET", "/v1/subscriptions/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One subscription, ended ones too."""
    return world.live("subscription", id)


@route("POST", "/v1/subscriptions/<id>", UPDATE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Only what is given changes."""
    subscription = world.live("subscription", id)
    _check_times(world, params)
    updating.check(world, subscription, params)
    updating.write(world, subscription, params)
    return subscription


@route(
    "DELETE",
    "/v1/subscriptions/<id>",
    {"cancellation_details": DETAILS, "invoice_now": boolean, "prorate": boolean},
)
def cancel(world: World, params: dict[str, Any], id: str) -> Object:
    """End it now. What was paid is not given back, unless `prorate` credits it."""
    subscription = world.live("subscription", id)
    if over(subscription):
        raise no_such("subscription", id)
    changes.apply(subscription["cancellation_details"], params.get("cancellation_details") or {})
    making.go_on(subscription)
    endings.cancel_now(world, subscription, params)
    return subscription


@route(
    "POST",
    "/v1/subscriptions/<id>/resume",
    {"billing_cycle_anchor": hash_of({"type": choice("now")}), "proration_behavior": PRORATION},
)
def resume(world: World, _params: dict[str, Any], id: str) -> Object:
    """A paused one begins a new period, which is billed now."""
    subscription = world.live("subscription", id)
    resuming.resume(world, subscription)
    return subscription
