"""The local Stripe for contract tests: every answer it gives in a test is held against Stripe's own shapes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import stripe

from local.stripe.server import Server
from local.stripe.store import World
from tests.contracts.stripe import described, typed

SECRET_KEY = "sk_test_contracts"
PUBLISHABLE_KEY = "pk_test_contracts"


class Recorder:
    """WSGI middleware that keeps every answer under /v1."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self.answers: list[tuple[str, str, int, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        seen: list[str] = []

        def started(status: str, headers: Any, *rest: Any) -> Any:
            seen.append(status)
            return start_response(status, headers, *rest)

        body = b"".join(self._app(environ, started))
        if environ["PATH_INFO"].startswith("/v1/") and environ["REQUEST_METHOD"] != "OPTIONS":
            answer = (environ["REQUEST_METHOD"], environ["PATH_INFO"], int(seen[0][:3]), json.loads(body))
            self.answers.append(answer)
        return [body]

    def problems(self) -> list[str]:
        """What is wrong with the answers kept, each line once."""
        found: dict[str, None] = {}
        for method, path, status, body in self.answers:
            lines = described.problems_of_answer(method, path, status, body) + typed.problems(body)
            found.update(dict.fromkeys(f"{method} {path}: {line}" for line in lines))
        return list(found)


class LocalStripe:
    """A running local Stripe and the clients to drive it with."""

    def __init__(self, server: Server, recorder: Recorder) -> None:
        self.url = server.url
        self.world: World = server.world
        self.recorder = recorder
        self.client = self._client(SECRET_KEY)
        self.browser = self._client(PUBLISHABLE_KEY)

    def _client(self, key: str) -> stripe.StripeClient:
        return stripe.StripeClient(key, base_addresses={"api": self.url}, max_network_retries=0)

    def fake(self, method: str, path: str, /, **body: Any) -> Any:
        """A call to the control API."""
        given = {"json": body} if method == "POST" else {}
        answer = requests.request(method, f"{self.url}/_fake/{path}", timeout=60, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def event_types(self) -> list[str]:
        """The types of all events so far, oldest first."""
        return [event.type for event in self.client.v1.events.list({"limit": 100}).auto_paging_iter()][::-1]

    def problems_of_events(self) -> list[str]:
        """What is wrong with the objects inside the events of this world."""
        found: dict[str, None] = {}
        for event in self.world.of("event"):
            obj = event["data"]["object"]
            schema = described.schema_of(obj["object"])
            lines = typed.problems(event) + (described.problems(obj, schema, obj["object"]) if schema else [])
            found.update(dict.fromkeys(f"event {event['type']}: {line}" for line in lines))
        return list(found)


@pytest.fixture
def local_stripe() -> Iterator[LocalStripe]:
    """A fresh local Stripe on a free port. At the end of the test all its answers and events are checked."""
    server = Server()
    recorder = Recorder(server.app.wsgi_app)
    server.app.wsgi_app = recorder  # type: ignore[method-assign]
    server.start()
    running = LocalStripe(server, recorder)
    yield running
    server.stop()
    problems = recorder.problems() + running.problems_of_events()
    assert not problems, "\n".join(problems)
