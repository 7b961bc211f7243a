"""The control API under /_fake: what tests and the console do that no customer of Stripe can.

Bodies are JSON. Nothing here exists at Stripe, so nothing here lies under /v1.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from local.stripe import challenges, checkout, clock, copies
from local.stripe.billing_time.planning import DEFAULTS as BILLING
from local.stripe.errors import StripeError
from local.stripe.resources.webhook_endpoints import put_endpoint
from local.stripe.store import World
from local.stripe.webhooks import MODE

View = Callable[..., Any]


class Control:
    """The control calls for one world, one method each."""

    def __init__(self, world: World) -> None:
        self._world = world

    def show_clock(self) -> Any:
        """GET clock: {now, iso, moved_by}."""
        now = self._world.now()
        return {"now": now, "iso": datetime.fromtimestamp(now, UTC).isoformat(), "moved_by": now - int(time.time())}

    def move_clock(self) -> Any:
        """POST clock {"advance": "P31D" | seconds} or {"to": epoch}: does on the way what falls due."""
        body = _body()
        now = self._world.now()
        step = body.get("advance", 0)
        if "to" in body:
            until = int(body["to"])
        else:
            until = clock.after(now, step) if isinstance(step, str) else now + int(step)
        self._world.advance(until)
        return self.show_clock()

    def reset(self) -> Any:
        """POST reset {"keep": ["webhook_endpoint"], "at": epoch}: forget all else; time goes on from `at`."""
        body = _body()
        with self._world.lock:
            self._world.deliveries.let_go()
            self._world.reset(tuple(body.get("keep", ())))
            if "at" in body:
                self._world.clock.offset = int(body["at"]) - int(time.time())
        return self.show_clock()

    def show_faults(self) -> Any:
        """GET faults: those still in wait."""
        return jsonify(self._world.faults.dump())

    def add_fault(self) -> Any:
        """POST faults {status?, after?, delay?, drop?, method?, path?, times?}: see faults.Fault."""
        self._world.faults.add(_body())
        return self.show_faults()

    def clear_faults(self) -> Any:
        """DELETE faults."""
        self._world.faults.reset()
        return self.show_faults()

    def show_counters(self) -> Any:
        """GET counters: calls answered by route."""
        return dict(self._world.counters)

    def clear_counters(self) -> Any:
        """DELETE counters."""
        self._world.counters.clear()
        return self.show_counters()

    def show_requests(self) -> Any:
        """GET requests.json?after=NUMBER: every API call since, oldest first."""
        found = self._world.log.dump(int(request.args.get("after", 0)))
        return jsonify([call for call in found if request.args.get("id", call["id"]) == call["id"]])

    def show_deliveries(self) -> Any:
        """GET deliveries.json?event=ID: webhook deliveries with their attempts, oldest first."""
        with self._world.lock:
            found = list(self._world.deliveries.all.values())
            return jsonify([one for one in found if request.args.get("event", one["event"]) == one["event"]])

    def set_mode(self) -> Any:
        """POST deliveries/mode {hold?, drop?, duplicate?, delay?, reorder?}: for events from now on."""
        body = _body()
        if set(body) - set(MODE):
            raise ValueError(f"mode takes {', '.join(MODE)}")
        self._world.deliveries.mode = {**MODE, **body}
        return self._world.deliveries.mode

    def release(self) -> Any:
        """POST deliveries/release {"order": oldest_first | newest_first | shuffled, "seed": n}: let held ones go."""
        body = _body()
        return {"released": self._world.deliveries.release(body.get("order", "oldest_first"), body.get("seed", 0))}

    def flush(self) -> Any:
        """POST deliveries/flush {"timeout": seconds}: try all that is not held now; answers when idle."""
        return {"idle": self._world.deliveries.flush(_body().get("timeout", 30))}

    def resend(self, event: str) -> Any:
        """POST events/ID/resend: send one event again to every endpoint that wants it."""
        with self._world.lock:
            return jsonify(self._world.deliveries.resend(self._world.get("event", event)))

    def put_endpoint(self) -> Any:
        """POST webhook_endpoints {url, secret, enabled_events?}: one endpoint for this URL, with this secret."""
        body = _body()
        with self._world.lock:
            return put_endpoint(self._world, body["url"], body["secret"], body.get("enabled_events", ["*"]))

    def set_search(self) -> Any:
        """POST search {"available": bool, "lag": seconds}: refuse searches, or find only what is older."""
        body = _body()
        with self._world.lock:
            self._world.settings["search"] = {"available": body.get("available", True), "lag": body.get("lag", 0)}
            self._world.dirty = True
        return self._world.settings["search"]

    def set_billing(self) -> Any:
        """POST billing {retry_days?, after_retries?, upcoming_days?}: what the account's billing settings say."""
        body = _body()
        if set(body) - set(BILLING) or body.get("after_retries", "cancel") not in ("cancel", "past_due", "unpaid"):
            raise ValueError(f"billing takes {', '.join(BILLING)}; after_retries is cancel, past_due or unpaid")
        with self._world.lock:
            self._world.settings["billing"] = {**BILLING, **body}
            self._world.dirty = True
        return self._world.settings["billing"]

    def copy(self) -> Any:
        """POST copies {"customer": ID, "times": n}: as many more like this one, with all they have. No events."""
        body = _body()
        with self._world.lock:
            return jsonify(copies.make(self._world, str(body["customer"]), int(body["times"])))

    def revoke(self) -> Any:
        """POST keys/revoke {"key": …}: from now on the key is refused."""
        with self._world.lock:
            self._world.settings["revoked"] = [*self._world.settings.get("revoked", []), str(_body()["key"])]
            self._world.dirty = True
        return {"revoked": len(self._world.settings["revoked"])}

    def challenge(self, intent: str) -> Any:
        """POST challenges/INTENT {"outcome": "complete" | "fail"}: what the customer did at the bank."""
        outcome = _body()["outcome"]
        if outcome not in ("complete", "fail"):
            raise ValueError("outcome must be complete or fail")
        with self._world.lock:
            return challenges.settle(self._world, intent, outcome == "complete")

    def checkout(self, session: str) -> Any:
        """POST checkout/SESSION {"email", "name"?, "card"?}: a buyer fills in the page and pays."""
        body = _body()
        with self._world.lock:
            found = self._world.get("checkout.session", session)
            self._world.dirty = True
            card = str(body.get("card", "pm_card_visa"))
            return checkout.complete(self._world, found, str(body["email"]), body.get("name"), card)


