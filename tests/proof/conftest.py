"""Figures: what a proof measured is printed at the end of the run, by whichever process it was measured."""

from collections.abc import Callable
from typing import Any

import pytest

FIGURE = "figure"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a figure in words: it stands in the summary after the run."""
    return lambda words: record_property(FIGURE, words)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Every figure under the name of its test."""
    for report in [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, [])]:
        for name, words in report.user_properties:
            if name == FIGURE:
                terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {words}")
