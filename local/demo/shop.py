"""What the demo merchant does at Stripe, in a few verbs, through the real client."""

import stripe
from stripe import StripeClient


class Shop:
    """Northlight Studio's dealings with its customers."""

    def __init__(self, key: str, base: str) -> None:
        self.stripe = StripeClient(key, base_addresses={"api": base}, max_network_retries=0)

    def customer(self, email: str, name: str, country: str = "GB") -> str:
        """A new customer. Gives the id."""
        made = self.stripe.v1.customers.create(
            {"email": email, "name": name, "address": {"country": country}, "preferred_locales": ["en-GB"]}
        )
        return made.id

    def card(self, customer: str, card: str = "pm_card_visa", default: bool = True) -> str:
        """Save one of Stripe's test cards with a customer. Gives the payment method's id."""
        saved = self.stripe.v1.payment_methods.attach(card, {"customer": customer})
        if default:
            settings: stripe.params.CustomerUpdateParamsInvoiceSettings = {"default_payment_method": saved.id}
            self.stripe.v1.customers.update(customer, {"invoice_settings": settings})
        return saved.id
