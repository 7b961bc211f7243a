"""What paying the rest of a plan at once needs of Stripe: a bill of its own, and the end of the plan."""

from collections.abc import Sequence

from chalicelib.billing.ports import Payoff
from chalicelib.billing.stripe_reader import StripeReader
from chalicelib.billing.translate_bill import PAYS_DUE, PAYS_OFF
from chalicelib.billing.translate_json import Json, epoch

ATTEMPT = "tillkey_attempt"


class StripePayoff(StripeReader):
    """Bills over the rest of a plan, known by their metadata."""

    def payoffs(self, customer: str, plan: str) -> tuple[Payoff, ...]:
        """https://docs.stripe.com/api/invoices/list: all of the customer's, for they belong to no subscription."""
        rows = self.calls.pages("/v1/invoices", customer=customer)
        return tuple(_payoff(row) for row in rows if (row.get("metadata") or {}).get(PAYS_OFF) == plan)

    def unpaid_bills(self, subscription: str) -> tuple[str, ...]:
        """https://docs.stripe.com/api/invoices/list: drafts first, then open ones."""
        found: list[str] = []
        for status in ("draft", "open"):
            found += [row["id"] for row in self.calls.pages("/v1/invoices", subscription=subscription, status=status)]
        return tuple(found)

    def start_payoff(self, customer: str, plan: str, currency: str, attempt: str, due: int, key: str) -> str:
        """https://docs.stripe.com/api/invoices/create: an empty draft that does nothing by itself."""
        made = self.calls.write(
            "/v1/invoices",
            key,
            customer=customer,
            currency=currency,
            auto_advance=False,
            collection_method="charge_automatically",
            pending_invoice_items_behavior="exclude",
            metadata={PAYS_OFF: plan, ATTEMPT: attempt, **({PAYS_DUE: str(due)} if due else {})},
        )
        return str(made["id"])

    def fill_payoff(self, bill: str, plan: str, lines: Sequence[tuple[str, int]], key: str) -> int:
        """https://docs.stripe.com/api/invoices/add_lines, taxed as the plan is."""
        data = self.calls.read(f"/v1/subscriptions/{plan}") or {}
        rates = rates_of(data["items"]["data"][0]) or rates_of(data, "default_tax_rates")
        taxed: Json = {"tax_rates": rates} if rates else {}
        rows = [{"description": words, "amount": net, "discountable": False, **taxed} for words, net in lines]
        return int(self.calls.write(f"/v1/invoices/{bill}/add_lines", key, lines=rows)["amount_due"])

    def finalize(self, bill: str, key: str) -> str:
        """https://docs.stripe.com/api/invoices/finalize"""
        return str(self.calls.write(f"/v1/invoices/{bill}/finalize", key, auto_advance=False)["status"])

    def void(self, bill: str, key: str) -> None:
        """https://docs.stripe.com/api/invoices/void"""
        self.calls.write(f"/v1/invoices/{bill}/void", key)

    def delete_draft(self, bill: str, key: str) -> None:
        """https://docs.stripe.com/api/invoices/delete"""
        self.calls.delete(f"/v1/invoices/{bill}", key)

    def skip_until(self, subscription: str, until: int, key: str) -> None:
        """https://docs.stripe.com/billing/subscriptions/pause-payment (behavior void, resumes_at)"""
        paused = {"behavior": "void", "resumes_at": until}
        self.calls.write(f"/v1/subscriptions/{subscription}", key, pause_collection=paused)

    def end_plan(self, subscription: str, schedule: str, key: str) -> None:
        """Canceling a schedule cancels its subscription (https://docs.stripe.com/api/subscription_schedules/cancel)."""
        if schedule:
            self.calls.write(f"/v1/subscription_schedules/{schedule}/cancel", key, invoice_now=False, prorate=False)
        else:
            self.calls.delete(f"/v1/subscriptions/{subscription}", key, invoice_now=False, prorate=False)


def _payoff(row: Json) -> Payoff:
    return Payoff(
        id=row["id"],
        status=row["status"],
        amount=row["amount_due"],
        attempt=row["metadata"].get(ATTEMPT, ""),
        tried=bool(row["attempt_count"]),
        filled=bool(row["lines"]["data"]),
        due=epoch(row, "metadata", PAYS_DUE) or 0,
    )


def rates_of(data: Json, name: str = "tax_rates") -> list[str]:
    """Ids of the tax rates that a subscription or one of its items names."""
    return [rate["id"] for rate in data.get(name) or ()]
