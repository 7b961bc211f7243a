"""The hosted invoice page: what `hosted_invoice_url` shows, paid without script.
https://docs.stripe.com/invoicing/hosted-invoice-page"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from local.stripe import billing_money
from local.stripe.billing_money.settling import PAYABLE
from local.stripe.browser import paper
from local.stripe.errors import StripeError
from local.stripe.resources import payment_methods
from local.stripe.store import Object, World

NO_CARD = "Choose a card, or enter one."


def add(pages: Blueprint, world: World) -> None:
    """`/invoice/ID`, paying there, and the same as PDF."""

    @pages.get("/invoice/<id>")
    def show_invoice(id: str) -> str:
        with world.lock:
            return _page(world, _invoice(world, id))

    @pages.post("/invoice/<id>")
    def pay_invoice(id: str) -> ResponseReturnValue:
        with world.lock:
            invoice = _invoice(world, id)
            if invoice["status"] in PAYABLE:
                try:
                    _pay(world, invoice)
                except StripeError as refusal:
                    return _page(world, invoice, refusal.message), 402
            return _next(world, invoice)

    @pages.get("/invoice/<id>/pdf")
    def invoice_pdf(id: str) -> Response:
        with world.lock:
            return Response(paper.pdf(paper.invoice(_invoice(world, id))), mimetype="application/pdf")


def _invoice(world: World, id: str) -> Object:
    invoice = world.objects.get(id, {})
    if invoice.get("object") != "invoice" or invoice.get("deleted") or invoice["status"] == "draft":
        abort(404)
    return invoice


def _pay(world: World, invoice: Object) -> None:
    """Charge the chosen or entered card. Raises StripeError when there is none."""
    method = _chosen(world, invoice)
    billing_money.collect(world, invoice, payment_method=method["id"], off_session=False, automatic=False)
    world.dirty = True


def _chosen(world: World, invoice: Object) -> Object:
    """What was entered, else the saved card that was picked."""
    number = request.form.get("number", "").replace(" ", "")
    if number:
        return _entered(world, number)
    for method in _saved(world, invoice):
        if method["id"] == request.form.get("card"):
            return method
    raise StripeError(402, NO_CARD)


def _entered(world: World, number: str) -> Object:
    month, _, year = request.form.get("expiry", "").replace(" ", "").partition("/")
    if not month.isdigit() or not year.isdigit():
        raise StripeError(402, "Write the expiration date as MM / YY.")
    card = {"number": number, "exp_month": int(month), "exp_year": int(year), "cvc": request.form.get("cvc", "")}
    return payment_methods.create(world, {"type": "card", "card": card})


def _saved(world: World, invoice: Object) -> list[Object]:
    return [method for method in world.of("payment_method") if method["customer"] == invoice["customer"]]


def _next(world: World, invoice: Object) -> ResponseReturnValue:
    """To the bank, back to the page, or the page with what went wrong."""
    intent = _intent(world, invoice)
    address = f"/invoice/{invoice['id']}"
    if intent and intent["status"] == "requires_action":
        return redirect(_to_the_bank(intent, address), 303)
    if invoice["status"] in PAYABLE:
        return _page(world, invoice), 402
    return redirect(address, 303)


def _to_the_bank(intent: Object, back: str) -> str:
    return f"/3ds/{intent['id']}?client_secret={intent['client_secret']}&back={quote(back)}"


def _intent(world: World, invoice: Object) -> Object | None:
    return world.objects.get(world.hidden(invoice["id"]).get("intent", ""))


def _page(world: World, invoice: Object, problem: str = "") -> str:
    intent = _intent(world, invoice) or {}
    error = intent.get("last_payment_error") or {}
    payable = invoice["status"] in PAYABLE
    waiting = payable and intent.get("status") == "requires_action"
    return render_template(
        "browser/invoice.html",
        invoice=invoice,
        payable=payable,
        problem=problem or (error.get("message", "") if payable else ""),
        cards=_saved(world, invoice),
        preferred=billing_money.method_for(world, invoice),
        bank=_to_the_bank(intent, f"/invoice/{invoice['id']}") if waiting else "",
    )