def _body() -> dict[str, Any]:
    """The JSON body. Anything else is refused, so that no foreign page can post here without asking first."""
    if not request.is_json:
        raise ValueError("send JSON with Content-Type: application/json")
    body = request.get_json()
    if not isinstance(body, dict):
        raise ValueError("send a JSON object")
    return body


def blueprint(world: World) -> Blueprint:
    """The control calls of one world under /_fake."""
    calls = Control(world)
    table: list[tuple[str, str, View]] = [
        ("GET", "clock", calls.show_clock),
        ("POST", "clock", calls.move_clock),
        ("POST", "reset", calls.reset),
        ("GET", "faults", calls.show_faults),
        ("POST", "faults", calls.add_fault),
        ("DELETE", "faults", calls.clear_faults),
        ("GET", "counters", calls.show_counters),
        ("DELETE", "counters", calls.clear_counters),
        ("GET", "requests.json", calls.show_requests),
        ("GET", "deliveries.json", calls.show_deliveries),
        ("POST", "deliveries/mode", calls.set_mode),
        ("POST", "deliveries/release", calls.release),
        ("POST", "deliveries/flush", calls.flush),
        ("POST", "events/<event>/resend", calls.resend),
        ("POST", "webhook_endpoints", calls.put_endpoint),
        ("POST", "search", calls.set_search),
        ("POST", "billing", calls.set_billing),
        ("POST", "copies", calls.copy),
        ("POST", "keys/revoke", calls.revoke),
        ("POST", "challenges/<intent>", calls.challenge),
        ("POST", "checkout/<session>", calls.checkout),
    ]
    pages = Blueprint("control", __name__, url_prefix="/_fake")
    for method, path, view in table:
        pages.add_url_rule(f"/{path}", f"{method} {path}".replace(".", " "), view, methods=[method])
    for trouble in (ValueError, TypeError, KeyError, re.error):
        pages.register_error_handler(trouble, _bad_request)
    pages.register_error_handler(StripeError, _refusal)
    return pages


def _bad_request(error: Exception) -> tuple[dict[str, str], int]:
    return {"error": f"{type(error).__name__}: {error}"}, 400


def _refusal(error: StripeError) -> tuple[Response, int]:
    return jsonify(error.body("")), error.status
