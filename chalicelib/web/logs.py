"""Log lines as one JSON object each. They carry ids and counts, never addresses, tokens, codes or bodies."""

import json
import logging
import time

from chalicelib import trace

STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """A record with everything given as `extra`, and the traceback of an error nobody foresaw."""

    def __init__(self, end: str = "") -> None:
        super().__init__()
        self._end = end

    def format(self, record: logging.LogRecord) -> str:
        """One line. What cannot be written down is said to be so: Lambda's handler would let the error out."""
        try:
            return json.dumps(self._line(record), default=str) + self._end
        except Exception as error:  # noqa: BLE001 - a boundary of its own: no line is worth a failed payment
            lost = {"level": record.levelname, "logger": record.name, "message": "a line could not be written"}
            return json.dumps(lost | {"trouble": type(error).__name__, "trace": trace.current()}) + self._end

    def _line(self, record: logging.LogRecord) -> dict[str, object]:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": moment,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {"trace": trace.current()} if trace.current() else {}
        line |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return line


def start(on_lambda: bool) -> None:
    """Keep our own lines from INFO on; libraries only warn, for what they note in passing names people.

    Lambda's runtime brings a handler that adds its request id to each record but no line end to each line.
    """
    logging.getLogger("chalicelib").setLevel(logging.INFO)
    for handler in logging.getLogger().handlers if on_lambda else ():
        handler.setFormatter(Lines(end="" if isinstance(handler, logging.StreamHandler) else "\n"))
