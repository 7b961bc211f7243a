"""The local Stripe: its console, and the calls it received."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect
from flask.typing import ResponseReturnValue


def pages(stack: Any) -> Blueprint:
    """`/stripe` leads to the console; `/stripe/requests.json`."""
    routes = Blueprint("stripe", __name__)

    @routes.get("/stripe")
    def console() -> ResponseReturnValue:
        return redirect(f"{stack.stripe.url}/_fake/console")

    @routes.get("/stripe/requests.json")
    def calls() -> Response:
        return jsonify(stack.stripe.call("GET", "requests.json"))

    return routes
