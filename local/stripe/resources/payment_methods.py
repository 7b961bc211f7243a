"""Saved cards and bank accounts. https://docs.stripe.com/api/payment_methods

What one will do is hidden with it: `card` or `bank` (its number) and `spent` (once detached, or used unattached,
it may never be used again).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from local.stripe import banks, cards, changes, lists, shapes
from local.stripe.banks import TestBank
from local.stripe.cards import TestCard
from local.stripe.errors import bad_parameter, card_declined, invalid, missing_parameter
from local.stripe.params import ADDRESS, PAGING, Accepts, choice, filled, hash_of, integer, metadata, text
from local.stripe.store import Object, World
from local.stripe.wire import route

BILLING_DETAILS = hash_of({"address": ADDRESS, "email": text, "name": text, "phone": text, "tax_id": text})
REDISPLAY = choice("always", "limited", "unspecified")
CARD = hash_of({"number": filled, "exp_month": integer, "exp_year": integer, "cvc": text, "token": filled})
ACCOUNT = hash_of(
    {
        "account_number": filled,
        "routing_number": filled,
        "account_holder_type": choice("company", "individual"),
        "account_type": choice("checking", "savings"),
    }
)
CREATE: Accepts = {
    "type": choice("card", banks.SEPA, banks.ACH),
    "card": CARD,
    banks.SEPA: hash_of({"iban": filled}),
    banks.ACH: ACCOUNT,
    "billing_details": BILLING_DETAILS,
    "metadata": metadata,
    "allow_redisplay": REDISPLAY,
}
NEW_EXPIRY = hash_of({"exp_month": integer, "exp_year": integer})
UPDATE: Accepts = {
    "billing_details": BILLING_DETAILS,
    "metadata": metadata,
    "allow_redisplay": REDISPLAY,
    "card": NEW_EXPIRY,
}
TYPE = {"type": filled, "allow_redisplay": REDISPLAY}


@route("POST", "/v1/payment_methods", CREATE, ("type",), key="publishable")
def create(world: World, params: dict[str, Any]) -> Object:
    """A card by its number, or by a test token such as tok_visa, or a bank account; attached to nobody yet."""
    kind = params.pop("type")
    if kind != "card":
        return _read_bank(world, kind, params)
    given = params.pop("card", None)
    if given is None:
        raise missing_parameter("card")
    if "token" in given:
        card = cards.by_token(given["token"])
        if card is None:
            raise bad_parameter(f"Invalid token id: {given['token']}", "token")
        return new_card(world, card, **params)
    card, month, year = _read_card(given)
    return new_card(world, card, month, year, cvc=given.get("cvc"), **params)


def _read_bank(world: World, kind: str, params: dict[str, Any]) -> Object:
    given = params.pop(kind, {})
    field, needs = ("iban", ("name", "email")) if kind == banks.SEPA else ("account_number", ("name",))
    if field not in given:
        raise missing_parameter(f"{kind}[{field}]")
    for name in needs:
        if not (params.get("billing_details") or {}).get(name):
            raise missing_parameter(f"billing_details[{name}]")
    bank = banks.BY_NUMBER.get(given[field].replace(" ", ""))
    if bank is None or bank.kind != kind:
        code = "invalid_bank_account_iban" if kind == banks.SEPA else "account_number_invalid"
        raise invalid(f"No test account has this {field}.", f"{kind}[{field}]", code)
    return new_bank(world, bank, **params)


def _read_card(given: dict[str, Any]) -> tuple[TestCard, int, int]:
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise missing_parameter(f"card[{name}]")
    number = given["number"].replace(" ", "")
    month, year = given["exp_month"], given["exp_year"] + (2000 if given["exp_year"] < 100 else 0)
    if not number.isdigit() or not cards.passes_luhn(number):
        wrong = cards.INCORRECT_NUMBER
        raise card_declined(wrong.message, wrong.code, param=wrong.param)
    if not 1 <= month <= 12:
        raise card_declined("Your card's expiration month is invalid.", "invalid_expiry_month", param="exp_month")
    today = datetime.fromtimestamp(time.time(), UTC)
    if (year, month) < (today.year, today.month):
        raise card_declined("Your card's expiration year is invalid.", "invalid_expiry_year", param="exp_year")
    return known_card(number), month, year


def known_card(number: str) -> TestCard:
    """The test card with this number. Others are refused: real ones have no place here."""
    if number not in cards.BY_NUMBER:
        message = "Your card was declined. Your request was in test mode, but used a non test (live) card."
        raise card_declined(message, "card_declined", "test_mode_live_card")
    return cards.BY_NUMBER[number]


def new_card(
    world: World, card: TestCard, exp_month: int = 12, exp_year: int = 2034, cvc: str | None = None, **given: Any
) -> Object:
    """A payment method for a test card, unattached. `given` are other fields, such as billing_details."""
    shown = {
        "brand": card.brand,
        "checks": {"cvc_check": "unchecked" if cvc else None},
        "country": card.country,
        "display_brand": {"amex": "american_express"}.get(card.brand, card.brand),
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand]},
        "three_d_secure_usage": {"supported": True},
    }
    return world.add("payment_method", type="card", card=shown, hidden={"card": card.number}, **_fields(given))


def new_bank(world: World, bank: TestBank, **given: Any) -> Object:
    """A payment method for a test bank account, unattached."""
    fields = {bank.kind: banks.shown(bank), **_fields(given)}
    return world.add("payment_method", type=bank.kind, hidden={"bank": bank.number}, **fields)


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    fields = {"allow_redisplay": "unspecified", **given, "metadata": given.get("metadata") or {}}
    fields["billing_details"] = given.get("billing_details") or {"address": {}}
    fields["billing_details"].setdefault("address", {})
    return fields


def bank_of(world: World, method: Object) -> TestBank | None:
    """What the bank account behind a payment method will do; None for a card."""
    return banks.BY_NUMBER.get(world.hidden(method["id"]).get("bank", ""))


def card_of(world: World, method: Object) -> TestCard:
    """What the card behind a payment method will do."""
    return cards.BY_NUMBER[world.hidden(method["id"])["card"]]


def named(world: World, id: str, param: str = "payment_method", status: int = 400) -> Object:
    """The payment method with this id; a token such as pm_card_visa or pm_success_de makes a new one."""
    if id in banks.BY_TOKEN:
        return new_bank(world, banks.BY_TOKEN[id])
    card = cards.by_token(id) if id.startswith("pm_card_") else None
    return new_card(world, card) if card else world.live("payment_method", id, param, status)


def check_usable(world: World, method: Object) -> None:
    """Refuse a payment method that was detached, or used once without a customer."""
    if world.hidden(method["id"]).get("spent"):
        raise invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again.",
            "payment_method",
        )


def attach_to(world: World, id: str, customer: Object) -> Object:
    """Attach by id or token, as Stripe checks it: not spent, not another's, and not a card that is declined."""
    method = named(world, id, status=404)
    check_usable(world, method)
    if method["customer"] not in (None, customer["id"]):
        raise invalid("The payment method you provided has already been attached to a customer.", "payment_method")
    card = None if bank_of(world, method) else card_of(world, method)
    if card and card.decline and not card.attaches:
        refused = card.decline
        raise card_declined(refused.message, refused.code, refused.decline_code, refused.param)
    if method["customer"] is None:
        attach(world, method, customer["id"])
    return method


