"""What the browser tests have."""

from tests.e2e.conftest import new_browser, watch

__all__ = ["new_browser", "watch"]
