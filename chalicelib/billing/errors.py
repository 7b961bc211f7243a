"""Troubles with billing, named for what they mean to the customer. The Stripe adapter raises only these."""

from chalicelib.errors import PortalError


class StripeUnavailable(PortalError):
    """Stripe is down, slow or limiting us, and we know the action was not done (or it only read)."""

    status = 503
    title = "Our payment provider isn’t answering"
    say = "Nothing was changed and nothing was charged. Please try again in a few minutes."
    retry_after = 60


class KeyTooNarrow(StripeUnavailable):
    """The restricted key may not do this (docs/stripe-permissions.md); only the merchant can mend it."""


class OutcomeUnknown(PortalError):
    """The call may have taken effect; the sweep finds out. The same attempt may be repeated, never a new one."""

    status = 503
    title = "Still being confirmed"
    say = (
        "We asked our payment provider, but haven’t heard back yet. Nothing will be done twice. "
        "This page shows the result within a few minutes; you don’t need to do anything."
    )
    retry_after = 60


class StillMoving(PortalError):
    """Others kept writing newer readings of the same object; it is read again later from the queue."""

    status = 503
    title = "One moment"
    say = "This is changing right now. Please look again in a few seconds."
    retry_after = 5


class Declined(PortalError):
    """The card was refused. `decline_code` is Stripe's; the page explains it in plain words."""

    status = 402
    title = "The card was declined"
    say = "Nothing was charged."

    def __init__(self, decline_code: str = "") -> None:
        super().__init__()
        self.decline_code = decline_code


class NotPossible(PortalError):
    """Stripe refused the action in the object's present state; the page is read again and explains."""

    status = 409
    title = "That’s no longer possible"
    say = "Something changed in the meantime. Nothing was done; have a look at the current state and try again."
