"""Somebody whose payment failed."""

from tests.shop import CHARGE_FAILS, Shop
from tests.stack import TestStack


class Overdue:
    """A membership that was free for a day; then its card was refused."""

    def __init__(self, stack: TestStack, mailbox: str) -> None:
        self.shop = Shop(stack)
        self.customer = self.shop.customer(mailbox)
        failing = self.shop.card(self.customer, CHARGE_FAILS)
        self.item = self.shop.subscription(self.customer, trial_period_days=1, default_payment_method=failing)
        stack.advance("P1DT2H")
        self.invoice = self.shop.v1.invoices.list({"subscription": self.item, "status": "open"}).data[0].id

    @property
    def paid(self) -> bool:
        """What Stripe says of the open invoice."""
        return self.shop.v1.invoices.retrieve(self.invoice).status == "paid"

    @property
    def card(self) -> str:
        """Last four digits of the card the subscription is charged to."""
        facts = self.shop.v1.subscriptions.retrieve(self.item, {"expand": ["default_payment_method"]})
        return str(facts.default_payment_method.card.last4)  # type: ignore[union-attr]

    def charges(self) -> int:
        """How many payments went through."""
        charges = self.shop.v1.charges.list({"customer": self.customer}).data
        return sum(charge.status == "succeeded" for charge in charges)
