"""The local stack with customers in it, and the events that API Gateway would hand over for their pages."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from msgspec.structs import replace

from chalicelib.billing.facts_bill import Bill
from chalicelib.storage.mirror import DynamoMirror
from local.gateway import Gateway, PerRequest
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import TestStack

DAY = 86400
ITEM = "Studio Membership"


class Reader:
    """A signed-in customer with one subscription and as many payments as wanted."""

    def __init__(self, stack: TestStack, mailbox: str, payments: int) -> None:
        self.visitor, shop = Visitor(stack), Shop(stack)
        self.holder = shop.customer(mailbox)
        self.item = shop.subscription(self.holder, ITEM)
        stack.settle()
        DynamoMirror().fill(self.holder, [earlier(self._paid(), number) for number in range(1, payments)])
        self.visitor.sign_in(mailbox)

    def _paid(self) -> Bill:
        bills, _ = DynamoMirror().history(self.holder, self.item)
        return bills[0]

    @property
    def cookie(self) -> str:
        """What the browser sends."""
        return "; ".join(f"{name}={value}" for name, value in self.visitor.cookies.items())


def earlier(bill: Bill, number: int) -> Bill:
    """The same bill so many days before."""
    when, name = bill.created - number * DAY, f"{bill.id[-8:]}{number:06}"
    payments = tuple(replace(each, id=f"inpay_{name}", created=when, charge=f"ch_{name}") for each in bill.payments)
    shown = {"created": when, "paid_at": when, "payments": payments, "reason": "subscription_cycle"}
    return replace(bill, id=f"in_{name}", number=f"BENCH-{number:06}", **shown)


class Recorder(PerRequest):
    """In the app's place behind the local gateway: keeps the event it is handed."""

    def __init__(self, routes: Mapping[str, Any]) -> None:
        self.routes, self.event = routes, None

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        self.event = event
        return {"statusCode": 200, "headers": {}, "body": ""}


def event(stack: TestStack, path: str, cookie: str = "", body: bytes = b"", **headers: str) -> Any:
    """What Lambda is given for a request of this path (with its query)."""
    recorder, (way, _, query) = Recorder(stack.app.routes), path.partition("?")
    sent = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    environ = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": way,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(stack.place.port),
        "HTTP_HOST": stack.place.origin.removeprefix("http://"),
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json" if body else "",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        **({"HTTP_COOKIE": cookie} if cookie else {}),
        **sent,
    }
    Gateway(recorder, stack.stage).answer(environ)
    return recorder.event
