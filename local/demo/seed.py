"""Seeding: let every demo person's story happen at the local Stripe, in order of time, from years ago until now."""

import heapq
import itertools
import time

from local.demo.people import PEOPLE
from local.demo.shop import Shop
from local.stripe_process import SECRET_KEY, StripeProcess

YEARS_BACK = 6
DAY = 86400


def seed(stripe: StripeProcess) -> None:
    """Empty the local Stripe, start it years ago and bring it back to now, with everybody's purchases on the way.

    Nothing is delivered meanwhile: the portal meets these customers as a new installation meets a merchant's old ones.
    """
    today = int(time.time())
    began = today - YEARS_BACK * 365 * DAY
    stripe.reset(at=began)
    shop = Shop(SECRET_KEY, stripe.url)
    order = itertools.count()
    waiting = [(began, next(order), person.story(shop)) for person in PEOPLE]
    heapq.heapify(waiting)
    while waiting:
        moment, _, story = heapq.heappop(waiting)
        stripe.move_to(moment)
        days_ago = next(story, None)
        if days_ago is not None:
            heapq.heappush(waiting, (max(moment, today - int(days_ago * DAY)), next(order), story))
    stripe.move_to(int(time.time()))
