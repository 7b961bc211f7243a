"""Ten thousand customers, the import killed twice: the mirror is what Stripe has, also of what changed on the way."""

import json
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from bisect import bisect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.billing.ports import EventHint
from chalicelib.wiring import portal
from local.stripe_process import SECRET_KEY
from ops import import_mark
from ops.pace import endpoint_of
from tests.functional.test_import import Imports
from tests.shop import Shop
from tests.stack import TestStack

MANY, FEW = 10_000, 1_000
# what Stripe allows in live mode
RATE, ENDPOINT = 100, 25
# calls that left evenly spaced arrive a little bunched on a busy machine, and some are our own
JITTER = 1.2
STEPS, REFUSALS = 10, 10
FLAT = 1.15
PATIENCE = 900.0


class Stripe:
    """All that Stripe has, listed whole and read without a line of the portal's code."""

    def __init__(self, stack: TestStack) -> None:
        self._url = stack.stripe.url

    def all(self, path: str, **wanted: str) -> Iterator[dict[str, Any]]:
        """Every object of a list."""
        after: dict[str, str] = {}
        while True:
            query = urllib.parse.urlencode({"limit": 100, **wanted, **after})
            request = urllib.request.Request(f"{self._url}/v1/{path}?{query}")
            request.add_header("Authorization", f"Bearer {SECRET_KEY}")
            with urllib.request.urlopen(request, timeout=60) as answer:
                page = json.load(answer)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}

    def has(self) -> dict[str, set[tuple[Any, ...]]]:
        """By customer, what each thing of theirs looks like."""
        found = {}
        for customer in self.all("customers", **{"expand[]": "data.invoice_settings.default_payment_method"}):
            card = customer["invoice_settings"]["default_payment_method"]
            look = ("customer", customer["email"], customer["name"])
            found[customer["id"]] = {look, (card["id"], card["card"]["last4"], card["card"]["exp_year"])}
        for item in self.all("subscriptions", status="all"):
            price = item["items"]["data"][0]["price"]["id"]
            found[item["customer"]].add((item["id"], item["status"], price, item["cancel_at_period_end"]))
        for bill in self.all("invoices"):
            found[bill["customer"]].add((bill["id"], bill["status"], bill["total"]))
        return found


def mirrored(customers: list[str]) -> Iterator[tuple[str, set[tuple[Any, ...]]]]:
    """The same of the mirror."""
    for customer in customers:
        home = portal().mirror.home(customer, fresh=True)
        assert home, f"{customer} is missing"
        assert home.compared_at, f"{customer} was never read whole"
        yield (
            customer,
            {
                ("customer", home.customer.email, home.customer.name),
                *((card.id, card.last4, card.exp_year) for card in home.cards),
                *((s.id, s.status, s.items[0].price.id, s.cancel_at_period_end) for s in home.subscriptions),
                *((bill.id, bill.status, bill.total) for bill in home.bills),
            },
        )


