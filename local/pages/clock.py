"""The clock: see the stack's time and move it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue


def pages(stack: Any) -> Blueprint:
    """`/clock`: GET shows (page or JSON, as asked for), POST `{"advance": "P31D"}` moves and runs what falls due."""
    routes = Blueprint("clock", __name__)

    def shown() -> dict[str, Any]:
        now = int(stack.clock.now())
        return {"now": now, "iso": datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")}

    @routes.get("/clock")
    def show() -> ResponseReturnValue:
        best = request.accept_mimetypes.best_match(["application/json", "text/html"])
        if best == "text/html":
            return render_template("clock.html", clock=shown())
        return jsonify(shown())

    @routes.post("/clock")
    def move() -> ResponseReturnValue:
        wanted = request.get_json() if request.is_json else request.form
        try:
            stack.advance(str(wanted.get("advance", "")))
        except ValueError:
            return {"error": "advance takes an ISO 8601 duration such as P31D or PT2H"}, 400
        return jsonify(shown()) if request.is_json else redirect(request.script_root + "/clock", 303)

    return routes
