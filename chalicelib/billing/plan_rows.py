"""The instalments of a plan that were already billed."""

from collections.abc import Sequence

from chalicelib.billing.bills import receipt_ref, settled, standing
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.instalments import Instalment

# Only these bill an instalment; changes, one-off fees and thresholds do not.
# https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason
INSTALMENT_REASONS = {"subscription_create", "subscription_cycle"}


def billed(bills: Sequence[Bill]) -> tuple[tuple[Bill, ...], int]:
    """The bills that are instalments, oldest first, and how many were voided: forgiven, out of the count.

    A trial's zero bill is none; a draft is one, Stripe charges it within the hour.
    """
    candidates = [b for b in bills if b.reason in INSTALMENT_REASONS and (b.subtotal > 0 or b.total > 0)]
    made = sorted((b for b in candidates if b.status != "void"), key=lambda b: (b.created, b.id))
    return tuple(made), len(candidates) - len(made)


def row(number: int | None, bill: Bill) -> Instalment:
    """One line of the instalment table; without a number the bill that paid all the rest."""
    word, tone = standing(bill)
    if number is None and word == "Paid":
        word = "Paid off"
    paid = settled(bill)
    receipt = receipt_ref(bill, paid[0] if paid else None)
    return Instalment(number, due=bill.created, amount=bill.total, word=word, tone=tone, receipt=receipt)
