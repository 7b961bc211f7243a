"""One id from the page through the queue to the worker: it stands on every log line and in every message."""

from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("trace", default="")


def current() -> str:
    """The id of the request that all this was begun for, or ""."""
    return _current.get()


def follow(trace: str) -> None:
    """From here on, in this thread or context, work is done for that request."""
    _current.set(trace)
