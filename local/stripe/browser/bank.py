"""The bank's page of a 3D Secure step: in a frame over the merchant's page, or taking the whole page."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from local.stripe import challenges
from local.stripe.store import Object, World

_LAST_ERROR = {"setup_intent": "last_setup_error", "payment_intent": "last_payment_error"}


def add(pages: Blueprint, world: World) -> None:
    """`/3ds/INTENT?client_secret=…`, with `parent` when in a frame of that origin."""

    @pages.get("/3ds/<intent_id>")
    def ask(intent_id: str) -> str:
        with world.lock:
            intent = _intent(world, intent_id)
            waiting = intent["status"] == "requires_action"
        return _page(intent, answered=not waiting)

    @pages.post("/3ds/<intent_id>")
    def answer(intent_id: str) -> ResponseReturnValue:
        with world.lock:
            intent = _intent(world, intent_id)
            back = _way_back(intent)
            if intent["status"] == "requires_action":
                challenges.settle(world, intent_id, request.form.get("outcome") == "complete")
        return redirect(back_to(back, intent), 303) if back else _page(intent, answered=True)


def _intent(world: World, id: str) -> Object:
    """The intent whose client secret the address carries; for all others there is no page."""
    intent = world.objects.get(id, {})
    if intent.get("object") not in _LAST_ERROR or request.values.get("client_secret") != intent["client_secret"]:
        abort(404)
    return intent


def _way_back(intent: Object) -> str:
    """Where the customer goes afterwards: what the intent was confirmed with, or the form that sent them here."""
    action = intent["next_action"] or {}
    own = request.form.get("back", "")
    asked: str = (action.get("redirect_to_url") or {}).get("return_url") or ""
    return asked or (own if own.startswith("/invoice/") else "")


def back_to(url: str, intent: Object) -> str:
    """The return URL with what Stripe adds to it.
    https://docs.stripe.com/payments/save-and-reuse (the query parameters of `return_url`)"""
    kind = intent["object"]
    status = "failed" if intent[_LAST_ERROR[kind]] else intent["status"]
    parts = urlsplit(url)
    added = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"], "redirect_status": status}
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in added]
    return parts._replace(query=urlencode([*query, *added.items()])).geturl()


def _page(intent: Object, *, answered: bool) -> str:
    shown: dict[str, Any] = {"intent": intent, "answered": answered, "parent": request.values.get("parent", "")}
    return render_template("browser/bank.html", back=request.values.get("back", ""), **shown)
