"""What the browser and the functional tests have."""

from tests.e2e.conftest import new_browser, watch
from tests.functional.conftest import shop, visitor

__all__ = ["new_browser", "shop", "visitor", "watch"]
