"""One time for the portal and the local Stripe: real time plus what it was moved by."""

import time

from chalicelib import clock as portal_clock
from local.stripe.clock import after
from local.stripe_process import StripeProcess


class SharedClock:
    """The stack's time. Moves forward only."""

    def __init__(self, stripe: StripeProcess) -> None:
        self._stripe = stripe
        self._moved_by = 0
        portal_clock.use(self.now)

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self._moved_by

    def follow(self) -> None:
        """Take over the local Stripe's time, which it keeps over restarts."""
        self._moved_by = self._stripe.moved_by()

    def later(self, duration: str) -> int:
        """The moment an ISO 8601 duration from now. Raises ValueError when it cannot be read."""
        return after(int(self.now()), duration)

    def move_to(self, moment: int) -> None:
        """Move both clocks. Ours first: an event signed with the new time must not look as if from the future."""
        self._moved_by += max(0, moment - int(self.now()))
        self._stripe.move_to(moment)
        self.follow()
