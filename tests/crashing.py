"""Ends a story at one chosen outside call: before it, or after its effect but before its answer arrives."""

from typing import Any


class Killed(BaseException):
    """The process is gone. Not an Exception: nothing may catch it."""


class Death:
    """Counts outside calls and strikes at number `at` (from 1; 0 never), `after` the effect or before it."""

    def __init__(self, at: int = 0, after: bool = False) -> None:
        self.at, self.after, self.calls = at, after, 0

    def watch(self, part: Any) -> Any:
        """`part`, every method of which may be the last thing that happens."""
        return _Watched(part, self)

    def around(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        """Make one outside call, or die."""
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        answer = call(*args, **kwargs)
        if self.calls == self.at:
            raise Killed
        return answer


class _Watched:
    def __init__(self, part: Any, death: Death) -> None:
        self._part, self._death = part, death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._death.around(found, *args, **kwargs)
