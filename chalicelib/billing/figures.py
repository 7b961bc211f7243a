"""What an attempt that is over means in figures."""

from collections import Counter

from chalicelib import metrics
from chalicelib.billing.intents import Intent, Outcome


def count(intent: Intent, outcome: Outcome) -> None:
    """Cancellations, cancellations taken back, and money that came in after it had failed (minor units)."""
    if outcome.status == "not_done":
        return
    if intent.kind in {"cancel", "undo"}:
        metrics.count("cancels" if intent.kind == "cancel" else "cancels_undone")
    if intent.kind in {"pay_off", "pay_next"}:
        return
    recovered: Counter[str] = Counter()
    for bill in outcome.bills:
        if bill.status == "paid":
            recovered[bill.currency] += bill.amount
    for currency, amount in recovered.items():
        metrics.count("recovered", amount, currency=currency)
