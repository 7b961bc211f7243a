"""What a page costs at DynamoDB: counted at the client, and in read units as DynamoDB bills them."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.storage import dynamodb
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import TestStack

ADA = "ada@mail.example"


class Meter:
    """Listens to the shared DynamoDB client."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.units = 0.0

    def ask(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Let DynamoDB say what each call costs."""
        self.calls.append(model.name)
        if model.name in {"GetItem", "Query", "BatchGetItem"}:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def add(self, parsed: dict[str, Any], **_: Any) -> None:
        """Add it up."""
        used = parsed.get("ConsumedCapacity") or []
        self.units += sum(part["CapacityUnits"] for part in ([used] if isinstance(used, dict) else used))


@pytest.fixture
def meter(stack: TestStack, visitor: Visitor) -> Iterator[Meter]:
    counting = Meter()
    events = dynamodb.client().meta.events
    events.register("provide-client-params.dynamodb", counting.ask)
    events.register("after-call.dynamodb", counting.add)
    yield counting
    events.unregister("provide-client-params.dynamodb", counting.ask)
    events.unregister("after-call.dynamodb", counting.add)


def cost_of(visitor: Visitor, meter: Meter, path: str) -> tuple[list[str], float]:
    """The calls and read units of one page, settings being known already."""
    visitor.open("/sign-in")
    meter.calls.clear()
    meter.units = 0
    visitor.open(path)
    return meter.calls, meter.units


def test_home_costs_two_reads_and_at_most_two_units(
    stack: TestStack, shop: Shop, visitor: Visitor, meter: Meter
) -> None:
    customer = shop.customer(ADA)
    shop.subscription(customer)
    shop.subscription(customer, "Print Archive")
    stack.skip("P32D")
    visitor.sign_in(ADA)
    calls, units = cost_of(visitor, meter, "/")
    assert len(calls) == 2, calls
    assert 0 < units <= 2.0


def test_item_and_card_pages_cost_two_reads(stack: TestStack, shop: Shop, visitor: Visitor, meter: Meter) -> None:
    item = shop.subscription(shop.customer(ADA))
    visitor.sign_in(ADA)
    for path in (f"/items/{item}", f"/items/{item}/card", f"/items/{item}/cancel"):
        calls, units = cost_of(visitor, meter, path)
        assert len(calls) == 2, (path, calls)
        assert 0 < units <= 2.0


def test_a_page_of_history_costs_two_reads_and_at_most_two_units(
    stack: TestStack, shop: Shop, visitor: Visitor, meter: Meter
) -> None:
    shop.subscription(shop.customer(ADA))
    visitor.sign_in(ADA)
    calls, units = cost_of(visitor, meter, "/payments")
    assert len(calls) == 2, calls
    assert 0 < units <= 2.0


def test_each_further_customer_costs_one_read_more(
    stack: TestStack, shop: Shop, visitor: Visitor, meter: Meter
) -> None:
    for address in (ADA, "Ada@Mail.example", "ADA@mail.example"):
        shop.subscription(shop.customer(address))
    visitor.sign_in(ADA)
    calls, _ = cost_of(visitor, meter, "/")
    assert len(calls) == 4, calls


def test_a_guests_pages_cost_two_reads_and_one_more_beside_a_customer(
    stack: TestStack, shop: Shop, visitor: Visitor, meter: Meter
) -> None:
    order = f"/orders/{shop.guest_order(ADA)}"
    visitor.sign_in(ADA)
    for path in ("/", "/payments", order):
        calls, units = cost_of(visitor, meter, path)
        assert len(calls) == 2, (path, calls)
        assert 0 < units <= 2.0
    shop.subscription(shop.customer(ADA))
    stack.settle()
    for path, reads in (("/", 3), ("/payments?holder=guest", 4), (order, 3)):
        calls, _ = cost_of(visitor, meter, path)
        assert len(calls) <= reads, (path, calls)
