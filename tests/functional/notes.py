"""What the portal writes into its log, as the lines it writes on Lambda."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.web.logs import Lines


class Notes(logging.Handler):
    """Keeps every line of every logger."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(Lines())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(self.format(record))

    def of(self, request: str) -> list[dict[str, Any]]:
        """The lines that name this request."""
        return [line for line in map(json.loads, self.lines) if line.get("request") == request]

    def mentions(self, words: dict[str, str]) -> list[str]:
        """Which of these the lines hold, by what they are."""
        written = "\n".join(self.lines)
        return [what for what, value in words.items() if value in written]


@contextmanager
def taken() -> Iterator[Notes]:
    """Notes of all that is logged meanwhile."""
    notes = Notes()
    logging.getLogger().addHandler(notes)
    try:
        yield notes
    finally:
        logging.getLogger().removeHandler(notes)
