"""Stripe.js and the card field in its frame. https://docs.stripe.com/js"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, render_template, request

from local.stripe.browser.countries import COUNTRIES
from local.stripe.store import World

_PARTS = Path(__file__).parent / "js"
STRIPE = (
    "api",
    "stripe/errors",
    "stripe/frame",
    "stripe/elements",
    "stripe/challenge",
    "stripe/intents",
    "stripe/main",
)
FIELD = ("api", "field/rules", "field/form", "field/main")
BANK = ("bank",)


def joined(parts: tuple[str, ...]) -> str:
    """The parts of a script in one scope of their own."""
    texts = (_PARTS.joinpath(f"{part}.js").read_text() for part in parts)
    return '(() => {\n"use strict";\n' + "\n".join(texts) + "})();\n"


def add(pages: Blueprint, _world: World) -> None:
    """Serve Stripe.js under each of its addresses, the card field, and the script of the bank's page."""
    for path in ("/v3/", "/v3/stripe.js", "/endive/stripe.js"):
        pages.add_url_rule(path, f"stripe.js {path}".replace(".", " "), lambda: _script(STRIPE))
    pages.add_url_rule("/elements/payment.js", "payment.js".replace(".", " "), lambda: _script(FIELD))
    pages.add_url_rule("/3ds/bank.js", "bank.js".replace(".", " "), lambda: _script(BANK))
    pages.add_url_rule("/elements/payment", "payment", _field)


def _script(parts: tuple[str, ...]) -> Response:
    return Response(joined(parts), mimetype="text/javascript")


def _field() -> str:
    theme = "night" if request.args.get("theme") == "night" else "stripe"
    return render_template("browser/payment.html", theme=theme, countries=COUNTRIES)
