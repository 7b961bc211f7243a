"""The whole local stack: emulated AWS, local Stripe, the portal between them, and one clock for all."""

from collections.abc import Sequence

from local.children import Child
from local.clock import SharedClock
from local.demo.people import PEOPLE
from local.portal import LocalPortal
from local.stripe_process import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, StripeProcess

DAY = 86400


class Stack(LocalPortal):
    """All parts, started by `start` and stopped by `stop`. Nothing runs by itself until `run_in_background`."""

    imitates_stripe = True

    # Parts

    def _start_outside(self) -> None:
        super()._start_outside()
        self.stripe = StripeProcess(self.place.port + 1, self.place.folder / "stripe")
        self._running.callback(self.stripe.stop)

    def _load_portal(self) -> None:
        super()._load_portal()
        self.stripe.wait()
        self.stripe.forget_webhooks_but_to(self.webhook_url)
        self.clock = SharedClock(self.stripe)
        self.clock.follow()

    def provision(self) -> None:
        """As for every portal, and the webhooks."""
        super().provision()
        self.stripe.send_webhooks_to(self.webhook_url)

    def environment(self) -> dict[str, str]:
        """The portal’s environment with the local Stripe in it."""
        return super().environment() | {
            "STRIPE_SECRET_KEY": SECRET_KEY,
            "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": self.stripe.url,
            "STRIPE_JS_URL": f"{self.stripe.url}/endive/stripe.js",
        }

    # What people and tests do with it

    @property
    def webhook_url(self) -> str:
        """Where Stripe sends its events."""
        return f"{self.portal_url}/webhooks/stripe"

    def children(self) -> Sequence[Child]:
        """The child processes it needs to go on."""
        return (*super().children(), self.stripe.process)

    def scenarios(self) -> list[dict[str, str]]:
        """Demo mailboxes and what each shows."""
        return [{"mailbox": person.mailbox, "shows": person.shows} for person in PEOPLE]

    def settle(self) -> None:
        """Deliver webhooks and handle the queue until neither has anything left."""
        self.stripe.flush()
        while self.worker.drain():
            self.stripe.flush()

    def advance(self, duration: str) -> None:
        """Move time by an ISO 8601 duration, a day at a time, and run what falls due. Raises ValueError."""
        end = self.clock.later(duration)
        self.settle()
        while (now := int(self.clock.now())) < end:
            self.clock.move_to(min(end, now + DAY))
            self.worker.bring_back()
            self.settle()
            self.jobs.run_due()
        self.settle()
