"""How often cards may be tried, so that nobody tests stolen ones here. Canceling and reading are never counted.

A card form is what such people are after: each may cost one call to Stripe to open, and one to look at when it is said
to be filled in. Both together stay within ten a day and customer. What succeeded does not count, forms apart: whoever
has many subscriptions may change the card of each.
"""

import logging
import math

from chalicelib import clock
from chalicelib.access.throttle import Counters, Limit, Throttle
from chalicelib.errors import Busy, NotFound, PauseNeeded

log = logging.getLogger(__name__)
HOUR, DAY = 3600, 86400
# one a day less than may be looked at, so that a card saved in the last form can always be used
FORMS = (Limit(5, HOUR), Limit(9, DAY))
FILLED = (Limit(10, DAY),)
CHARGES = (Limit(5, HOUR), Limit(10, DAY))
LOOKS = (Limit(20, HOUR),)

FORM_SAYS = (
    "The card form was opened so often that we pause it for a while, so that nobody can try out stolen cards here. "
    "Nothing was charged and nothing has changed. You can add a card again in {wait}; "
    "until then you can use a card that is saved already."
)
CHARGE_SAYS = (
    "This didn’t go through several times in a row, so we pause it before your bank blocks the card. "
    "This time nothing was charged and nothing has changed. You can try again in {wait}."
)


class CardTries:
    """Counts tries with cards, per Stripe customer or item. Raises PauseNeeded, which says how long."""

    def __init__(self, counters: Counters) -> None:
        self._counters, self._throttle = counters, Throttle(counters)

    def open_form(self, holder: str) -> None:
        """Count one card form of this customer."""
        self._count(_cards(holder), FORMS, FORM_SAYS)

    def opened(self, holder: str, item: str, setup: str) -> None:
        """Remember for a day that this form (its SetupIntent) was opened here."""
        self._counters.replace(_form(holder, item, setup), None, (), clock.now() + DAY)

    def look_at_form(self, holder: str, item: str, setup: str) -> None:
        """Count one look at a form that was opened here for this item. Raises NotFound for any other, uncounted."""
        if self._counters.times(_form(holder, item, setup)) is None:
            raise NotFound
        self._count(_cards(holder), FILLED, FORM_SAYS)

    def form_succeeded(self, holder: str) -> None:
        """The look led to a card in use: it no longer counts."""
        self._give_back(_cards(holder))

    def charge(self, item: str) -> None:
        """Count one payment, or one change of card, of this item."""
        self._count(_charges(item), CHARGES, CHARGE_SAYS)

    def charge_succeeded(self, item: str) -> None:
        """It no longer counts."""
        self._give_back(_charges(item))

    def may_look(self, item: str) -> bool:
        """May Stripe be asked now what became of this item's payment? Later its events tell, too."""
        return self._throttle.allow(f"looks:{item}", LOOKS)

    def _count(self, key: str, limits: tuple[Limit, ...], say: str) -> None:
        seconds = math.ceil(self._throttle.wait(key, limits))
        if seconds:
            raise PauseNeeded(say.format(wait=in_words(seconds)), seconds)

    def _give_back(self, key: str) -> None:
        """What is done is done: that a count stays too high must not make a failure of it."""
        try:
            self._throttle.give_back(key)
        except Busy:
            log.warning("a try that succeeded still counts")


def in_words(seconds: int) -> str:
    """A wait as people say it, never less than it is: "1 minute", "42 minutes", "5 hours"."""
    minutes = math.ceil(seconds / 60)
    many, unit = (minutes, "minute") if minutes <= 90 else (math.ceil(minutes / 60), "hour")
    return f"{many} {unit}" if many == 1 else f"{many} {unit}s"


def _cards(holder: str) -> str:
    return f"cards:{holder}"


def _form(holder: str, item: str, setup: str) -> str:
    return f"card form:{holder} {item} {setup}"


def _charges(item: str) -> str:
    return f"charges:{item}"
