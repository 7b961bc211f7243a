"""The console for people, at `/_fake/console`: see what this Stripe knows, move its time, make it fail."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from local.stripe import clock
from local.stripe.browser.overview import next_renewal, overview
from local.stripe.cards import BY_NUMBER, TestCard
from local.stripe.store import World

CONSOLE = "/_fake/console"
# an invoice is collected an hour after its period began
COLLECTED = 3600 + 60
TROUBLE: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "500 after": {"status": 500, "after": True},
    "429": {"status": 429},
    "429 lock": {"status": 429, "lock": True},
    "409": {"status": 409},
    "drop": {"drop": True},
    "slow": {"delay": 5},
}


def add(pages: Blueprint, world: World) -> None:
    """The console, the page of one object, and what the console's forms post."""
    console = Console(world)
    pages.add_url_rule(CONSOLE, "console", console.show)
    pages.add_url_rule(f"{CONSOLE}/objects/<id>", "console object", console.show_object)
    pages.add_url_rule(f"{CONSOLE}/clock", "console clock", console.move_clock, methods=["POST"])
    pages.add_url_rule(f"{CONSOLE}/faults", "console faults", console.set_fault, methods=["POST"])
    pages.add_url_rule(f"{CONSOLE}/events/<id>", "console resend", console.resend, methods=["POST"])


class Console:
    """The console of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def show(self) -> str:
        """All sections."""
        with self._world.lock:
            now = self._world.now()
            return render_template(
                "browser/console.html",
                now=datetime.fromtimestamp(now, UTC),
                moved_days=(now - int(time.time())) / 86400,
                cards=[(card, behaviour(card)) for card in BY_NUMBER.values()],
                **overview(self._world),
            )

    def show_object(self, id: str) -> str:
        """Everything the API would show of one object."""
        with self._world.lock:
            found = self._world.objects.get(id) or abort(404)
            return render_template("browser/object.html", object=found)

    def move_clock(self) -> ResponseReturnValue:
        """By a duration, or to the next renewal and its payment."""
        step = request.form.get("advance", "")
        with self._world.lock:
            now = self._world.now()
            renewal = next_renewal(self._world)
        try:
            until = (renewal or now) + COLLECTED if step == "renewal" else clock.after(now, step)
        except ValueError:
            abort(400)
        self._world.advance(until)
        return redirect(f"{CONSOLE}#clock", 303)

    def set_fault(self) -> ResponseReturnValue:
        """The next calls that fit fail; or none do any more."""
        kind = request.form.get("kind", "")
        if kind == "none":
            self._world.faults.reset()
        elif kind in TROUBLE:
            self._world.faults.add({**TROUBLE[kind], **_which(request.form)})
        else:
            abort(400)
        return redirect(f"{CONSOLE}#trouble", 303)

    def resend(self, id: str) -> ResponseReturnValue:
        """Send one event again."""
        with self._world.lock:
            event = self._world.objects.get(id, {})
            if event.get("object") != "event":
                abort(404)
            self._world.deliveries.resend(event)
        return redirect(f"{CONSOLE}#events", 303)


def _which(form: Any) -> dict[str, Any]:
    """Which calls a fault is for. A path with `$` and the like would be a pattern; here it is plain text."""
    plain = "".join(letter if letter.isalnum() or letter in "/_" else f"\\{letter}" for letter in form.get("path", ""))
    times = form.get("times", "1")
    method = form.get("method") if form.get("method") in ("GET", "POST", "DELETE") else ".*"
    return {"method": method, "path": plain or ".*", "times": int(times) if times.isdecimal() else 1}


def behaviour(card: TestCard) -> str:
    """What a test card does, in a few words."""
    words = []
    if card.decline:
        reason = card.decline.decline_code.replace("_", " ")
        words.append(f"{'saves, then every payment' if card.attaches else 'always'} declined: {reason}")
    if card.authentication:
        asks = {"unless_set_up": "when saved or first used", "always": "at every payment", "once": "when present"}
        words.append(f"3D Secure {asks[card.authentication]}")
    if card.declined_after:
        words.append(f"then declined: {card.declined_after.decline_code.replace('_', ' ')}")
    if card.number == "4000000000003063":
        words.append("its bank takes the whole page")
    return ", ".join(words) or "works"