def attach(world: World, method: Object, customer_id: str) -> None:
    """Give the card to the customer, its security code checked on the way."""
    method["customer"] = customer_id
    if "card" in method and method["card"]["checks"]["cvc_check"] == "unchecked":
        method["card"]["checks"]["cvc_check"] = "pass"
    world.emit("payment_method.attached", method)


@route("GET", "/v1/payment_methods/<id>")
def retrieve(world: World, _params: dict[str, Any], id: str) -> Object:
    """By id, or a fresh one for a token such as pm_card_visa."""
    return named(world, id, status=404)


@route("POST", "/v1/payment_methods/<id>", UPDATE)
def update(world: World, params: dict[str, Any], id: str) -> Object:
    """Only of an attached card."""
    method = world.live("payment_method", id, "payment_method")
    if method["customer"] is None:
        message = "You must save this PaymentMethod to a customer before you can update it."
        raise invalid(message, "payment_method")
    with world.change(method, "payment_method.updated"):
        changes.apply(method, params)
        method["billing_details"] = shapes.complete("payment_method", **method)["billing_details"]
    return method


@route("POST", "/v1/payment_methods/<id>/attach", {"customer": filled})
def attach_route(world: World, params: dict[str, Any], id: str) -> Object:
    """Save a card for a customer."""
    if "customer" not in params:
        raise bad_parameter("Must provide customer or customer_account.", None, "parameter_missing")
    return attach_to(world, id, world.live("customer", params["customer"], "customer", 400))


@route("POST", "/v1/payment_methods/<id>/detach")
def detach(world: World, _params: dict[str, Any], id: str) -> Object:
    """Take the card from its customer, for good. It is no customer's default any more."""
    method = world.live("payment_method", id, "payment_method")
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise invalid(message, "payment_method")
    customer = world.get("customer", method["customer"])
    with world.change(customer, "customer.updated"):
        if customer["invoice_settings"]["default_payment_method"] == id:
            customer["invoice_settings"]["default_payment_method"] = None
    method["customer"] = None
    world.hidden(id)["spent"] = True
    world.emit("payment_method.detached", method, {"customer": customer["id"]})
    return method


@route("GET", "/v1/payment_methods", {**PAGING, **TYPE, "customer": filled})
def list_all(world: World, params: dict[str, Any]) -> Object:
    """Those of one customer; of nobody in particular there are none to list."""
    if "customer" not in params:
        return lists.page(world, params, [], "/v1/payment_methods", "payment_method")
    world.live("customer", params["customer"], "customer", 400)
    return _page(world, params, "/v1/payment_methods")


@route("GET", "/v1/customers/<id>/payment_methods", {**PAGING, **TYPE})
def list_of_customer(world: World, params: dict[str, Any], id: str) -> Object:
    """The same, by the customer's own path."""
    world.live("customer", id)
    return _page(world, {**params, "customer": id}, f"/v1/customers/{id}/payment_methods")


def _page(world: World, params: dict[str, Any], url: str) -> Object:
    found = lists.matching(
        world.of("payment_method", params.get("customer")), params, "customer", "type", "allow_redisplay"
    )
    return lists.page(world, params, found, url, "payment_method")


@route("GET", "/v1/customers/<customer>/payment_methods/<id>")
def retrieve_of_customer(world: World, _params: dict[str, Any], customer: str, id: str) -> Object:
    """Only if it is this customer's."""
    world.live("customer", customer)
    method = world.live("payment_method", id, "payment_method")
    if method["customer"] != customer:
        raise invalid(f"No such PaymentMethod: '{id}'", "payment_method", "resource_missing")
    return method
