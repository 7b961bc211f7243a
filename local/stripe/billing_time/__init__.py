"""The time side: subscriptions and schedules begin, renew, change, fail to be paid, and end.

`turning.turn` does whatever is due for one subscription at one moment; `planning.plan` says when that is next.
The money side calls `after_payment` and `after_failure`, and asks `upcoming_lines` what the next invoice holds.
"""

from local.stripe.billing_time import notices, turning
from local.stripe.billing_time.dunning import after_failure, after_payment, while_processing
from local.stripe.billing_time.upcoming import upcoming_lines

# Loaded for what they do when it falls due.
FALLING_DUE = (notices, turning)

__all__ = ["FALLING_DUE", "after_failure", "after_payment", "upcoming_lines", "while_processing"]
