"""The timers: what runs by itself, when it ran and what it did, and a button to run it now."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue


def pages(stack: Any) -> Blueprint:
    """`/timers` shows all; POST to one of them runs it at once."""
    routes = Blueprint("timers", __name__)

    @routes.app_template_filter("moment")
    def moment(epoch: float | None) -> str:
        return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%d %H:%M} UTC" if epoch is not None else "not yet"

    @routes.get("/timers")
    def show() -> str:
        return render_template("timers.html", timers=list(stack.jobs.timers.values()))

    @routes.post("/timers/<name>")
    def run(name: str) -> ResponseReturnValue:
        if name not in stack.jobs.timers:
            return {"error": "no timed job has this name"}, 404
        stack.jobs.run(name)
        return redirect(request.script_root + "/timers", 303)

    return routes
