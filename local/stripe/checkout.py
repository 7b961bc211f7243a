"""Checkout sessions: what is sold, what it comes to, and what becomes of them when somebody pays.

https://docs.stripe.com/api/checkout/sessions; only `mode=payment`, by card or bank debit.
"""

from __future__ import annotations

from typing import Any

from local.stripe.banks import CURRENCY
from local.stripe.billing_money import intents, taxes
from local.stripe.billing_money.currencies import check_charge
from local.stripe.errors import bad_parameter, invalid
from local.stripe.resources import customers, payment_methods, prices
from local.stripe.resources.payment_intents_confirm import check_debit
from local.stripe.store import Object, World, due

BY_BANK = {currency: kind for kind, currency in CURRENCY.items()}
SHOWN_LINES = 10
LIFE = 86_400


def add_lines(world: World, given: list[dict[str, Any]]) -> list[Object]:
    """The line items a session is made with. Raises StripeError for prices that cannot be sold once."""
    if not given:
        raise invalid("You must provide at least one line item.", "line_items")
    lines = [_line(world, one, f"line_items[{place}]") for place, one in enumerate(given)]
    if len({line["currency"] for line in lines}) > 1:
        raise invalid("All of the line items' prices must use the same currency.", "line_items")
    return lines


def sums(world: World, lines: list[Object]) -> dict[str, Any]:
    """What a session says its lines come to. Raises StripeError for less than can be charged."""
    currency, total = lines[0]["currency"], sum(line["amount_total"] for line in lines)
    if total:
        check_charge(total, currency)
    return {
        "currency": currency,
        "amount_subtotal": sum(line["amount_subtotal"] for line in lines),
        "amount_total": total,
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": 0,
            "amount_tax": sum(line["amount_tax"] for line in lines),
        },
    }


def lines_of(world: World, session: Object) -> list[Object]:
    """Its line items in their order."""
    return [world.objects[id] for id in world.hidden(session["id"])["lines"]]


def complete(world: World, session: Object, email: str, name: str | None, card: str) -> Object:
    """The buyer fills in the page and pays: done, or declined (StripeError 402), and the session stays open."""
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.")
    email = _buyers_address(world, session, email)
    paid = "no_payment_required"
    if session["amount_total"]:
        paid = "paid" if _pay(world, session, email, name, card) == "succeeded" else "unpaid"
    elif session["customer_creation"] == "always":
        session["customer"] = customers.create(world, {"email": email, "name": name})["id"]
    address = {"city": None, "country": "GB", "line1": None, "line2": None, "postal_code": None, "state": None}
    details = {"email": email, "name": name, "address": address, "phone": None, "tax_exempt": "none", "tax_ids": []}
    world.cancel("checkout.session.expire", session["id"])
    session.update(
        status="complete",
        payment_status=paid,
        customer_details={"business_name": None, "individual_name": None, **details},
        url=None,
    )
    world.emit("checkout.session.completed", session)
    return session


@due("checkout.session.expire")
def expire(world: World, id: str) -> None:
    """Nobody paid in time."""
    session = world.get("checkout.session", id)
    if session["status"] == "open":
        session.update(status="expired", url=None)
        world.emit("checkout.session.expired", session)


def _buyers_address(world: World, session: Object, typed: str) -> str:
    """A customer's own address cannot be changed at checkout; a pre-filled one neither."""
    known = world.get("customer", session["customer"])["email"] if session["customer"] else session["customer_email"]
    return str(known or typed)


def _pay(world: World, session: Object, email: str, name: str | None, card: str) -> str:
    """One intent for the session, tried as often as the buyer likes: "succeeded", or "processing" at a bank."""
    method = payment_methods.named(world, card)
    method["billing_details"].update(email=email, name=name)
    method["billing_details"]["address"] = {**(method["billing_details"]["address"] or {}), "country": "GB"}
    if session["customer"] is None and session["customer_creation"] == "always":
        session["customer"] = customers.create(world, {"email": email, "name": name})["id"]
    intent = world.objects.get(session["payment_intent"] or "")
    if intent is None:
        given = {"customer": session["customer"], **world.hidden(session["id"])["payment_intent_data"]}
        given |= {"payment_method_types": session["payment_method_types"], "hidden": {"session": session["id"]}}
        intent = intents.new(world, amount=session["amount_total"], currency=session["currency"], **given)
        session["payment_intent"] = intent["id"]
    check_debit(world, intent, method, {"customer_acceptance": {"type": "online"}})
    how = intents.attempt(world, intent, method, off_session=False, may_ask=False)
    if how == "failed":
        raise intents.refusal(intent)
    return how


def _line(world: World, given: dict[str, Any], name: str) -> Object:
    if ("price" in given) == ("price_data" in given):
        raise bad_parameter("You must provide exactly one of price or price_data.", name)
    price = world.live("price", given["price"], f"{name}[price]", 400) if "price" in given else _own_price(world, given)
    if price["recurring"] is not None:
        message = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or "
        raise invalid(message + "use only one-time prices.", name)
    subtotal = price["unit_amount"] * given.get("quantity", 1)
    taxed = {"taxes": [_tax(world, rate) for rate in given.get("tax_rates", ())]}
    taxes.put_on(world, taxed, subtotal, "none")
    on_top = sum(tax["amount"] for tax in taxed["taxes"] if tax["tax_behavior"] == "exclusive")
    inside = sum(tax["amount"] for tax in taxed["taxes"]) - on_top
    return world.add(
        "item",
        amount_discount=0,
        amount_subtotal=subtotal,
        amount_tax=on_top + inside,
        amount_total=subtotal + on_top,
        currency=price["currency"],
        description=world.get("product", price["product"])["name"],
        price=dict(price),
        quantity=given.get("quantity", 1),
        hidden={"taxes": [_shown_tax(world, tax) for tax in taxed["taxes"]]},
    )


def _own_price(world: World, given: dict[str, Any]) -> Object:
    """A price made for this session alone: it cannot be used again."""
    price = prices.create(world, dict(given["price_data"]))
    price["active"] = False
    return price


def _tax(world: World, id: str) -> Object:
    rate = world.get("tax_rate", id, "tax_rates", 400)
    behavior = "inclusive" if rate["inclusive"] else "exclusive"
    return {"tax_behavior": behavior, "tax_rate_details": {"tax_rate": id}}


def _shown_tax(world: World, tax: Object) -> Object:
    return {
        "amount": tax["amount"],
        "rate": dict(world.get("tax_rate", tax["tax_rate_details"]["tax_rate"])),
        "taxability_reason": None,
        "taxable_amount": tax["taxable_amount"],
    }
