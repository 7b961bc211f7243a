"""The only place where real parts are built, each on first use, and swapped in tests by `use`."""

from functools import cached_property

from chalicelib import config as configuration
from chalicelib.config import Config
from chalicelib.settings.merchant import Settings


class Portal:
    """One stack's parts. Nothing is built, imported or connected before it is first asked for."""

    @cached_property
    def config(self) -> Config:
        """Environment of this stack."""
        return configuration.load()

    def settings(self) -> Settings:
        """The merchant's settings, at most a few seconds old."""
        raise NotImplementedError


_portal = Portal()


def portal() -> Portal:
    """The parts in use."""
    return _portal


def use(parts: Portal) -> None:
    """Swap all parts at once (tests, local stack)."""
    global _portal
    _portal = parts
