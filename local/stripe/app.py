"""The local Stripe as a Flask application."""

from __future__ import annotations

import importlib
import pkgutil
from functools import partial
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from local.stripe import browser, control, resources, wire
from local.stripe.errors import StripeError
from local.stripe.store import World


def create_app(world: World) -> Flask:
    """All endpoints under /v1 for one world, the control API under /_fake, and the pages for browsers."""
    app = Flask("local.stripe", static_folder=None)
    for module in pkgutil.iter_modules(resources.__path__):
        importlib.import_module(f"{resources.__name__}.{module.name}")
    for found in wire.ROUTES:
        view = partial(_call, world, found)
        app.add_url_rule(found.path, f"{found.method} {found.path}", view, methods=[found.method], strict_slashes=True)
    app.register_blueprint(control.blueprint(world))
    browser.register(app, world)
    app.register_error_handler(404, partial(_unrecognized, world))
    app.register_error_handler(405, partial(_unrecognized, world))
    app.register_error_handler(500, _broken)
    app.before_request(_preflight)
    return app


def _call(world: World, found: wire.Route, **ids: str) -> Response:
    return wire.answer(world, found, tuple(ids.values()))


def _unrecognized(world: World, error: HTTPException) -> Any:
    """Stripe answers an unknown path with its own JSON error; other paths get a plain page."""
    if not request.path.startswith("/v1/"):
        return error
    message = (
        f"Unrecognized request URL ({request.method}: {request.path}). Please see https://stripe.com/docs or we can "
        "help at https://support.stripe.com/."
    )
    return wire.answer(world, StripeError(404, message, executed=False))


def _broken(_: Exception) -> tuple[dict[str, Any], int]:
    """A fault of the local Stripe itself; Flask has printed the traceback."""
    return {"error": {"type": "api_error", "message": "The local Stripe failed; its log says why."}}, 500


def _preflight() -> Response | None:
    """Let browsers of other origins call the API, as Stripe.js does."""
    if request.method != "OPTIONS" or not request.path.startswith("/v1/"):
        return None
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
        "Access-Control-Max-Age": "300",
    }
    return Response(status=204, headers=headers)
