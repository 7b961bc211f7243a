"""Customers. https://docs.stripe.com/api/customers"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists, shapes
from local.stripe.billing_time.endings import end
from local.stripe.billing_time.state import over
from local.stripe.errors import invalid
from local.stripe.params import (
    ADDRESS,
    PAGING,
    choice,
    filled,
    hash_of,
    integer,
    list_of,
    metadata,
    or_unset,
    span,
    text,
)
from local.stripe.resources.payment_methods import attach_to
from local.stripe.store import Object, World
from local.stripe.wire import route

INVOICE_SETTINGS = hash_of(
    {
        "default_payment_method": text,
        "footer": text,
        "custom_fields": list_of(hash_of({"name": filled, "value": filled}, ("name", "value"))),
    }
)
WRITABLE = {
    "address": ADDRESS,
    "balance": integer,
    "description": text,
    "email": text,
    "invoice_prefix": filled,
    "invoice_settings": INVOICE_SETTINGS,
    "metadata": metadata,
    "name": text,
    "next_invoice_sequence": integer,
    "phone": text,
    "preferred_locales": list_of(filled),
    "shipping": hash_of({"address": ADDRESS, "name": filled, "phone": text}, ("address", "name")),
    "tax_exempt": or_unset(choice("exempt", "none", "reverse")),
}
CREATE = {**WRITABLE, "payment_method": filled}


@route("POST", "/v1/customers", CREATE)
def create(world: World, params: dict[str, Any]) -> Object:
    """A new customer, with a card attached if one is named."""
    _check_email(params)
    payment_method = params.pop("payment_method", None)
    id = world.new_id("customer")
    customer = shapes.complete(
        "customer",
        id=id,
        created=world.now(),
        livemode=False,
        balance=0,
        delinquent=False,
        invoice_prefix=id[-8:].upper(),
        invoice_settings={},
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
    )
    _write(customer, params)
    if payment_method is not None:
        attach_to(world, payment_method, customer)
    _check_default(world, customer, params)
    world.put(customer)
    world.emit("customer.created", customer)
    return customer


def _write(customer: Object, params: dict[str, Any]) -> None:
    """Write the parameters, completing hashes given in part."""
    if params.get("tax_exempt", "none") is None:
        params["tax_exempt"] = "none"
    if params.get("invoice_settings", {}) is None:
        params["invoice_settings"] = {"default_payment_method": None, "footer": None, "custom_fields": None}
    changes.apply(customer, params)
    if "balance" in params and customer["currency"] is None and customer["balance"] != 0:
        customer["currency"] = "gbp"
    whole = shapes.complete("customer", **customer)
    customer.update({name: whole[name] for name in ("address", "shipping", "invoice_settings")})


def _check_email(params: dict[str, Any]) -> None:
    email = params.get("email")
    if email is not None and ("@" not in email or len(email) > 512):
        raise invalid(f"Invalid email address: {email}", "email", "email_invalid")


def _check_default(world: World, customer: Object, params: dict[str, Any]) -> None:
    id = (params.get("invoice_settings") or {}).get("default_payment_method")
    if id is not None and world.objects.get(id, {}).get("customer") != customer["id"]:
        raise invalid(
            f"The customer does not have a payment method with the ID {id}. The payment method must be attached to "
            "the customer.",
            "invoice_settings[default_payment_method]",
            "resource_missing",
        )


@route("GET", "/v1/customers", {**PAGING, "email": filled, "created": span})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first. The e-mail filter is case-sensitive, as Stripe says of its own."""
    found = lists.matching(world.of("customer"), params, "email", "created")
    return lists.page(world, params, found, "/v1/customers", "customer")


@route("GET", "/v1/customers/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """A deleted customer answers as its stub."""
    return world.get("customer", id)


@route("POST", "/v1/customers/<id>", WRITABLE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Only what is given changes."""
    customer = world.live("customer", id)
    _check_email(params)
    _check_default(world, customer, params)
    with world.change(customer, "customer.updated"):
        _write(customer, params)
    return customer


@route("DELETE", "/v1/customers/<id>")
def delete(world: World, _params: dict[str, Any], id: str) -> Object:
    """For good: subscriptions end, and cards go too."""
    customer = world.live("customer", id)
    for subscription in world.of("subscription"):
        if subscription["customer"] == id and not over(subscription):
            end(world, subscription, None)
    for method in world.of("payment_method"):
        if method["customer"] == id:
            method["customer"] = None
            world.hidden(method["id"])["spent"] = True
    world.emit("customer.deleted", customer)
    return world.delete(customer)
