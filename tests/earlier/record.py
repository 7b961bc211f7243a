"""Keep what this version writes, for later ones to be tested with: `python -m tests.earlier.record VERSION`.

Run it once, when a version is released. It plays a few stories on a stack of its own and writes VERSION.json.gz.
"""

import base64
import gzip
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib import clock, wiring
from chalicelib.billing.inbox import Queue
from tests.functional.signing_in import asked, mailed
from tests.functional.traces import rows
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import TestStack, place_for

FOLDER = Path(__file__).parent
ADA = "ada@mail.example"


class Listening:
    """The portal's queue, remembering each kind of message that passes."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self.heard: dict[str, str] = {}

    def send(self, message: Mapping[str, object], delay: int = 0) -> None:
        """Pass it on."""
        self.heard[str(message["kind"])] = json.dumps(message)
        self._queue.send(message, delay)


def stories(stack: TestStack) -> dict[str, Any]:
    """Ada subscribes, pays, cancels, fetches a receipt and asks for another link; one attempt and one mail hang."""
    queue = Listening(wiring.portal().queue)
    wiring.portal().__dict__["queue"] = queue
    shop, ada, elsewhere = Shop(stack), Visitor(stack), Visitor(stack)
    customer = shop.customer(ADA)
    item, hanging = shop.subscription(customer), shop.subscription(customer, "Print Archive")
    plan = shop.plan(customer)
    shop.card(customer, month=1, year=2030)
    ada.sign_in(ADA)
    ada.open(f"/items/{item}")
    receipt = ada.follow("receipt").path
    ada.follow("PDF")
    stack.skip("P32D")
    ada.sign_in(ADA)
    asked(elsewhere, ADA)
    token, _ = mailed(stack)
    stack.skip("PT2M")
    asked(elsewhere, ADA)
    canceled = cancel(ada, item)
    stack.stripe.call("POST", "faults", {"method": "POST", "path": hanging, "status": 500, "after": True, "times": 99})
    cancel(ada, hanging)
    return {
        "moment": int(clock.now()),
        "cookies": ada.cookies,
        "asking": elsewhere.cookies,
        "token": token,
        "customer": customer,
        "item": item,
        "hanging": hanging,
        "plan": plan,
        "canceled": canceled,
        "receipt": receipt,
        "messages": queue.heard,
        "rows": [row for key, row in rows(stack).items() if not key[0].startswith("SETTINGS")],
    }


def cancel(visitor: Visitor, item: str) -> str:
    """Cancel it. Gives the attempt's key."""
    page = visitor.open(f"/items/{item}/cancel")
    visitor.press("Cancel subscription")
    return next(field["value"] for field in page.document.root.all("input") if field["name"] == "attempt")


def plain(value: Any) -> Any:
    """Bytes as JSON can hold them."""
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else str(value)


def main(version: str) -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        stack = TestStack(place_for("earlier", Path(folder)))
        stack.start()
        stack.reset()
        kept = stories(stack)
        stack.stop()
    target = FOLDER / f"{version}.json.gz"
    target.write_bytes(gzip.compress(json.dumps(kept, default=plain).encode(), mtime=0))
    print(f"{target.name}: {len(kept['rows'])} rows, {', '.join(kept['messages'])}")


if __name__ == "__main__":
    main(sys.argv[1])
