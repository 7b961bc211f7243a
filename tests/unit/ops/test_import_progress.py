"""The progress of an import in words: how many of how many, how fast, how long it still takes."""

import io
from types import SimpleNamespace

import pytest

from ops import import_progress
from ops.import_progress import Progress, lasting
from ops.pace import Pace


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock: its last moment is now."""
    moments = [100.0]
    monkeypatch.setattr(import_progress, "time", SimpleNamespace(monotonic=lambda: moments[-1]))
    return moments


def test_a_terminal_has_one_line_with_rate_and_what_is_left(later: list[float]) -> None:
    pace, out = Pace(100), Terminal()
    progress = Progress(3000, pace, out)
    progress.total, pace.calls, pace.refused = 10_000, 980, 2
    for _ in range(99):
        progress.step()
    assert not out.getvalue()
    later.append(110.0)
    progress.step()
    line = "3,100 of 10,000 customers · 10.0 a second · 12 min left · 98 calls a second, 2 refused"
    assert out.getvalue() == f"\r  {line}\033[K"
    progress.clear()
    assert out.getvalue().endswith("\r\033[K")


def test_elsewhere_it_says_a_line_every_half_minute_and_nothing_of_what_it_does_not_know(later: list[float]) -> None:
    out = io.StringIO()
    progress = Progress(0, Pace(100), out)
    later.append(20.0 + later[0])
    progress.step()
    assert not out.getvalue()
    later.append(20.0 + later[1])
    progress.step()
    assert out.getvalue() == "  2 customers · 0.1 a second · 0 calls a second\n"


def test_what_is_left_is_said_in_the_unit_that_fits() -> None:
    assert [lasting(seconds) for seconds in (-1, 40, 600, 12_000)] == ["0 s", "40 s", "10 min", "3 h 20 min"]
