"""What the functional test of the import has."""

from tests.functional.conftest import shop
from tests.functional.test_import import imports

__all__ = ["imports", "shop"]