def customers_at(stack: TestStack, shop: Shop, many: int) -> list[str]:
    """Nine in ten have a card only, the others a paid subscription, too. The copies bring no events."""
    stack.stripe.call("POST", "deliveries/mode", {"drop": True})
    plain, paying = shop.customer("ada@mail.example"), shop.customer("bob@mail.example")
    shop.subscription(paying)
    copied = [(plain, many * 9 // 10 - 1), (paying, many - many * 9 // 10 - 1)]
    copies = [stack.stripe.call("POST", "copies", {"customer": who, "times": times}) for who, times in copied]
    return [plain, paying, *copies[0], *copies[1]]


def change(shop: Shop, customer: str, name: str) -> None:
    """A customer's name changes, and the portal hears of it while the import is at work."""
    shop.v1.customers.update(customer, {"name": name})
    now = int(clock.now())
    portal().sync.follow(EventHint(f"evt_{name}", "customer.updated", "customer", customer, customer, now))


def wait_until(when: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not when():
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.1)


def memory(process: "subprocess.Popen[str]") -> int:
    """The most this process ever had, in KiB (VmHWM: what getrusage says, a child inherits from its parent)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert found
    return int(found[1])


def last_line(said: str) -> dict[str, int]:
    """Figures of a run that came to its end."""
    return {name: int(value) for name, value in re.findall(r"(memory|calls|refused) (\d+)", said.splitlines()[-1])}


def run_and_kill(shop: Shop, imports: Imports, ordered: list[str], until: int) -> int:
    """Customers change just where the import is; it is killed once it is so far. Gives the most memory it had."""
    process = imports.start(RATE, ENDPOINT)
    begin = import_mark.read().done
    for step in range(1, STEPS + 1):
        aim = begin + (until - begin) * step // STEPS
        wait_until(lambda aim=aim: import_mark.read().done >= aim)  # type: ignore[misc]
        for customer in ordered[aim : aim + 100 : 10]:
            change(shop, customer, f"Changed at {aim}")
    most = memory(process)
    process.kill()
    assert process.wait(10) == -signal.SIGKILL
    return most


def fastest(stack: TestStack) -> tuple[int, int]:
    """Most calls that came to Stripe within any one second: in all, and at one endpoint (of the latest 5,000)."""
    calls = stack.stripe.call("GET", "requests.json")
    every = [call["time"] for call in calls]
    by_endpoint: dict[str, list[float]] = {}
    for call in calls:
        by_endpoint.setdefault(endpoint_of(call["method"], call["path"]), []).append(call["time"])
    return crowd(every), max(map(crowd, by_endpoint.values()))


def crowd(moments: list[float]) -> int:
    """The most of them within a second."""
    moments = sorted(moments)
    return max(bisect(moments, moment + 1) - place for place, moment in enumerate(moments))


@pytest.mark.root_only
def test_killed_twice_it_fills_all_customers_at_the_speed_allowed_and_needs_no_more_memory_for_more_of_them(
    stack: TestStack, shop: Shop, imports: Imports, figure: Callable[[str], None]
) -> None:
    first = customers_at(stack, shop, FEW)
    little = last_line(imports.run(RATE, ENDPOINT, PATIENCE))["memory"]
    customers = [*first, *customers_at(stack, shop, MANY - FEW)]
    ordered = [str(row["id"]) for row in Stripe(stack).all("customers")]
    assert sorted(ordered) == sorted(customers)

    began = time.monotonic()
    most = [run_and_kill(shop, imports, ordered, len(customers) * share // 3) for share in (1, 2)]
    stack.stripe.call("POST", "faults", {"status": 429, "times": REFUSALS})
    said = imports.run(RATE, ENDPOINT, PATIENCE)
    seconds, (in_all, at_one) = time.monotonic() - began, fastest(stack)

    print(said)
    ended = last_line(said)
    most.append(ended["memory"])
    figure(f"{MANY} customers in {seconds:.0f} s, killed twice; last run: {said.splitlines()[-3]}")
    figure(f"allowed {RATE} calls a second, {ENDPOINT} at one endpoint; most in any second: {in_all}, {at_one}")
    figure(
        f"memory: {little} KiB for {FEW} customers, {max(most)} KiB for {MANY}; refused by Stripe: {ended['refused']}"
    )
    assert "going on after" in said
    assert f"{MANY:,} customers are filled" in said
    assert "nothing differs" in said
    # calls that a killed run had under way may have met the others
    assert 0 < ended["refused"] <= REFUSALS
    assert in_all <= RATE * JITTER
    assert at_one <= ENDPOINT * JITTER
    assert max(most) <= little * FLAT
    there = Stripe(stack).has()
    assert len(there) == MANY
    assert [who for who, looks in mirrored(customers) if looks != there[who]] == []


def change_while_it_is_read(stack: TestStack, shop: Shop, imports: Imports, bug: str) -> str:
    """The import has read a customer and waits for the last list, while the customer's name changes."""
    stack.stripe.call("POST", "deliveries/mode", {"drop": True})
    ada = shop.customer("ada@mail.example")
    stack.stripe.call("POST", "faults", {"delay": 3.0, "path": "/v1/charges"})
    process = imports.start(BUG=bug)
    wait_until(lambda: ("GET", "/v1/charges") in shop.calls())
    change(shop, ada, "Ada King")
    said, _ = process.communicate(timeout=60)
    home = portal().mirror.home(ada, fresh=True)
    assert home
    assert home.customer.name == "Ada King"
    return said


@pytest.mark.root_only
def test_what_changes_while_it_is_read_stays_as_the_event_told(stack: TestStack, shop: Shop, imports: Imports) -> None:
    assert "nothing differs" in change_while_it_is_read(stack, shop, imports, bug="")


@pytest.mark.root_only
def test_an_import_that_writes_older_facts_over_newer_ones_is_found_out(
    stack: TestStack, shop: Shop, imports: Imports
) -> None:
    assert "1 differed in 1 objects" in change_while_it_is_read(stack, shop, imports, bug="older wins")
