"""What the demo merchant does at Stripe, in a few verbs, through the real client."""

import json
import urllib.request
from typing import Any

from stripe import StripeClient

from local.demo.catalogue import PRICES, PRODUCTS, Price

Params = Any


class Shop:
    """Northlight Studio's dealings with its customers. Products and prices are made when first sold."""

    def __init__(self, key: str, base: str) -> None:
        self.v1 = StripeClient(key, base_addresses={"api": base}, max_network_retries=0).v1
        self._base = base
        self._prices: dict[str, str] = {}
        self._vat = ""

    # Customers and cards

    def customer(self, email: str, name: str, card: str = "pm_card_visa", **more: Any) -> str:
        """A new customer with one saved test card as default. Gives the id."""
        made = self.v1.customers.create({"email": email, "name": name, **more}).id
        if card:
            self.use_card(made, card)
        return made

    def use_card(self, customer: str, card: str, default: bool = True) -> str:
        """Save one of Stripe's test cards with a customer. Gives the payment method's id."""
        saved = self.v1.payment_methods.attach(card, {"customer": customer}).id
        if default:
            self.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": saved}})
        return saved

    # Selling

    def subscribe(self, customer: str, price: str, **more: Any) -> str:
        """A subscription that begins now. Gives the id."""
        params: Params = {"customer": customer, "items": [{"price": self.price(price)}], **self._taxed(price), **more}
        return self.v1.subscriptions.create(params).id

    def subscribe_for(self, customer: str, price: str, months: int, end: str = "cancel", **metadata: str) -> str:
        """A subscription that ends by its schedule after so many months. Gives the schedule's id."""
        phase: Params = {
            "items": [{"price": self.price(price)}],
            "duration": {"interval": "month", "interval_count": months},
            "metadata": metadata,
            **self._taxed(price),
        }
        params: Params = {"customer": customer, "phases": [phase], "end_behavior": end, "start_date": "now"}
        return self.v1.subscription_schedules.create(params).id

    def sell(self, customer: str, price: str, quantity: int = 1, **more: Any) -> str:
        """A one-off order, charged at once. Gives the invoice's id."""
        sold = PRICES[price]
        bill: Params = {"customer": customer, "currency": sold.currency, **self._taxed(price), **more}
        invoice = self.v1.invoices.create(bill).id
        line: Params = {"pricing": {"price": self.price(price)}, "quantity": quantity}
        self.v1.invoices.add_lines(invoice, {"lines": [line]})
        self.v1.invoices.finalize_invoice(invoice)
        self.v1.invoices.pay(invoice)
        return invoice

    def sell_to_guest(self, email: str, name: str, price: str, quantity: int = 1) -> str:
        """An order paid on a checkout page by somebody who is no customer. Gives the payment intent's id."""
        line: Params = {"price": self.price(price), "quantity": quantity}
        if rates := self._taxed(price):
            line["tax_rates"] = rates["default_tax_rates"]
        session = self.v1.checkout.sessions.create({"mode": "payment", "line_items": [line]}).id
        body = json.dumps({"email": email, "name": name}).encode()
        headers = {"Content-Type": "application/json"}
        pay = urllib.request.Request(f"{self._base}/_fake/checkout/{session}", body, headers, method="POST")
        with urllib.request.urlopen(pay, timeout=60) as answer:
            return str(json.load(answer)["payment_intent"])

    def give_back(self, payment_intent: str, amount: int | None = None) -> None:
        """Give money back, all of it or so many minor units."""
        params: Params = {"payment_intent": payment_intent}
        self.v1.refunds.create(params if amount is None else {**params, "amount": amount})

    def refund(self, invoice: str, amount: int | None = None) -> None:
        """Give money of a paid order back, all of it or so many minor units."""
        paid = self.v1.invoice_payments.list({"invoice": invoice}).data[0]
        self.give_back(str(paid.payment.payment_intent), amount)

    def cancel_at_period_end(self, subscription: str) -> None:
        """Let a subscription end when what is paid for is over."""
        self.v1.subscriptions.update(subscription, {"cancel_at_period_end": True})

    def coupon(self, percent: int, months: int) -> str:
        """So much off for a few months. Gives the id."""
        return self.v1.coupons.create(
            {"percent_off": percent, "duration": "repeating", "duration_in_months": months, "name": f"{percent}% off"}
        ).id

    # The catalogue

    def price(self, key: str) -> str:
        """Id of a price of the catalogue."""
        if key not in self._prices:
            self._prices[key] = self._make_price(PRICES[key])
        return self._prices[key]

    def _make_price(self, price: Price) -> str:
        params: Params = {
            "currency": price.currency,
            "unit_amount": price.amount,
            "product_data": {"name": PRODUCTS[price.product]},
            "tax_behavior": "inclusive",
        }
        if price.interval:
            params["recurring"] = {"interval": price.interval}
        return self.v1.prices.create(params).id

    def _taxed(self, key: str) -> Params:
        """British VAT, included in what is sold in pounds."""
        if PRICES[key].currency != "gbp":
            return {}
        if not self._vat:
            vat: Params = {"display_name": "VAT", "percentage": 20, "inclusive": True, "country": "GB"}
            self._vat = self.v1.tax_rates.create(vat).id
        return {"default_tax_rates": [self._vat]}
