"""One API call from request to reply: key, parameters, idempotency, trouble on demand, expansion.

A resource registers its handlers with `@route`; a handler takes (world, params, *ids of the path) and gives
the object, or list, to answer with, unexpanded, or raises StripeError.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from flask import request as incoming

from local.stripe import faults, forms, keys, params
from local.stripe.errors import StripeError, bad_parameter
from local.stripe.expand import expanded
from local.stripe.idempotency import Reply, fingerprint
from local.stripe.params import Accepts
from local.stripe.requestlog import Request
from local.stripe.shapes import API_VERSION
from local.stripe.store import World, random_text

Handler = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """An endpoint: what it accepts and which key it takes ("secret", "client_secret" or "publishable")."""

    method: str
    path: str
    handler: Handler
    accepts: Accepts = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    key: str = "secret"


ROUTES: list[Route] = []


def route(
    method: str, path: str, accepts: Accepts | None = None, needs: tuple[str, ...] = (), key: str = "secret"
) -> Callable[[Handler], Handler]:
    """Register an endpoint. `path` is a Werkzeug rule whose parts are handed on in order.

    `key` says who may call: "secret" (the default); "client_secret" lets a publishable key in too when the
    call carries the client secret of the object the path names; "publishable" lets it in without.
    """

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, path, handler, accepts or {}, needs, key))
        return handler

    return register


def answer(world: World, found: Route | StripeError, ids: tuple[str, ...] = ()) -> Response:
    """Answer the request at hand by a route, or with the refusal for a path that has none."""
    entry = Request("req_" + random_text(14), time.time(), incoming.method, incoming.path)
    with world.lock:
        world.log.add(entry)
    fault = world.faults.take(entry.method, entry.path)
    entry.fault = fault.describe() if fault else None
    try:
        status, body = _attempt(world, entry, found, ids, fault)
    except StripeError as refusal:
        status, body = refusal.status, _refused(world, entry, refusal)
    if fault is not None and fault.drop:
        _hang_up()
    entry.status = status
    headers = {"Request-Id": entry.id, "Stripe-Version": API_VERSION, "Access-Control-Allow-Origin": "*"}
    headers["Access-Control-Expose-Headers"] = "Request-Id, Stripe-Version"
    if entry.idempotency_key:
        headers["Idempotency-Key"] = entry.idempotency_key
    if entry.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status, headers, mimetype="application/json")


def _attempt(
    world: World, entry: Request, found: Route | StripeError, ids: tuple[str, ...], fault: faults.Fault | None
) -> tuple[int, str]:
    given = forms.parse(incoming.query_string if entry.method in ("GET", "DELETE") else incoming.get_data())
    entry.publishable = keys.is_publishable(
        incoming.authorization, incoming.headers, given, world.settings.get("revoked", [])
    )
    entry.params = given
    _check_version()
    if isinstance(found, StripeError):
        raise found
    with world.lock:
        world.counters[f"{found.method} {found.path}"] += 1
    key = incoming.headers.get("Idempotency-Key") if entry.method == "POST" else None
    if key:
        result = _run_once(world, entry, found, ids, given, fault, key)
    else:
        _trouble_before(fault)
        result = _run(world, entry, found, ids, given)
    if fault is not None and fault.status:
        raise faults.error(fault.status, fault.lock)
    return result


def _trouble_before(fault: faults.Fault | None) -> None:
    if fault is not None:
        time.sleep(fault.delay)
        if fault.status and not fault.after:
            raise faults.error(fault.status, fault.lock)


def _run_once(
    world: World,
    entry: Request,
    found: Route,
    ids: tuple[str, ...],
    given: dict[str, Any],
    fault: faults.Fault | None,
    key: str,
) -> tuple[int, str]:
    """Run under an idempotency key: the first answer is kept and given again."""
    entry.idempotency_key = key
    with world.lock:
        print_ = fingerprint(entry.method, entry.path, given)
        kept = world.replies.begin(key, print_, world.now())
    if kept is not None:
        entry.replayed = True
        return kept.status, kept.body
    try:
        _trouble_before(fault)
        with world.lock:
            try:
                status, body = _run(world, entry, found, ids, given)
            except StripeError as refusal:
                if not refusal.executed:
                    raise
                status, body = refusal.status, _refused(world, entry, refusal)
            world.replies.keep(key, Reply(print_, status, body, entry.id, world.now()))
        return status, body
    finally:
        with world.lock:
            world.replies.end(key)


def _run(world: World, entry: Request, found: Route, ids: tuple[str, ...], given: dict[str, Any]) -> tuple[int, str]:
    with world.lock:
        keys.admit(world, entry, found.key, ids, given)
        accepted = {**found.accepts, "expand": params.list_of(params.filled)}
        values = params.read(accepted, found.needs, given)
        paths = values.pop("expand", [])
        world.request = entry
        try:
            result = found.handler(world, values, *ids)
        finally:
            world.request = None
            world.dirty = world.dirty or entry.method != "GET"
        result = expanded(world, result, paths)
        return 200, json.dumps(keys.shown(result, entry.publishable))


def _check_version() -> None:
    asked = incoming.headers.get("Stripe-Version", API_VERSION)
    if asked != API_VERSION:
        message = f"Invalid Stripe API version: {asked}. The local Stripe speaks {API_VERSION} only."
        raise bad_parameter(message)


def _refused(world: World, entry: Request, refusal: StripeError) -> str:
    return json.dumps(refusal.body(f"{world.base_url}/_fake/requests.json?id={entry.id}"))


def _hang_up() -> None:
    """Close the connection without a reply: the effect has happened, the caller cannot know."""
    connection = incoming.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
