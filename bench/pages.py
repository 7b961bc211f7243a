"""Rows about pages: the cold start, the warm page, and what DynamoDB and Stripe are asked for one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.packages import LEAN, Build
from bench.processes import Answerer, Failed, run
from bench.rows import Row, against
from bench.shop import ITEM, Reader, event
from tests.stack import TestStack

ROUNDS, WARM, WARM_ROUNDS = 9, 150, 5
NEVER_LOADED = {"stripe", "fpdf", "PIL", "fontTools", "babel", "s3transfer"}


@dataclass(frozen=True)
class Builds:
    """What is compared with what."""

    lean: Build
    bare: Build
    compiled: Build
    yardstick: Build


class Pages:
    """Answers of the packages to a customer with 30 payments and to one with 1,000."""

    def __init__(self, stack: TestStack, builds: Builds) -> None:
        self._stack, self._builds = stack, builds
        few, many = Reader(stack, "thirty@mail.example", 30), Reader(stack, "thousand@mail.example", 1000)
        self._environment = {**stack.environment(), "AWS_LAMBDA_FUNCTION_NAME": "bench", "LANG": "C.UTF-8"}
        self._home = event(stack, "/", few.cookie)
        self._history = event(stack, "/payments", few.cookie)
        self._long_history = event(stack, "/payments", many.cookie)
        key = {"PK": f"HOLDER#{few.holder}", "SK": "HOME"}
        self._yardstick = Answerer(builds.yardstick, event(stack, "/"), self._environment | key, "HOME")

    def rows(self) -> Iterator[Callable[[], Row | list[Row]]]:
        """One after another."""
        yield lambda: self._cold("cold: init and first account page, CPU", self._builds.lean, 0.90)
        yield lambda: self._cold("cold: the same as a bare chalice deploy ships it", self._builds.bare, None)
        yield self._nothing_compiled
        yield self._modules
        yield self._models
        yield self._warm
        yield self._counts
        yield self._long
        yield self._memory

    def _answerer(self, build: Build, asked: Any = None) -> Answerer:
        return Answerer(build, asked or self._home, self._environment, "Payments" if asked else ITEM)

    def _cold(self, name: str, build: Build, budget: float | None) -> Row:
        mine = self._answerer(build)
        rounds = [(mine.answer()["cpu"] * 1000, self._yardstick.answer()["cpu"] * 1000) for _ in range(ROUNDS)]
        return against(name, build.name, "ms of CPU, against bare Chalice + boto3 + GetItem", rounds, budget)

    def _nothing_compiled(self) -> Row:
        as_sent, all_compiled = self._answerer(self._builds.lean), self._answerer(self._builds.compiled)
        rounds = [(as_sent.answer()["cpu"] * 1000, all_compiled.answer()["cpu"] * 1000) for _ in range(ROUNDS)]
        return against("cold: nothing is compiled at start", LEAN, "ms of CPU, against all compiled", rounds, 1.03)

    def _modules(self) -> Row:
        loaded = self._answerer(self._builds.lean).answer()["modules"]
        forbidden = sorted(NEVER_LOADED & {name.partition(".")[0] for name in loaded})
        if forbidden:
            raise Failed(f"the first page loads {', '.join(forbidden)}")
        return Row("modules loaded after the first account page", LEAN, "modules", len(loaded), budget=450)

    def _models(self) -> Row:
        rounds = []
        for _ in range(ROUNDS):
            orders = {"path": self._builds.lean.path}
            every, one = (run("models", orders | {"all": each}, self._environment) for each in (True, False))
            if not every["touched"] == one["touched"] == every["models"]:
                raise Failed("a model found what nobody wrote")
            rounds.append((every["cpu"] * 1000, one["cpu"] * 1000))
        return against(
            f"first touch of {every['models']} table models",
            LEAN,
            "ms of CPU, against as many touches of one",
            rounds,
            1.10,
        )

    def _warm(self) -> Row:
        mine, rounds = self._answerer(self._builds.lean), []
        for _ in range(WARM_ROUNDS):
            rounds.append((mine.answer(WARM)["warm"] * 1000, self._yardstick.answer(WARM)["warm"] * 1000))
        name = "warm account page with 30 payments, CPU"
        return against(name, LEAN, "ms, against a bare Chalice route + GetItem", rounds, 3.0)

    def _counts(self) -> list[Row]:
        found = []
        for name, asked in (("home", self._home), ("history page of 25 rows", self._history)):
            before = len(self._stripe_calls())
            figures = self._answerer(self._builds.lean, asked if asked is not self._home else None).answer(units=True)
            calls = len(self._stripe_calls()) - before
            found.append(Row(f"{name}: Stripe calls", LEAN, "calls", calls, budget=0))
            found.append(Row(f"{name}: DynamoDB reads", LEAN, "calls", len(figures["calls"]), budget=2))
            found.append(Row(f"{name}: read units", LEAN, "units", figures["units"], budget=2.0))
        return found

    def _long(self) -> list[Row]:
        short, long = (self._answerer(self._builds.lean, each) for each in (self._history, self._long_history))
        rounds = [
            tuple(each.answer(WARM, replayed=True)["warm"] * 1000 for each in (long, short)) for _ in range(WARM_ROUNDS)
        ]
        units = [(long.answer(units=True)["units"], short.answer(units=True)["units"])]
        name = "history page of 1,000 payments"
        return [
            against(f"{name}, CPU", LEAN, "ms, against one of 30; DynamoDB's answers replayed", rounds, 1.1),
            against(f"{name}, read units", LEAN, "units, against one of 30", units, 1.1),
        ]

    def _memory(self) -> Row:
        memory = self._answerer(self._builds.lean).answer()["memory"]
        return Row("peak memory after the first page", LEAN, "MB", memory)

    def _stripe_calls(self) -> list[Mapping[str, Any]]:
        calls: list[Mapping[str, Any]] = self._stack.stripe.call("GET", "requests.json")
        return calls
