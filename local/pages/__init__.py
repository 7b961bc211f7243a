"""Everything for a person running the stack: outbox, clock, scenarios, Stripe console. Lies under `/_local/`."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, render_template, request

from local.pages import clock, outbox, people, ses, stripe, timers


def create(stack: Any) -> Flask:
    """The pages of one stack. Over real Stripe only outbox and timers: its time and troubles are not ours to make."""
    app = Flask("local.pages", root_path=__path__[0], static_folder="static", static_url_path="/static")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(outbox.pages(stack))
    app.register_blueprint(ses.service(stack))
    app.register_blueprint(timers.pages(stack))
    app.before_request(_this_machine_only)
    app.jinja_env.globals["imitates_stripe"] = stack.imitates_stripe
    if stack.imitates_stripe:
        app.register_blueprint(clock.pages(stack))
        app.register_blueprint(people.pages(stack))
        app.register_blueprint(stripe.pages(stack))

    @app.get("/")
    def index() -> str:
        return render_template("index.html", portal=stack.portal_url)

    return app


def _this_machine_only() -> None:
    """Refuse a page of another site that reaches us by a name of its own, and its forms."""
    if urlsplit(f"//{request.host}").hostname not in {"127.0.0.1", "localhost"}:
        abort(403)
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)
