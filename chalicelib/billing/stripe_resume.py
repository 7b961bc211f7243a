"""What going on with an ended plan needs of Stripe: a subscription like it over the instalments never billed."""

from collections.abc import Sequence

from chalicelib.billing.stripe_payoff import StripePayoff, rates_of
from chalicelib.billing.translate_json import Json
from chalicelib.billing.translate_subscription import CONTINUES

# Marks of what was done to the ended one; they do not hold for the new.
NOT_TAKEN_ALONG = {"tillkey_cancel"}


class StripeResume(StripePayoff):
    """Continuations, known by their metadata."""

    def continuation(self, customer: str, plan: str) -> str:
        """https://docs.stripe.com/api/subscriptions/list (status "all" brings ended ones)"""
        rows = self.calls.pages("/v1/subscriptions", customer=customer, status="all")
        known = ((row["id"], (row.get("metadata") or {}).get(CONTINUES, "").split()) for row in rows)
        return next((str(found) for found, earlier in known if plan in earlier), "")

    def continue_plan(self, plan: str, earlier: Sequence[str], first: int, ends: int, card: str, key: str) -> str:
        """https://docs.stripe.com/api/subscriptions/create; without prorations the time until the anchor is free and
        makes no invoice (https://docs.stripe.com/billing/subscriptions/billing-cycle#new-subscriptions)."""
        before = self.calls.read(f"/v1/subscriptions/{plan}") or {}
        kept = {name: text for name, text in before["metadata"].items() if name not in NOT_TAKEN_ALONG}
        made = self.calls.write(
            "/v1/subscriptions",
            key,
            customer=before["customer"],
            currency=before["currency"],
            items=[_item(row) for row in before["items"]["data"]],
            default_tax_rates=rates_of(before, "default_tax_rates"),
            default_payment_method=card,
            billing_cycle_anchor=first,
            cancel_at=ends,
            proration_behavior="none",
            metadata={**kept, "tillkey": "plan", CONTINUES: " ".join(earlier)},
            **({"description": before["description"]} if before.get("description") else {}),
        )
        return str(made["id"])


def _item(row: Json) -> Json:
    rates = rates_of(row)
    return {"price": row["price"]["id"], "quantity": row["quantity"], **({"tax_rates": rates} if rates else {})}
