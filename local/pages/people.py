"""The demo people: whom one can sign in as, and what each shows."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template


def pages(stack: Any) -> Blueprint:
    """`/scenarios` and `/scenarios.json`."""
    routes = Blueprint("people", __name__)

    @routes.get("/scenarios")
    def listing() -> str:
        return render_template("scenarios.html", scenarios=stack.scenarios(), portal=stack.portal_url)

    @routes.get("/scenarios.json")
    def as_json() -> Response:
        return jsonify(stack.scenarios())

    return routes
