"""Products. https://docs.stripe.com/api/products"""

from __future__ import annotations

from typing import Any

from local.stripe import changes, lists
from local.stripe.errors import invalid
from local.stripe.params import PAGING, Accepts, boolean, filled, hash_of, list_of, metadata, span, text
from local.stripe.store import Object, World
from local.stripe.wire import route

WRITABLE: Accepts = {
    "active": boolean,
    "description": text,
    "images": list_of(filled),
    "marketing_features": list_of(hash_of({"name": filled}, ("name",))),
    "metadata": metadata,
    "name": filled,
    "statement_descriptor": text,
    "tax_code": text,
    "unit_label": text,
    "url": text,
}


@route("POST", "/v1/products", {**WRITABLE, "id": filled}, ("name",))
def create(world: World, params: dict[str, Any]) -> Object:
    """A product, under an id of one's own if given."""
    return add(world, **params)


def add(world: World, **given: Any) -> Object:
    """Make and announce a product. Raises StripeError when the id is taken."""
    if given.get("id") in world.objects:
        raise invalid(f"Product already exists: {given['id']}", "id", "resource_already_exists")
    product = world.add(
        "product",
        **{
            "active": True,
            "images": [],
            "marketing_features": [],
            "type": "service",
            "updated": world.now(),
            **given,
            "metadata": changes.merged_metadata({}, given.get("metadata")),
        },
    )
    world.emit("product.created", product)
    return product


@route("GET", "/v1/products", {**PAGING, "active": boolean, "created": span, "ids": list_of(filled), "url": filled})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Newest first; `ids` picks some."""
    found = lists.matching(world.of("product"), params, "active", "created", "url")
    if "ids" in params:
        found = [product for product in found if product["id"] in params["ids"]]
    return lists.page(world, params, found, "/v1/products", "product")


@route("GET", "/v1/products/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """One product."""
    return world.live("product", id)


@route("POST", "/v1/products/<id>", {**WRITABLE, "default_price": text})
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Only what is given changes."""
    product = world.live("product", id)
    price = params.get("default_price")
    if price is not None and world.live("price", price, "default_price", 400)["product"] != id:
        raise invalid(f"The price {price} does not belong to the product {id}.", "default_price")
    with world.change(product, "product.updated"):
        changes.apply(product, params)
        product["updated"] = world.now()
    return product


@route("DELETE", "/v1/products/<id>")
def delete(world: World, _params: dict[str, Any], id: str) -> Object:
    """Only a product that never had a price."""
    product = world.live("product", id)
    if any(price["product"] == id for price in world.of("price")):
        message = (
            "This product cannot be deleted because it has one or more user-created prices. You can archive it instead."
        )
        raise invalid(message, "id")
    world.emit("product.deleted", product)
    return world.delete(product)
