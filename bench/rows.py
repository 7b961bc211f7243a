"""The rows of the bench: figures against what was measured beside them, and against what they may be."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` is value over baseline; `budget` limits the ratio, or the value where there is no baseline.

    A row whose work did not succeed has no figure, and `trouble` says why.
    """

    name: str
    build: str
    unit: str
    value: float | None = None
    baseline: float | None = None
    ratio: float | None = None
    budget: float | None = None
    trouble: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was measured and keeps to its budget."""
        figure = self.value if self.ratio is None else self.ratio
        return figure is not None and (self.budget is None or figure <= self.budget)


def against(
    name: str, build: str, unit: str, rounds: Sequence[tuple[float, float]], budget: float | None = None
) -> Row:
    """A row of rounds of (value, baseline), the ratio taken round by round; medians of all three."""
    value, baseline = (statistics.median(each) for each in zip(*rounds, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in rounds)
    return Row(name, build, unit, value, baseline, ratio, budget)


def table(rows: Sequence[Row]) -> str:
    """All rows, readable."""
    lines = [f"{'':64} {'build':12} {'value':>10} {'baseline':>10} {'ratio':>7} {'budget':>7}"]
    for row in rows:
        head = f"{row.name:64} {row.build:12}"
        if row.value is None:
            lines.append(f"{head} ✗ {row.trouble}")
            continue
        figures = f"{_text(row.value):>10} {_text(row.baseline):>10} {_text(row.ratio):>7} {_text(row.budget):>7}"
        lines.append(f"{head} {figures} {row.unit}{'' if row.ok else '  ✗ over budget'}")
    return "\n".join(lines)


def write(rows: Sequence[Row], file: Path) -> None:
    """For machines."""
    file.write_text(json.dumps([asdict(row) | {"ok": row.ok} for row in rows], indent=1, ensure_ascii=False) + "\n")


def _text(figure: float | None) -> str:
    if figure is None:
        return "–"
    return f"{figure:.0f}" if figure >= 100 or figure == int(figure) else f"{figure:.2f}"
