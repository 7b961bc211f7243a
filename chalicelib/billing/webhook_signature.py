"""Stripe's webhook signature, checked by ourselves: both sides of the time window, and no parse error escapes.

Scheme: https://docs.stripe.com/webhooks#verify-manually (header `t=…,v1=…`, HMAC-SHA256 over `t.body`).
"""

import hashlib
import hmac
import json
from typing import Any, NoReturn

from chalicelib import metrics
from chalicelib.billing.secrets import Secrets
from chalicelib.errors import BadRequest, NotConfigured

WINDOW = 300
LIMIT = 256 * 1024


def verified(body: bytes, header: str, secret: str, now: float) -> dict[str, Any]:
    """The event in `body` when its signature holds and is at most 300 s old or ahead.

    Raises NotConfigured without a secret (closed), BadRequest for everything malformed or not signed by it.
    Two secrets may be given, separated by a space, while one is being replaced.
    """
    secrets = [each.encode() for each in secret.split()]
    if not secrets:
        raise NotConfigured("no webhook secret")
    if len(body) > LIMIT:
        raise BadRequest
    stamp, signatures = _parts(header)
    if abs(now - stamp) > WINDOW:
        raise BadRequest
    signed = b"%d." % stamp + body
    expected = [hmac.new(each, signed, hashlib.sha256).hexdigest().encode() for each in secrets]
    if not any(hmac.compare_digest(e, s) for e in expected for s in signatures):
        raise BadRequest
    return _event(body)


def verified_by(secrets: Secrets, body: bytes, header: str, now: float) -> dict[str, Any]:
    """As `verified`; what the known secrets did not sign may be signed by one that was stored a moment ago."""
    try:
        return _verified_by_either(secrets, body, header, now)
    except (BadRequest, NotConfigured):
        metrics.count("webhooks_refused")
        raise


def _verified_by_either(secrets: Secrets, body: bytes, header: str, now: float) -> dict[str, Any]:
    known = secrets.webhook()
    try:
        return verified(body, header, known, now)
    except (BadRequest, NotConfigured):
        if not secrets.again(known):
            raise
        return verified(body, header, secrets.webhook(), now)


def _parts(header: str) -> tuple[int, list[bytes]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode("utf-8", "surrogatepass") for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit() or len(stamps[0]) > 12 or not signatures:
        raise BadRequest
    return int(stamps[0]), signatures


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(event, dict):
        raise BadRequest
    return event


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different: two readers must never see two meanings."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise BadRequest
    return read


def _no_number(name: str) -> NoReturn:
    """NaN and Infinity, which JSON does not have."""
    raise BadRequest
