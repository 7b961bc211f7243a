"""Stripe's own receipt of a charge: what `receipt_url` shows."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from local.stripe.store import World


def add(pages: Blueprint, world: World) -> None:
    """`/receipt/CHARGE`."""

    @pages.get("/receipt/<id>")
    def show_receipt(id: str) -> str:
        with world.lock:
            charge = world.objects.get(id, {})
            if charge.get("object") != "charge" or not charge["paid"]:
                abort(404)
            return render_template("browser/receipt.html", charge=charge)
