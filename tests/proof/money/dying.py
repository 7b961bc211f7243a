"""One act in a process that dies, or loses a reply, at each of its outside calls; then a sweep; then the truth."""

import http.client
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from chalicelib import wiring
from tests.functional.visitor import SESSION
from tests.functional.wire import cookie, own_form
from tests.proof.money.acts import ACTS, Customer, Truths, truths
from tests.proof.money.outside import AFTER, BEFORE, LOST, Outside, Trouble, outside
from tests.shop import Shop
from tests.stack import TestStack, three_free_ports

DIED = 0
Answer = tuple[int, str]


class Portal:
    """The portal in a process for each request, all its calls going through `between`."""

    def __init__(self, stack: TestStack, between: Outside, bug: str = "") -> None:
        self._stack, self.between = stack, between
        self._port = three_free_ports(26000 + os.getpid() % 4000)
        places = {"AWS_ENDPOINT_URL": between.aws, "STRIPE_API_BASE": between.stripe, "PORT": str(self._port)}
        environment = {**os.environ, **stack.environment(), **places, "BUG": bug, "PREFIX": stack.stage}
        command = [sys.executable, "-m", "tests.proof.money.process"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)
        assert self._line() == "ready"

    def press(self, customer: Customer, item: str, trouble: Trouble) -> Answer:
        """Send the form of the customer's act; status and place of the answer, or DIED and nothing."""
        path, fields = customer.form(item)
        self.between.trouble = trouble
        trouble.pid = self.begin()
        return self.send(customer.visitor.cookies[SESSION], path, fields)

    def send(self, session: str, path: str, fields: dict[str, str]) -> Answer:
        """The form to a process that was begun for it; several may be sent at the same time."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {**own_form(self._stack.place.origin), **cookie(session)}
            connection.request("POST", path, urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("Location", "")
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return DIED, ""
        finally:
            connection.close()

    def begin(self) -> int:
        """A process for one request. Gives its number."""
        assert self._process.stdin
        moved = self._stack.clock.now() - time.time()
        self._process.stdin.write(f"{moved}\n")
        self._process.stdin.flush()
        return int(self._line())

    def stop(self) -> None:
        """It ends when nobody writes to it any more."""
        self._process.communicate(timeout=20)

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def portal(stack: TestStack, bug: str = "") -> Iterator[Portal]:
    """A portal under test, with a bug or without."""
    with outside(stack.stripe.url, stack.aws.url) as between:
        made = Portal(stack, between, bug)
        try:
            yield made
        finally:
            made.stop()


@dataclass
class Report:
    """What became of one act: `calls` of an undisturbed run, and how each disturbed one ended."""

    act: str
    calls: list[str]
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        ends = ", ".join(f"{many} {end}" for end, many in sorted(self.ends.items()))
        return f"{self.act}: {len(self.calls)} outside calls, {sum(self.ends.values())} disturbed: {ends}"


def disturb(
    stack: TestStack, shop: Shop, under_test: Portal, name: str, kinds: Sequence[str], every: int = 1, first: int = 1
) -> Report:
    """Disturb the act at each call (or each `every`th, from `first`) in each of these ways."""
    act = ACTS[name]
    alone = Customer(stack, shop, f"{len(name)}-alone@mail.example", act, 2)
    untouched, undisturbed = alone.items
    trouble = Trouble()
    answer = under_test.press(alone, undisturbed, trouble)
    report = Report(name, list(trouble.calls))
    settle_and_sweep(stack)
    known = truths(alone)
    none, full = known[untouched], known[undisturbed]
    assert answer[0] == 303, answer
    assert none != full, "the act has no effect"
    assert act.event in full["events"]

    points = [(kind, at) for kind in kinds for at in range(first, len(report.calls) + 1, every)]
    many = Customer(stack, shop, f"{len(name)}-many@mail.example", act, len(points))
    stack.stripe.call("POST", "deliveries/mode", {"hold": True})
    told = {}
    for item, (kind, at) in zip(many.items, points, strict=True):
        trouble = Trouble(at, kind)
        told[item] = under_test.press(many, item, trouble)
        if not trouble.struck:
            report.wrong.append(f"{kind} call {at}: never came that far")
        if kind != LOST and told[item][0] != DIED:
            report.wrong.append(f"{kind} call {at}: lived on")
    stack.stripe.call("POST", "deliveries/mode", {})
    stack.stripe.call("POST", "deliveries/release", {})
    settle_and_sweep(stack)
    judge(report, many, points, none, full, told)
    return report


def settle_and_sweep(stack: TestStack) -> None:
    """Six minutes pass and the sweep finds out what is open; six more, for what it may have found too early."""
    for _ in range(2):
        stack.skip("PT6M")
        stack.jobs.run("sweep")
        stack.settle()


def judge(
    report: Report,
    many: Customer,
    points: list[tuple[str, int]],
    none: dict[str, Any],
    full: dict[str, Any],
    told: dict[str, Answer],
) -> None:
    """Each item as if undisturbed, or untouched and still possible; the mirror as Stripe; no money taken twice."""
    found, undone = truths(many), []
    halfway = {**full, **many.act.halfway}
    for item, (kind, at) in zip(many.items, points, strict=True):
        what = f"{kind} call {at} {report.calls[at - 1]}"
        end = {repr(full): "full", repr(none): "none"}.get(repr(found[item]), "")
        end = end or ("halfway" if many.act.halfway and found[item] == halfway else "")
        report.ends[f"{kind}: {end or 'WRONG'}"] += 1
        if not end:
            differs = {k: (v, full[k], none[k]) for k, v in found[item].items() if v != full[k] or v != none[k]}
            report.wrong.append(f"{what}: (found, full, none) {differs}")
        if end == "none":
            undone.append((what, item))
        if kind == LOST and end == "full" and told[item][0] == 303:
            page = many.visitor.open(many.visitor.origin + told[item][1])
            if many.act.says not in page.text:
                report.wrong.append(f"{what}: the page says {page.text[60:260]}")
    for _, item in undone:
        many.again(item)
    many.stack.settle()
    after = truths(many) if undone else {}
    report.wrong += [f"{what}: cannot be done any more: {after[i]}" for what, i in undone if after[i] != full]
    report.wrong += Truths(many).charged_twice()
    differ = wiring.portal().sync.differences(many.id)
    report.wrong += [f"the mirror differs from Stripe: {differ}"] if differ else []


KILLED = (BEFORE, AFTER)
