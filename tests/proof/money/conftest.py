"""What the functional tests have."""

from tests.functional.conftest import another_visitor, shop, visitor, wire

__all__ = ["another_visitor", "shop", "visitor", "wire"]
