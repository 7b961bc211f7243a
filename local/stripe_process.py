"""The local Stripe as a child process, and its control calls."""

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

from stripe import StripeClient

from local.children import Child

ROOT = Path(__file__).resolve().parent.parent
SECRET_KEY, PUBLISHABLE_KEY, WEBHOOK_SECRET = "sk_test_local", "pk_test_local", "whsec_local"


class StripeProcess:
    """A running local Stripe. Its state is kept in `folder`."""

    def __init__(self, port: int, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "local.stripe", "--port", str(port), "--data", str(folder)]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        self.process = Child("The local Stripe", command, folder / "log", env)

    def wait(self) -> None:
        """Return when it answers. Raises DidNotStart."""
        self.process.wait_for(f"{self.url}/_fake/clock")

    def stop(self) -> None:
        """Stop it; it saves its state first."""
        self.process.stop()

    def call(self, method: str, path: str, body: Any = None, seconds: float = 120) -> Any:
        """One control call below `/_fake/`. Gives its JSON; raises urllib's errors."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_fake/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.load(answer)

    def moved_by(self) -> int:
        """Seconds its clock is ahead of real time."""
        return int(self.call("GET", "clock")["moved_by"])

    def move_to(self, moment: int) -> None:
        """Move its clock forward, doing on the way what falls due."""
        self.call("POST", "clock", {"to": moment})

    def flush(self) -> None:
        """Deliver all webhooks that are waiting; returns when done."""
        self.call("POST", "deliveries/flush", {})

    def reset(self, at: int | None = None) -> None:
        """Forget everything; time goes on from `at` (epoch seconds), else from real now."""
        self.call("POST", "reset", {} if at is None else {"at": at})

    def send_webhooks_to(self, url: str) -> None:
        """Make `url` the one endpoint that gets all events, signed with WEBHOOK_SECRET."""
        self.call("POST", "webhook_endpoints", {"url": url, "secret": WEBHOOK_SECRET})

    def forget_webhooks_but_to(self, url: str) -> None:
        """Delete the endpoints of earlier starts that listened elsewhere."""
        endpoints = StripeClient(SECRET_KEY, base_addresses={"api": self.url}).v1.webhook_endpoints
        for endpoint in endpoints.list({"limit": 100}).data:
            if endpoint.url != url:
                endpoints.delete(endpoint.id)
