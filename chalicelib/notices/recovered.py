"""A bill whose payment had failed was paid: by the customer here, days later by their bank, or by a try of Stripe."""

from chalicelib.billing.bills import settled
from chalicelib.billing.intents import BillingEvent
from chalicelib.billing.pay import recovered
from chalicelib.billing.ports import Mirror
from chalicelib.notices.payment_failed import FailedBills
from chalicelib.notices.watching import mailbox


def told_of(holder: str, bill_id: str, failed: FailedBills, mirror: Mirror, now: float) -> BillingEvent | None:
    """What to publish of a bill Stripe says was paid; None when it never failed, or Stripe took no money for it.

    `now` in UTC epoch seconds.
    """
    if failed.find(holder, bill_id) is None:
        return None
    bill, home = mirror.bill(holder, bill_id), mirror.home(holder, fresh=True)
    if bill is None or home is None or bill.status != "paid" or not bill.subscription:
        return None
    if not any(payment.status == "succeeded" for payment in settled(bill)):
        return None
    return recovered(bill_id, mailbox(home.customer.email), holder, bill.subscription, now)
