"""How one try to pay is told, when Stripe takes the try but cannot be read afterwards."""

from typing import Any

import pytest

from chalicelib.billing.errors import OutcomeUnknown, StripeUnavailable
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.config import Config
from chalicelib.storage.secrets import GivenSecrets


class Unreadable:
    """Stripe that takes a payment, answers with the invoice in `status`, and then cannot be read."""

    def __init__(self, status: str) -> None:
        self.status = status

    def write(self, path: str, key: str, **params: Any) -> dict[str, str]:
        """The invoice as it is right after."""
        return {"id": "in_due", "status": self.status}

    def read(self, path: str, **params: Any) -> None:
        """Nothing comes back."""
        raise StripeUnavailable


def gateway(status: str) -> StripeGateway:
    """The gateway over such a Stripe."""
    config = Config("test", "", "", "", "", "sk_test_none", "pk_test_none", "")
    made = StripeGateway(config, GivenSecrets(config))
    made.__dict__["calls"] = Unreadable(status)
    return made


def test_a_paid_invoice_needs_no_second_look() -> None:
    assert gateway("paid").pay("in_due", "pm_visa", "key").status == "paid"


def test_a_payment_on_its_way_that_cannot_be_read_is_not_called_undone() -> None:
    with pytest.raises(OutcomeUnknown):
        gateway("open").pay("in_due", "pm_visa", "key")
