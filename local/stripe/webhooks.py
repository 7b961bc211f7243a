"""Signed deliveries of events, from a background thread. https://docs.stripe.com/webhooks#verify-manually

Kept as plain dicts: {id, event, endpoint, url, type, state, attempts, not_before, number}. States: pending,
sending, delivered, failed (given up), dropped. `not_before` is real time; a held delivery has None.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import random
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.stripe.events import wanted

if TYPE_CHECKING:
    from local.stripe.store import World

Delivery = dict[str, Any]
RETRY_AFTER = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Real seconds before each new try: Stripe's days of retries, shortened for a machine of one's own."""
MODE = {"hold": False, "drop": False, "duplicate": 0, "delay": 0.0, "reorder": False}
_REORDER_WINDOW = 0.5
_TIMEOUT = 10.0


def signature(secret: str, payload: bytes, moment: int) -> str:
    """The Stripe-Signature header for a payload sent at a moment (scheme v1)."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Deliveries:
    """What is to be sent where, and what came of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._changed = threading.Condition(world.lock)
        self._thread: threading.Thread | None = None
        self._stopping = False
        self.reset()

    def reset(self) -> None:
        """Forget all deliveries and switches."""
        self.all: dict[str, Delivery] = {}
        self._open: dict[str, Delivery] = {}
        self._by_event: dict[str, list[Delivery]] = {}
        self.mode: dict[str, Any] = dict(MODE)

    def let_go(self) -> None:
        """Begin no further delivery, and wait for the one under way: it must not reach who has forgotten it."""
        with self._changed:
            for delivery in self._open.values():
                if delivery["state"] != "sending":
                    delivery["not_before"] = None
            self._changed.wait_for(lambda: not any(one["state"] == "sending" for one in self._open.values()), _TIMEOUT)

    def enqueue(self, event: dict[str, Any]) -> int:
        """Queue an event for each endpoint that wants it; gives how many do."""
        with self._changed:
            endpoints = [
                endpoint
                for endpoint in self._world.of("webhook_endpoint")
                if endpoint["status"] == "enabled" and wanted(endpoint["enabled_events"], event["type"])
            ]
            for endpoint in endpoints:
                for _ in range(1 + self.mode["duplicate"]):
                    self._queue(event, endpoint)
            self._changed.notify_all()
            return len(endpoints)

    def _queue(self, event: dict[str, Any], endpoint: dict[str, Any]) -> Delivery:
        number = len(self.all) + 1
        wait = self.mode["delay"] + (_REORDER_WINDOW if self.mode["reorder"] else 0.0)
        delivery = {
            "id": f"del_{number}",
            "number": number,
            "event": event["id"],
            "type": event["type"],
            "endpoint": endpoint["id"],
            "url": endpoint["url"],
            "state": "dropped" if self.mode["drop"] else "pending",
            "attempts": [],
            "not_before": None if self.mode["hold"] else time.time() + wait,
        }
        self._keep(delivery)
        return delivery

    def _keep(self, delivery: Delivery) -> None:
        self.all[delivery["id"]] = delivery
        self._by_event.setdefault(delivery["event"], []).append(delivery)
        if delivery["state"] == "pending":
            self._open[delivery["id"]] = delivery

    def load(self, data: dict[str, Any]) -> None:
        """Take up deliveries saved by an earlier run; one cut off while being sent is sent again."""
        self.reset()
        for delivery in data.values():
            if delivery["state"] == "sending":
                delivery["state"] = "pending"
            self._keep(delivery)

    def resend(self, event: dict[str, Any]) -> list[Delivery]:
        """Send one event again to every endpoint that wants it, now."""
        with self._changed:
            before = set(self.all)
            self.enqueue(event)
            fresh = [delivery for id, delivery in self.all.items() if id not in before]
            for delivery in fresh:
                delivery.update(state="pending", not_before=time.time())
                self._open[delivery["id"]] = delivery
            return fresh

    def release(self, order: str = "oldest_first", seed: int = 0) -> int:
        """Let held deliveries go: oldest_first, newest_first or shuffled (by seed). Gives how many."""
        with self._changed:
            held = [one for one in self._open.values() if one["not_before"] is None]
            if order == "newest_first":
                held.reverse()
            elif order == "shuffled":
                random.Random(seed).shuffle(held)  # noqa: S311 - a reproducible order, no secret
            elif order != "oldest_first":
                raise ValueError("order must be oldest_first, newest_first or shuffled")
            start = time.time() - len(held)
            for place, delivery in enumerate(held):
                delivery["not_before"] = start + place
            self._changed.notify_all()
            return len(held)

    def flush(self, timeout: float = 30.0) -> bool:
        """Try everything not held now, waits for retries cut short, until idle. False when time ran out.

        What fails again waits for its next retry and does not keep flush waiting.
        """
        with self._changed:
            for delivery in self._open.values():
                if delivery["not_before"] is not None:
                    delivery["not_before"] = min(delivery["not_before"], time.time())
            self._changed.notify_all()
            return self._changed.wait_for(self._idle, timeout)

    def _idle(self) -> bool:
        moment = time.time()
        return not any(
            one["state"] == "sending"
            or (one["not_before"] is not None and (not one["attempts"] or one["not_before"] <= moment))
            for one in self._open.values()
        )

    # The background thread

    def start(self) -> None:
        """Begin delivering."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="webhook deliveries", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the delivery under way and stop."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_TIMEOUT + 1)

    def _run(self) -> None:
        while True:
            with self._changed:
                delivery = self._next()
                if self._stopping:
                    return
                if delivery is None:
                    self._changed.wait(0.2)
                    continue
                delivery["state"] = "sending"
                call = self._prepare(delivery)
            outcome = _post(*call)
            with self._changed:
                self._settle(delivery, outcome)
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        waiting = [delivery for delivery in self._open.values() if delivery["not_before"] is not None]
        ready = [delivery for delivery in waiting if delivery["not_before"] <= time.time()]
        if not ready:
            return None
        if self.mode["reorder"]:
            return max(waiting, key=lambda delivery: delivery["number"])
        return min(ready, key=lambda delivery: (delivery["not_before"], delivery["number"]))

    def _prepare(self, delivery: Delivery) -> tuple[str, bytes, str]:
        payload = json.dumps(self._world.objects[delivery["event"]], indent=2).encode()
        secret = self._world.hidden(delivery["endpoint"])["secret"]
        return delivery["url"], payload, signature(secret, payload, self._world.now())

    def _settle(self, delivery: Delivery, outcome: dict[str, Any]) -> None:
        delivery["attempts"].append(outcome)
        self._world.dirty = True
        if 200 <= (outcome["status"] or 0) < 300:
            self._close(delivery, "delivered")
            event = self._world.objects.get(delivery["event"])
            if event is not None:
                event["pending_webhooks"] = self._endpoints_waiting(event["id"])
        elif len(delivery["attempts"]) > len(RETRY_AFTER):
            self._close(delivery, "failed")
        else:
            delivery["state"] = "pending"
            delivery["not_before"] = time.time() + RETRY_AFTER[len(delivery["attempts"]) - 1]

    def _close(self, delivery: Delivery, state: str) -> None:
        delivery["state"] = state
        self._open.pop(delivery["id"], None)  # gone already if all was reset meanwhile

    def _endpoints_waiting(self, event_id: str) -> int:
        states: dict[str, set[str]] = {}
        for delivery in self._by_event.get(event_id, ()):
            states.setdefault(delivery["endpoint"], set()).add(delivery["state"])
        return sum("delivered" not in seen for seen in states.values())


def _post(url: str, payload: bytes, header: str) -> dict[str, Any]:
    """Send it; redirects are not followed. Gives {at, status, error, milliseconds}."""
    target, began = urlsplit(url), time.time()
    connection = http.client.HTTPConnection(target.hostname or "", target.port or 80, timeout=_TIMEOUT)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": header,
        "User-Agent": "Stripe/1.0 (local)",
    }
    status, error = None, None
    try:
        connection.request(
            "POST", (target.path or "/") + ("?" + target.query if target.query else ""), payload, headers
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as trouble:
        error = f"{type(trouble).__name__}: {trouble}"
    finally:
        connection.close()
    return {"at": began, "status": status, "error": error, "milliseconds": round((time.time() - began) * 1000)}
