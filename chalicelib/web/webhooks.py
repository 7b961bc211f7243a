"""Stripe's door: verify, remember, enqueue, answer."""

from chalice import Response

from chalicelib import clock
from chalicelib.billing import inbox, webhook_signature
from chalicelib.web import guard
from chalicelib.web.middleware import body, request
from chalicelib.wiring import portal


@guard.machine
def stripe_event() -> Response:
    """2xx only after the event's id is safe; Stripe sends it again otherwise."""
    parts, header = portal(), request().headers.get("stripe-signature", "")
    event = webhook_signature.verified_by(parts.secrets, body(), header, clock.now())
    hint = inbox.hint_from_event(event, parts.config.livemode)
    fresh = inbox.receive(hint, parts.inbox, parts.queue, clock.now())
    return Response(b'{"received":true}' if fresh else b'{"known":true}', headers={"Content-Type": "application/json"})
