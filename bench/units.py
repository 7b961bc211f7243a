"""Rows for the cost sheet (`docs/costs.md`): what each thing a portal does asks of DynamoDB and of the queue."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from bench.meter import Meter, counted
from bench.processes import Failed
from bench.rows import Row
from bench.shop import Reader
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import TestStack

BUILD = "source"


class Units:
    """One customer with 30 payments, and one whose card expires within a month."""

    def __init__(self, stack: TestStack) -> None:
        self._stack, self._reader = stack, Reader(stack, "units@mail.example", 30)

    def rows(self) -> Iterator[Callable[[], list[Row]]]:
        """In the order of the sheet."""
        yield lambda: self._of_page("page of one item", f"/items/{self._reader.item}")
        yield lambda: self._of_page("receipt page", self._receipt())
        yield lambda: self._of_page("receipt PDF, drawn and kept", f"{self._receipt()}/pdf")
        yield lambda: self._of_page("receipt PDF, kept", f"{self._receipt()}/pdf")
        yield self._sign_in
        yield self._notice

    def _of_page(self, name: str, path: str) -> list[Row]:
        self._reader.visitor.open("/sign-in")
        with counted() as meter:
            page = self._reader.visitor.open(path)
        if page.status != 200:
            raise Failed(f"{path} answered {page.status}")
        return rows(name, meter)

    def _sign_in(self) -> list[Row]:
        """From the address typed to the first page, mail and all."""
        shop = Shop(self._stack)
        shop.subscription(shop.customer("signin@mail.example"))
        self._stack.settle()
        with counted() as meter:
            page = Visitor(self._stack).sign_in("signin@mail.example")
        if "Hello" not in page.heading:
            raise Failed(f"signing in led to {page.heading!r}")
        return rows("sign-in, from the address to the first page", meter)

    def _notice(self) -> list[Row]:
        """The day thirty days before a card is no longer good: the card is found and its owner mailed."""
        shop, today = Shop(self._stack), datetime.fromtimestamp(self._stack.clock.now(), UTC).date()
        last = (today.replace(day=1) + timedelta(days=95)).replace(day=1) - timedelta(days=1)
        customer = shop.customer("notice@mail.example")
        card = shop.card(customer, month=last.month, year=last.year)
        shop.subscription(customer, default_payment_method=card)
        self._stack.skip(f"P{(last - today).days - 29}D")
        with counted() as meter:
            self._stack.jobs.run("expiring")
            self._stack.settle()
        if not self._stack.mailbox("notice@mail.example"):
            raise Failed("no mail went out")
        return rows("card-expiring, one mail", meter)

    def _receipt(self) -> str:
        page = self._reader.visitor.open("/payments")
        return next(link["href"] for link in page.links if "/receipts/" in link["href"])


def rows(name: str, meter: Meter) -> list[Row]:
    """Reads and writes of one thing."""
    return [
        Row(f"{name}: DynamoDB calls", BUILD, "calls", len(meter.names)),
        Row(f"{name}: read units", BUILD, "units", meter.read),
        Row(f"{name}: write units", BUILD, "units", meter.written),
    ]
