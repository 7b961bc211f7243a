"""The reading half of the gateway (see `ports.py`), Stripe API version 2026-10-28.endive."""

import contextlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.billing import translate, translate_checkout
from chalicelib.billing.errors import KeyTooNarrow
from chalicelib.billing.facts import CardFacts, CustomerFacts, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.inbox import hint_from_event
from chalicelib.billing.ports import EventHint
from chalicelib.billing.secrets import Secrets
from chalicelib.billing.translate_json import Json
from chalicelib.config import Config

if TYPE_CHECKING:
    from chalicelib.billing.stripe_calls import StripeCalls


class StripeReader:
    """The reading half: single objects for the mirror, lists for filling and repairing it."""

    def __init__(self, config: Config, secrets: Secrets) -> None:
        self._config, self._secrets = config, secrets

    @cached_property
    def calls(self) -> "StripeCalls":
        """The client; imported and built by the first call, for pages never need it."""
        from chalicelib.billing.stripe_calls import StripeCalls

        return StripeCalls(self._config, self._secrets)

    def customer(self, customer: str) -> CustomerFacts | None:
        """https://docs.stripe.com/api/customers/retrieve"""
        data = self.calls.read(f"/v1/customers/{customer}")
        return translate.customer(data) if data and not data.get("deleted") else None

    def find_customers(self, addresses: Sequence[str]) -> tuple[CustomerFacts, ...]:
        """List filters by exact spelling, search by any; search is refused in some regions and may lag."""
        found: dict[str, Json] = {}
        for address in addresses:
            found |= {c["id"]: c for c in self.calls.pages("/v1/customers", email=address)}
        quoted = addresses[0].replace("\\", "\\\\").replace("'", "\\'")
        searched = self.calls.refused_or("/v1/customers/search", query=f"email:'{quoted}'", limit=100)
        found |= {c["id"]: c for c in searched}
        return tuple(map(translate.customer, found.values()))

    def subscription(self, subscription: str) -> SubscriptionFacts | None:
        """https://docs.stripe.com/api/subscriptions/retrieve"""
        data = self.calls.read(f"/v1/subscriptions/{subscription}", expand=[*translate.EXPAND_SUBSCRIPTION])
        if data is None:
            return None
        return translate.subscription(data, pending_items=self._pending(data["customer"]))

    def schedule(self, schedule: str) -> ScheduleFacts | None:
        """https://docs.stripe.com/api/subscription_schedules/retrieve"""
        data = self.calls.read(f"/v1/subscription_schedules/{schedule}", expand=[*translate.EXPAND_SCHEDULE])
        return translate.schedule(data) if data else None

    def card(self, card: str) -> CardFacts | None:
        """https://docs.stripe.com/api/payment_methods/retrieve"""
        data = self.calls.read(f"/v1/payment_methods/{card}")
        return translate.card(data) if data and data.get("customer") else None

    def bill(self, bill: str) -> Bill | None:
        """An invoice by two calls or more, a bare charge with its checkout session by two, a free checkout by one."""
        if bill.startswith("in_"):
            return self._invoice(bill)
        if bill.startswith("cs_"):
            free = self.calls.read(f"/v1/checkout/sessions/{bill}", expand=[*translate_checkout.EXPAND_SESSION])
            return translate_checkout.session_order(self._all_sold(free)) if free else None
        charge = self.calls.read(f"/v1/charges/{bill}", expand=["refunds"])
        if charge is None:
            return None
        session = self._session_of(charge)
        if charge.get("customer"):
            return translate_checkout.customer_order(charge, session)
        return translate_checkout.guest_order(charge, session)

    def bill_of_charge(self, charge: str) -> str:
        """https://docs.stripe.com/api/invoice-payment/list"""
        data = self.calls.read(f"/v1/charges/{charge}")
        if data is None:
            return ""
        if not data.get("payment_intent"):
            return charge
        wanted = {"type": "payment_intent", "payment_intent": data["payment_intent"]}
        rows = list(self.calls.pages("/v1/invoice_payments", payment=wanted))
        return str(rows[0]["invoice"]) if rows else charge

    def bill_of_session(self, session: str) -> str:
        """https://docs.stripe.com/api/checkout/sessions/retrieve"""
        data = self.calls.read(f"/v1/checkout/sessions/{session}", expand=["payment_intent"])
        if data is None or data.get("customer") or data["mode"] != "payment":
            return ""
        if data.get("payment_intent"):
            return str(data["payment_intent"].get("latest_charge") or "")
        return session if data["payment_status"] == "no_payment_required" else ""

    def bills_of_guest(self, addresses: Sequence[str]) -> tuple[Bill, ...]:
        """https://docs.stripe.com/api/checkout/sessions/list (customer_details.email)

        Nothing lists or searches charges by address: those made without a session are known by their events only.
        """
        found: dict[str, Bill] = {}
        for address in addresses:
            wanted: Json = {"customer_details": {"email": address}, "status": "complete"}
            for row in self._sessions(**wanted, expand=[*translate_checkout.EXPAND_PAID]):
                if bill := translate_checkout.session_order(self._all_sold(row)):
                    found[bill.id] = bill
        return tuple(found.values())

    def subscriptions_of(self, customer: str) -> tuple[SubscriptionFacts, ...]:
        """https://docs.stripe.com/api/subscriptions/list (status "all" brings ended ones)"""
        expand = [*translate.EXPAND_SUBSCRIPTIONS]
        rows = list(self.calls.pages("/v1/subscriptions", customer=customer, status="all", expand=expand))
        names = self._names(translate.product_ids(subscriptions=rows))
        pending = self._pending(customer) if rows else []
        return tuple(translate.subscription(row, names, pending) for row in rows)

    def schedules_of(self, customer: str) -> tuple[ScheduleFacts, ...]:
        """https://docs.stripe.com/api/subscription_schedules/list"""
        expand = [*translate.EXPAND_SCHEDULES]
        rows = self.calls.pages("/v1/subscription_schedules", customer=customer, expand=expand)
        return tuple(map(translate.schedule, rows))

    def cards_of(self, customer: str) -> tuple[CardFacts, ...]:
        """https://docs.stripe.com/api/payment_methods/customer_list"""
        return tuple(map(translate.card, self.calls.pages(f"/v1/customers/{customer}/payment_methods")))

    def bills_of(self, customer: str) -> tuple[Bill, ...]:
        """Two lists, whatever their number: invoices with payments, and charges with refunds. A third of checkout
        sessions where a charge has no invoice."""
        rows = self.calls.pages("/v1/invoices", customer=customer, expand=[*translate.EXPAND_INVOICES])
        invoices = [self._whole(row) for row in rows if row["status"] != "draft"]
        charges = list(self.calls.pages("/v1/charges", customer=customer, expand=[*translate.EXPAND_CHARGES]))
        names = self._names(translate.product_ids(invoices=invoices))
        bare = translate.bare_charges(charges, invoices)
        settled = [translate.invoice_bill(row, charges, names) for row in invoices if row["status"] != "open"]
        # a list cannot reach PaymentIntents, which say why an open invoice waits
        waiting = [self.bill(row["id"]) for row in invoices if row["status"] == "open"]
        return (*settled, *(bill for bill in waiting if bill), *self._orders(customer, bare))

    def _orders(self, customer: str, bare: Sequence[Json]) -> tuple[Bill, ...]:
        """A customer's charges without invoice, each with the checkout session that brought it."""
        listed = self._sessions(customer=customer, expand=[*translate_checkout.EXPAND_SESSIONS]) if bare else ()
        sessions = {str(row["payment_intent"]): row for row in listed if row.get("payment_intent")}
        brought = [(charge, sessions.get(str(charge.get("payment_intent")))) for charge in bare]
        return tuple(translate_checkout.customer_order(c, self._all_sold(s) if s else None) for c, s in brought)

    def preview(self, subscription: str) -> tuple[int, str, int] | None:
        """https://docs.stripe.com/api/invoices/create_preview (reads only, though it is a POST)"""
        data = self.calls.ask("/v1/invoices/create_preview", subscription=subscription)
        if data is None:
            return None
        amount, currency, due = translate.preview(data)
        return (amount, currency, due) if due else None

    def events_since(self, created: int) -> tuple[EventHint, ...]:
        """https://docs.stripe.com/api/events/list"""
        rows = list(self.calls.pages("/v1/events", created={"gte": created}))
        return tuple(hint_from_event(row, self._config.livemode) for row in reversed(rows))

    def _invoice(self, bill: str) -> Bill | None:
        data = self.calls.read(f"/v1/invoices/{bill}", expand=[*translate.EXPAND_INVOICE])
        if data is None or not data.get("customer"):
            return None
        invoice, charges = self._whole(data), list[Json]()
        for intent in translate.intent_ids(invoice):
            charges += self.calls.pages("/v1/charges", payment_intent=intent, expand=[*translate.EXPAND_CHARGES])
        return translate.invoice_bill(invoice, charges, self._names(translate.product_ids(invoices=[invoice])))

    def _session_of(self, charge: Json) -> Json | None:
        """The checkout session a charge was made by, if any: the list finds it by the PaymentIntent."""
        intent, expand = charge.get("payment_intent"), [*translate_checkout.EXPAND_SESSIONS]
        if not intent:
            return None
        found = next(self._sessions(payment_intent=intent, expand=expand), None)
        return self._all_sold(found) if found else None

    def _sessions(self, **by: Any) -> Iterator[Json]:
        """None for a key that may not read them: guests then wait, and customers go on."""
        with contextlib.suppress(KeyTooNarrow):
            yield from self.calls.pages("/v1/checkout/sessions", **by)

    def _all_sold(self, session: Json) -> Json:
        """The session with all its lines: it carries the first ones."""
        lines = session.get("line_items") or {}
        if not lines.get("has_more"):
            return session
        expand = [*translate_checkout.EXPAND_LINES]
        every = list(self.calls.pages(f"/v1/checkout/sessions/{session['id']}/line_items", expand=expand))
        return {**session, "line_items": {"object": "list", "data": every, "has_more": False}}

    def _whole(self, invoice: Json) -> Json:
        """The invoice with all its lines: it carries the first ten (https://docs.stripe.com/api/invoice-line-item)."""
        if not invoice["lines"]["has_more"]:
            return invoice
        lines = list(self.calls.pages(f"/v1/invoices/{invoice['id']}/lines"))
        return {**invoice, "lines": {"object": "list", "data": lines, "has_more": False}}

    def _names(self, products: Sequence[str]) -> dict[str, str]:
        names: dict[str, str] = {}
        for start in range(0, len(products), 100):
            wanted = list(products[start : start + 100])
            names |= {p["id"]: p["name"] for p in self.calls.pages("/v1/products", ids=wanted)}
        return names

    def _pending(self, customer: Any) -> list[Json]:
        return list(self.calls.pages("/v1/invoiceitems", customer=str(customer), pending=True))
