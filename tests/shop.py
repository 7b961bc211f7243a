"""What a merchant's customers have at Stripe, in the few verbs that stories need, through the real client."""

from typing import Any

import stripe

from local.stripe_process import SECRET_KEY
from tests.stack import TestStack

GOOD, MASTERCARD = "4242424242424242", "5555555555554444"
CHARGE_FAILS, NEEDS_BANK, DECLINED = "4000000000000341", "4000002760003184", "4000000000000002"


class Shop:
    """The merchant's side of Stripe."""

    def __init__(self, stack: TestStack) -> None:
        self._stack = stack
        base: Any = {"api": stack.stripe.url}
        self.v1 = stripe.StripeClient(SECRET_KEY, base_addresses=base, max_network_retries=0).v1

    def customer(self, email: str, name: str = "Ada Lovelace") -> str:
        """A customer with a Visa that works, charged by default."""
        customer = self.v1.customers.create({"email": email, "name": name}).id
        card = self.card(customer)
        self.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
        return customer

    def card(self, customer: str, number: str = GOOD, month: int = 12, year: int = 2034) -> str:
        """A saved card, good until the end of that month."""
        made = self.v1.payment_methods.create(
            {"type": "card", "card": {"number": number, "exp_month": month, "exp_year": year, "cvc": "123"}}
        )
        return self.v1.payment_methods.attach(made.id, {"customer": customer}).id

    def bank(self, customer: str, token: str = "pm_success_de") -> str:
        """A bank account saved with the customer's mandate, by one of Stripe's test tokens."""
        kind: Any = "us_bank_account" if token.startswith("pm_usBank") else "sepa_debit"
        accepted: Any = {"type": "online", "online": {"ip_address": "203.0.113.4", "user_agent": "Test"}}
        setup: Any = {
            "customer": customer,
            "payment_method": token,
            "payment_method_types": [kind],
            "confirm": True,
            "mandate_data": {"customer_acceptance": accepted},
        }
        return str(self.v1.setup_intents.create(setup).payment_method)

    def price(self, name: str = "Studio Membership", amount: int = 4900, currency: str = "usd") -> str:
        """A monthly price of a product of its own."""
        product = self.v1.products.create({"name": name}).id
        recurring: Any = {"interval": "month"}
        made = {"product": product, "currency": currency, "unit_amount": amount, "recurring": recurring}
        return self.v1.prices.create(made).id  # type: ignore[arg-type]

    def subscription(self, customer: str, name: str = "Studio Membership", amount: int = 4900, **more: Any) -> str:
        """A monthly subscription, paid for the first time."""
        items = [{"price": self.price(name, amount, more.pop("currency", "usd"))}]
        return self.v1.subscriptions.create({"customer": customer, "items": items, **more}).id  # type: ignore[typeddict-item]

    def plan(
        self, customer: str, name: str = "Portrait Masterclass", amount: int = 19900, of: int = 6, currency: str = "usd"
    ) -> str:
        """A payment plan: a schedule of `of` monthly instalments that ends by itself."""
        duration = {"interval": "month", "interval_count": of}
        phase = {
            "items": [{"price": self.price(name, amount, currency), "quantity": 1}],
            "duration": duration,
            "metadata": {"tillkey": "plan", "installments": str(of)},
        }
        params: Any = {"customer": customer, "start_date": "now", "end_behavior": "cancel", "phases": [phase]}
        return str(self.v1.subscription_schedules.create(params).subscription)

    def guest_order(
        self,
        email: str,
        name: str = "Travel Preset Pack",
        amount: int = 3900,
        currency: str = "usd",
        card: str = "pm_card_visa",
        **more: Any,
    ) -> str:
        """Somebody pays on a checkout page without becoming a customer, unless `more` says so. Gives the charge."""
        line = {"price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": name}}}
        made: Any = {"mode": "payment", "line_items": [line], **more}
        session = self.v1.checkout.sessions.create(made).id
        buyer = {"email": email, "name": "Ada Lovelace", "card": card}
        done = self._stack.stripe.call("POST", f"checkout/{session}", buyer)
        if not done["payment_intent"]:
            return str(done["id"])
        return str(self.v1.payment_intents.retrieve(done["payment_intent"]).latest_charge)

    def past_due(self, customer: str, subscription: str) -> str:
        """The subscription's card begins to fail and a renewal comes. Gives the open invoice."""
        failing = self.card(customer, CHARGE_FAILS)
        self.v1.subscriptions.update(subscription, {"default_payment_method": failing})
        self._stack.skip("P32D")
        return self.v1.invoices.list({"subscription": subscription, "status": "open"}).data[0].id

    def calls(self) -> list[tuple[str, str]]:
        """Every API call Stripe has received: method and path."""
        return [(call["method"], call["path"]) for call in self._stack.stripe.call("GET", "requests.json")]
